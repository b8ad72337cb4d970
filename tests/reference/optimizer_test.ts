import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { adamStep, freshAdamState, isExemptFromDecay } from "./adam.ts";

function near(actual: number, wanted: number): void {
  assert.ok(
    Math.abs(actual - wanted) <= 1e-6 * Math.abs(wanted),
    `${actual}, not ${wanted}`,
  );
}

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
