import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { BootstrapResult } from "../../../pipeline/evaluation/measures.ts";
import {
  type ComparedMethod,
  compareMethods,
  comparisonTable,
} from "../../../pipeline/report/comparison.ts";
import { plainTable } from "../../../pipeline/report/render_tables.ts";
import { assertClose } from "../../helpers/closeness.ts";

const figure = (value: number, replicates: (number | null)[]) => ({
  value,
  low: null,
  high: null,
  replicates,
});

function method(
  label: string,
  level: number,
  replicates?: (number | null)[],
  change: Partial<BootstrapResult> = {},
): ComparedMethod {
  const names = ["easy", "hard", "tough", "mean"].map((x) => `matching.${x}`);
  return {
    label,
    splits: {
      a: { matching: { easy: level, hard: level, tough: level, mean: level } },
    },
    bootstrap: replicates === undefined ? {} : {
      a: {
        replicates: replicates.length,
        seed: 1,
        sequences: ["i_x", "v_y"],
        figures: Object.fromEntries(
          names.map((name) => [name, figure(level, replicates)]),
        ),
        ...change,
      },
    },
    pairs: {},
  };
}

describe("compareMethods", () => {
  it("pairs the draws, so that what both have in common cancels", () => {
    const a = method("A", 0.5, [0.2, 0.5, 0.8, null]);
    const b = method("B", 0.6, [0.3, 0.6, 0.9, 0.1]);
    const [{ title, figures, withoutInterval }] = compareMethods(a, b);
    assert.equal(title, "Split a");
    assert.equal(withoutInterval, undefined);
    assert.equal(figures.length, 4);
    assertClose(figures[3].difference, 0.1, 1e-12);
    assertClose(figures[3].interval, { low: 0.1, high: 0.1 }, 1e-12);
    const table = plainTable(
      comparisonTable(compareMethods(a, b)[0], "A", "B", false),
    );
    assert.match(
      table,
      /matching\.mean +50\.00 +60\.00 +\+10\.00 +\+10\.00 … \+10\.00 +yes/,
    );
  });

  it("says why there is no interval", () => {
    const a = method("A", 0.5, [0.2, 0.5]);
    const reason = (b: ComparedMethod) => {
      const [comparison] = compareMethods(a, b);
      assert.ok(comparison.figures.every((one) => one.interval === undefined));
      return comparison.withoutInterval;
    };
    assert.equal(
      reason(method("B", 0.6)),
      "no intervals: evaluate both with --bootstrap",
    );
    assert.equal(
      reason(method("B", 0.6, [0.2, 0.5], { seed: 2 })),
      "no intervals: 2 replicates of seed 1 and 2 of seed 2 are not the same draws",
    );
    assert.equal(
      reason(method("B", 0.6, [0.2, 0.5], { sequences: ["i_x", "v_z"] })),
      "no intervals: the sequences are not the same",
    );
  });

  it("has no interval for a figure whose draws a file does not have", () => {
    const a = method("A", 0.5, [0.2, 0.5]);
    for (const figures of [{}, { "matching.mean": figure(0.6, []) }]) {
      const b = method("B", 0.6, [0.3, 0.6], { figures });
      for (const [first, second] of [[a, b], [b, a]]) {
        const [comparison] = compareMethods(first, second);
        assert.equal(comparison.figures.length, 4);
        assert.ok(comparison.figures.every(({ interval }) => !interval));
      }
    }
  });

  it("leaves out what only one has, and means over other pool sizes", () => {
    const a = method("A", 0.5);
    const b = method("B", 0.5);
    const retrieval = (cut: number) => ({
      easy: { [cut]: 0.5 },
      hard: { [cut]: 0.5 },
      tough: { [cut]: 0.5 },
      mean: { [cut]: 0.5 },
    });
    a.splits.a.retrieval = retrieval(100);
    b.splits.a.retrieval = retrieval(500);
    b.splits.b = {};
    const comparisons = compareMethods(a, b);
    assert.deepEqual(comparisons.map(({ title }) => title), ["Split a"]);
    assert.ok(
      comparisons[0].figures.every(({ name }) => name.startsWith("matching")),
    );
    assert.deepEqual(comparisons[0].leftOut, [
      "without retrieval.mean: a mean over k = 100 does not compare with one over k = 500",
    ]);
    delete b.splits.a.matching;
    assert.equal(
      compareMethods(a, b)[0].leftOut[0],
      "without matching: only A has it",
    );
    b.splits.a.retrieval = retrieval(100);
    const names = compareMethods(a, b)[0].figures.map(({ name }) => name);
    assert.ok(names.includes("retrieval.mean"));
  });

  it("tells no difference from a loss", () => {
    const comparison = compareMethods(method("A", 0.5), method("B", 0.4))[0];
    comparison.figures[0].difference = 0;
    const { rows } = comparisonTable(comparison, "A", "B", true);
    assert.deepEqual(rows[0].slice(1), ["50.00", "40.00", "0.00"]);
    assert.deepEqual(rows[3].slice(1), ["50.00", "40.00", "−10.00"]);
  });
});
