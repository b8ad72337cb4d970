import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { flatCosine, oneCycle } from "../../../pipeline/training/schedule.ts";
import { assertClose } from "../../helpers/closeness.ts";

/** Asserts a relative difference of at most half a unit in the last printed digit. */
function assertPrinted(actual: number, printed: string): void {
  const digits = printed.replace(/e.*/, "").replace(/^0\.0*|\./g, "").length;
  assert.equal(
    Number(actual.toPrecision(digits)),
    Number(printed),
    `${actual} is not ${printed}`,
  );
}

describe("oneCycle", () => {
  const steps = 25 * 1582;
  const published: [step: number, learningRate: string, momentum: string][] = [
    [0, "1.32e-4", "0.95"],
    [5000, "1.74430857e-3", "0.89910642"],
    [9888, "3.3e-3", "0.85"],
    [20000, "2.44072585e-3", "0.87603887"],
    [39549, "3.300925e-8", "0.95"],
  ];
  for (const [step, learningRate, momentum] of published) {
    it(`has fastai's rates at step ${step} of the authors' run`, () => {
      const rates = oneCycle(step, steps, 0.0033);
      assertPrinted(rates.learningRate, learningRate);
      assertPrinted(rates.momentum, momentum);
    });
  }

  it("peaks after a quarter of the steps, with the momentum at its lowest", () => {
    const rates = Array.from(
      { length: 40 },
      (_, step) => oneCycle(step, 40, 1),
    );
    for (let step = 1; step < 40; step++) {
      const [before, now] = [rates[step - 1], rates[step]];
      const rises = step <= 10;
      assert.equal(now.learningRate > before.learningRate, rises, `${step}`);
      assert.equal(now.momentum < before.momentum, rises, `${step}`);
    }
    assert.deepEqual(rates[10], { learningRate: 1, momentum: 0.85 });
  });

  it("starts at the lowest rate of the rise, even if there is one step", () => {
    assertClose(oneCycle(0, 1, 0.5).learningRate, 0.02, 1e-12);
  });
});

describe("flatCosine", () => {
  const steps = 1400;
  const published: [step: number, learningRate: string][] = [
    [0, "1.5e-6"],
    [839, "1.5e-6"],
    [1100, "8.3398e-7"],
    [1399, "2.68e-11"],
  ];
  for (const [step, learningRate] of published) {
    it(`has fastai's rate at step ${step} of an annealing cycle`, () => {
      const rates = flatCosine(step, steps, 1.5e-6);
      assertPrinted(rates.learningRate, learningRate);
      assert.equal(rates.momentum, 0.9);
    });
  }

  it("is flat for 60 % of the steps and falls after", () => {
    const rates = Array.from(
      { length: 50 },
      (_, step) => flatCosine(step, 50, 1).learningRate,
    );
    assert.deepEqual(rates.slice(0, 31), Array(31).fill(1));
    for (let step = 31; step < 50; step++) {
      assert.ok(rates[step] < rates[step - 1], `${step}`);
    }
  });
});
