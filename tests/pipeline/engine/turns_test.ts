import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Turns } from "../../../pipeline/engine/turns.ts";

const never = new AbortController().signal;

describe("Turns", () => {
  it("lets the lowest rank of those that wait go first, and other names pass", async () => {
    const turns = new Turns();
    const order: number[] = [];
    const first = await turns.take("GPU", 5, never);
    const waiting = [3, 1, 2].map(async (rank) => {
      using _turn = await turns.take("GPU", rank, never);
      order.push(rank);
      await Promise.resolve();
      order.push(rank);
    });
    using _other = await turns.take("CPU", 9, never);
    assert.deepEqual(order, []);
    first[Symbol.dispose]();
    await Promise.all(waiting);
    assert.deepEqual(order, [1, 1, 2, 2, 3, 3]);
    using _again = await turns.take("GPU", 0, never);
  });

  it("takes one that is aborted out of the queue", async () => {
    const turns = new Turns();
    const controller = new AbortController();
    const first = await turns.take("GPU", 0, never);
    const aborted = turns.take("GPU", 1, controller.signal);
    const patient = turns.take("GPU", 2, never);
    controller.abort(new Error("enough"));
    await assert.rejects(aborted, /enough/);
    await assert.rejects(turns.take("CPU", 1, controller.signal), /enough/);
    first[Symbol.dispose]();
    (await patient)[Symbol.dispose]();
  });
});
