import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { StepsAhead } from "../../../pipeline/training/steps_ahead.ts";

/** A GPU on which a step takes `handOverMs` of the caller's time and then `stepMs` of its own, and what waits for it. */
async function groups(
  steps: readonly { handOverMs?: number; stepMs: number }[],
  patchBytes = 1,
): Promise<number[]> {
  let nowMs = 0;
  let doneMs = 0;
  const ahead = new StepsAhead(() => nowMs);
  const sizes = [0];
  for (const { handOverMs = 1, stepMs } of steps) {
    nowMs += handOverMs;
    doneMs = Math.max(doneMs, nowMs) + stepMs;
    ahead.count(patchBytes);
    sizes[sizes.length - 1]++;
    if (!ahead.isEnough) continue;
    const answer = await ahead.wait(() => {
      nowMs = Math.max(nowMs, doneMs);
      return Promise.resolve("statistics");
    });
    assert.equal(answer, "statistics");
    sizes.push(0);
  }
  return sizes.slice(0, -1);
}

/** So many steps of one kind. */
const steps = (count: number, stepMs: number, handOverMs = 1) =>
  Array(count).fill({ stepMs, handOverMs });

describe("steps handed to the GPU", () => {
  it("are eight at most, after a first one that is waited for", async () => {
    assert.deepEqual(await groups(steps(25, 10)), [1, 8, 8, 8]);
    assert.deepEqual(await groups(steps(25, 0)), [1, 8, 8, 8]);
  });

  it("keep it busy for a second, or for one step that takes longer", async () => {
    assert.deepEqual(await groups(steps(9, 300)), [1, 4, 4]);
    assert.deepEqual(await groups(steps(5, 999)), [1, 2, 2]);
    assert.deepEqual(await groups(steps(3, 60_000)), [1, 1, 1]);
  });

  it("are not held back by an adapter that does them at once, however slowly", async () => {
    assert.deepEqual(await groups(steps(17, 5, 60_000)), [1, 8, 8]);
  });

  it("have 96 MiB of patches at most, or are one", async () => {
    const quick = steps(10, 10);
    const bytesOf = (patches: number) => patches * 64 * 64;
    assert.deepEqual(await groups(quick, bytesOf(2560 * 3)), [1, 3, 3, 3]);
    assert.deepEqual(await groups(quick, bytesOf(1024 * 3)), [1, 8]);
    assert.deepEqual(await groups(steps(2, 10), 2 ** 30), [1, 1]);
  });

  it("follow a GPU that slows down or catches up", async () => {
    assert.deepEqual(
      await groups([...steps(9, 100), ...steps(8, 900), ...steps(10, 100)]),
      [1, 8, 8, 2, 8],
    );
  });
});
