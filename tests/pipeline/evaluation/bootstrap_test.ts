import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { fileURLToPath } from "node:url";
import {
  quantile,
  SequenceBootstrap,
} from "../../../pipeline/evaluation/bootstrap.ts";
import type { BootstrapResult } from "../../../pipeline/evaluation/measures.ts";
import { evaluateDescriptors } from "../../../pipeline/evaluation/evaluate_descriptors.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { assertClose } from "../../helpers/closeness.ts";

const golden = fileURLToPath(
  new URL("../../golden/evaluation/plain", import.meta.url),
);

async function bootstrapOf(seed: number): Promise<BootstrapResult> {
  const { bootstrap } = await evaluateDescriptors({
    descriptorsDirectory: join(golden, "descriptors"),
    tasksDirectory: join(golden, "tasks"),
    splits: ["x"],
    tasks: ["verification", "matching", "retrieval"],
    retrievalCuts: [5, 15],
    bootstrap: { replicates: 40, seed },
    log: silentLog,
  });
  return bootstrap!.x;
}

const nearest = (correct: number[]) => ({
  distance: new Float64Array(correct.length),
  index: new Uint32Array(correct.length),
  correct: Uint8Array.from(correct),
  ownIsNearest: Uint8Array.from(correct),
  tied: new Uint8Array(correct.length),
});

const image = { values: Float32Array.of(1), dimension: 1 };
const images = { reference: image, other: image };

describe("SequenceBootstrap", () => {
  it("brackets every figure, and repeats with the seed", async () => {
    const first = await bootstrapOf(3);
    assert.deepEqual(await bootstrapOf(3), first);
    const names = Object.keys(first.figures);
    assert.equal(names.length, 13 + 4 + 4 * 2 + 1);
    for (const [name, { value, low, high }] of Object.entries(first.figures)) {
      assert.ok(
        low! <= value + 1e-9 && value <= high! + 1e-9,
        `${name}: ${low} ${value} ${high}`,
      );
    }
    const other = await bootstrapOf(4);
    assert.notDeepEqual(
      other.figures["matching.mean"].replicates,
      first.figures["matching.mean"].replicates,
    );
  });

  it("weighs a sequence by how often it was drawn", () => {
    const sequences = ["i_a", "i_b", "v_c"];
    const figures = [0.2, 0.5, 0.9];
    const options = { replicates: 200, seed: 7 };
    const bootstrap = new SequenceBootstrap(sequences, options, "x");
    sequences.forEach((sequence, i) => {
      for (const noise of ["easy", "hard", "tough"] as const) {
        const value = figures[i];
        const figure = { value, low: value, high: value };
        const match = { image: 1, figure, nearest: nearest([1]), ...images };
        bootstrap.onMatching({ sequence, noise, ...match });
      }
      // The first sequence has two queries: it counts twice where it is drawn once.
      for (let query = 0; query < (i === 0 ? 2 : 1); query++) {
        for (const noise of ["easy", "hard", "tough"] as const) {
          const value = figures[i];
          bootstrap.onRetrieval({
            sequence,
            noise,
            cuts: [5],
            figures: [{ value, low: value, high: value }],
          });
        }
      }
    });
    const level = 1.6 / 3;
    const pool = { 5: 1.8 / 4 };
    const { figures: result } = bootstrap.result({
      matching: { easy: level, hard: level, tough: level, mean: level },
      retrieval: { easy: pool, hard: pool, tough: pool, mean: pool },
    });
    const means = new Set<string>();
    const pairs = new Set<string>();
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) {
        for (let c = 0; c < 3; c++) {
          const drawn = [a, b, c];
          const sum = (weight: (i: number) => number) =>
            drawn.reduce((total, i) => total + weight(i) * figures[i], 0) /
            drawn.reduce((total, i) => total + weight(i), 0);
          const mean = sum(() => 1).toFixed(6);
          means.add(mean);
          pairs.add(`${mean} ${sum((i) => i === 0 ? 2 : 1).toFixed(6)}`);
        }
      }
    }
    const { replicates, value } = result["matching.easy"];
    const ofQueries = result["retrieval.mean"].replicates;
    assert.equal(value, level);
    const seen = new Set<string>();
    replicates.forEach((replicate, at) => {
      const pair = `${replicate!.toFixed(6)} ${ofQueries[at]!.toFixed(6)}`;
      assert.ok(pairs.has(pair), pair);
      seen.add(replicate!.toFixed(6));
    });
    // 27 equally likely draws of ten kinds: 200 replicates meet them all.
    assert.deepEqual([...seen].sort(), [...means].sort());
    const average = replicates.reduce<number>((sum, x) => sum + x!, 0) / 200;
    assertClose(average, level, 0.05);
  });

  it("refuses a task that names a sequence outside of the split", () => {
    const bootstrap = new SequenceBootstrap(
      ["i_a"],
      { replicates: 2, seed: 1 },
      "x",
    );
    const figure = { value: 1, low: 1, high: 1 };
    assert.throws(
      () =>
        bootstrap.onMatching({
          sequence: "v_b",
          noise: "easy",
          image: 1,
          figure,
          nearest: nearest([1]),
          ...images,
        }),
      /^DataError: Cannot bootstrap over sequences: split x: found a task that names v_b, wanted/,
    );
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const evaluation = evaluateDescriptors({
      descriptorsDirectory: join(golden, "descriptors"),
      tasksDirectory: join(golden, "tasks"),
      splits: ["x"],
      tasks: ["verification"],
      bootstrap: { replicates: 100_000, seed: 1 },
      log: silentLog,
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(new Error("enough")), 200);
    await assert.rejects(evaluation, /enough/);
  });
});

describe("quantile", () => {
  it("interpolates, and is nothing for nothing", () => {
    const values = Float64Array.of(0, 10, 20);
    assert.equal(quantile(values, 0), 0);
    assert.equal(quantile(values, 0.25), 5);
    assert.equal(quantile(values, 1), 20);
    assert.equal(quantile(new Float64Array(0), 0.5), null);
  });
});
