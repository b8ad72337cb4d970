import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { adamStep, freshAdamState, isExemptFromDecay } from "./adam.ts";
import { flatCosine, oneCycle } from "./schedule.ts";

function near(actual: number, wanted: number): void {
  assert.ok(
    Math.abs(actual - wanted) <= 1e-6 * Math.abs(wanted),
    `${actual}, not ${wanted}`,
  );
}

describe("reference schedules", () => {
  it("give the published check values of the one cycle", () => {
    const values: [number, number, number][] = [
      [0, 1.32e-4, 0.95],
      [5000, 1.74430857e-3, 0.89910642],
      [9888, 3.3e-3, 0.85],
      [20000, 2.44072585e-3, 0.87603887],
      [39549, 3.300925e-8, 0.95],
    ];
    for (const [step, learningRate, momentum] of values) {
      const rates = oneCycle(step, 25 * 1582, 0.0033);
      near(rates.learningRate, learningRate);
      near(rates.momentum, momentum);
    }
  });

  it("give the published check values of the flat cosine", () => {
    near(flatCosine(839, 1400, 1.5e-6).learningRate, 1.5e-6);
    assert.ok(
      Math.abs(flatCosine(1100, 1400, 1.5e-6).learningRate - 8.3398e-7) < 1e-11,
    );
    assert.ok(
      Math.abs(flatCosine(1399, 1400, 1.5e-6).learningRate - 2.68e-11) < 1e-13,
    );
    assert.equal(flatCosine(1399, 1400, 1.5e-6).momentum, 0.9);
  });
});

describe("reference Adam", () => {
  it("takes a first step of lr·sign(g), after the decay", () => {
    const parameter = new Float64Array([2, -3]);
    const step = {
      step: 1,
      learningRate: 0.1,
      momentum: 0.95,
      weightDecay: 0.1,
    };
    adamStep(parameter, new Float64Array([4, -0.5]), freshAdamState(2), step);
    near(parameter[0], 2 * 0.99 - 0.1 * 4 / (4 + 1e-5));
    near(parameter[1], -3 * 0.99 + 0.1 * 0.5 / (0.5 + 1e-5));
  });

  it("debiases with the momentum of the step", () => {
    const parameter = new Float64Array([0]);
    const state = freshAdamState(1);
    const rates = { learningRate: 0, weightDecay: 0 };
    adamStep(parameter, new Float64Array([1]), state, {
      ...rates,
      step: 1,
      momentum: 0.9,
    });
    adamStep(parameter, new Float64Array([3]), state, {
      step: 2,
      momentum: 0.5,
      learningRate: 1,
      weightDecay: 0,
    });
    const m = 0.5 * 0.1 + 0.5 * 3;
    const v = 0.99 * 0.01 + 0.01 * 9;
    near(
      parameter[0],
      -m / (1 - 0.25) / (Math.sqrt(v / (1 - 0.99 ** 2)) + 1e-5),
    );
  });

  it("exempts biases from decay and nothing else", () => {
    const names = [
      "features.0.2.bias",
      "features.0.0.bias",
      "features.0.2.weight",
      "features.0.1.tau",
    ];
    assert.deepEqual(names.map(isExemptFromDecay), [true, true, false, false]);
  });
});
