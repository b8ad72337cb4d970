import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  checkGradient,
  dot,
  randomTensor,
} from "../helpers/gpu/gradient_check.ts";
import {
  batchNormBackward,
  batchNormForward,
  batchStatistics,
  updatedRunningStatistics,
} from "./batch_norm.ts";
import { conv2dBackward, conv2dForward } from "./conv2d.ts";
import { dropout } from "./dropout.ts";
import { frnBackward, frnForward } from "./frn.ts";
import { l2NormalizeBackward, l2NormalizeForward } from "./l2_normalize.ts";
import { tensorOf } from "./tensor.ts";
import { tluBackward, tluForward } from "./tlu.ts";

describe("reference conv2d", () => {
  const cases = [
    { side: 3, stride: 1, padding: 1 },
    { side: 3, stride: 2, padding: 1 },
    { side: 5, stride: 1, padding: 0 },
    { side: 1, stride: 2, padding: 0 },
  ];
  for (const { side, ...convolution } of cases) {
    it(`has the gradients of ${side}×${side}, stride ${convolution.stride}, padding ${convolution.padding}`, () => {
      const input = randomTensor("input", [3, 3, 5, 7]);
      const weight = randomTensor("weight", [2, 3, side, side]);
      const bias = randomTensor("bias", [2]);
      const forward = () => conv2dForward(input, weight, bias, convolution);
      const probe = randomTensor("probe", [...forward().shape]);
      const evaluate = () => dot(forward(), probe);
      const gradients = conv2dBackward(probe, input, weight, convolution);
      checkGradient("input", evaluate, input, gradients.inputGradient);
      checkGradient("weight", evaluate, weight, gradients.weightGradient);
      checkGradient("bias", evaluate, bias, gradients.biasGradient);
    });
  }

  it("gives figures that a reader can check by hand", () => {
    const input = tensorOf([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
    const weight = tensorOf([1, 1, 3, 3], [0, 0, 0, 1, 10, 100, 0, 0, 1000]);
    const output = conv2dForward(input, weight, tensorOf([1], [0.5]), {
      stride: 1,
      padding: 1,
    });
    assert.deepEqual(output.shape, [1, 1, 2, 3]);
    assert.deepEqual([...output.data], [
      5210.5,
      6321.5,
      32.5,
      540.5,
      654.5,
      65.5,
    ]);
    const strided = conv2dForward(input, weight, undefined, {
      stride: 2,
      padding: 1,
    });
    assert.deepEqual(strided.shape, [1, 1, 1, 2]);
    assert.deepEqual([...strided.data], [5210, 32]);
  });
});

describe("reference FRN", () => {
  it("has the gradients", () => {
    const input = randomTensor("input", [3, 3, 5, 7]);
    const scale = randomTensor("scale", [1, 3, 1, 1]);
    const offset = randomTensor("offset", [1, 3, 1, 1]);
    const epsilon = -0.05; // large, and negative as |ε| allows, so that its part is seen
    const probe = randomTensor("probe", [3, 3, 5, 7]);
    const evaluate = () =>
      dot(frnForward(input, scale, offset, epsilon), probe);
    const gradients = frnBackward(probe, input, scale, epsilon);
    checkGradient("input", evaluate, input, gradients.inputGradient);
    checkGradient("scale", evaluate, scale, gradients.scaleGradient);
    checkGradient("offset", evaluate, offset, gradients.offsetGradient);
  });

  it("divides by the root of the mean square plus epsilon", () => {
    const input = tensorOf([1, 1, 1, 2], [3, 4]);
    const output = frnForward(
      input,
      tensorOf([1], [2]),
      tensorOf([1], [1]),
      12.5,
    );
    assert.deepEqual([...output.data], [3 / 5 * 2 + 1, 4 / 5 * 2 + 1]);
  });
});

describe("reference TLU", () => {
  it("has the gradients", () => {
    const input = randomTensor("input", [3, 3, 5, 7]);
    const threshold = tensorOf([1, 3, 1, 1], [-0.5, 0.1, 0.7]);
    const probe = randomTensor("probe", [3, 3, 5, 7]);
    const evaluate = () => dot(tluForward(input, threshold), probe);
    const gradients = tluBackward(probe, input, threshold);
    checkGradient("input", evaluate, input, gradients.inputGradient);
    checkGradient(
      "threshold",
      evaluate,
      threshold,
      gradients.thresholdGradient,
    );
  });
});

describe("reference batch norm", () => {
  it("has the gradient through mean and variance", () => {
    const input = randomTensor("input", [5, 7]);
    const probe = randomTensor("probe", [5, 7]);
    const evaluate = () =>
      dot(batchNormForward(input, batchStatistics(input)), probe);
    checkGradient("input", evaluate, input, batchNormBackward(probe, input));
  });

  it("moves the running statistics a tenth of the way, with the unbiased variance", () => {
    const input = tensorOf([3, 1], [1, 2, 6]); // mean 3, variance 14/3, unbiased 7
    const running = { mean: tensorOf([1], [10]), variance: tensorOf([1], [1]) };
    const { mean, variance } = updatedRunningStatistics(running, input);
    assert.ok(Math.abs(mean.data[0] - 9.3) < 1e-12);
    assert.ok(Math.abs(variance.data[0] - 1.6) < 1e-12);
  });
});

describe("reference dropout", () => {
  it("keeps what the mask keeps, scaled, forward and backward", () => {
    const input = randomTensor("input", [3, 3, 5, 7]);
    const mask = Array.from(input.data, (_, index) => index % 3 === 0 ? 0 : 1);
    const output = dropout(input, mask, 0.3);
    assert.equal(output.data[0], 0);
    assert.equal(output.data[1], input.data[1] / 0.7);
    const probe = randomTensor("probe", [3, 3, 5, 7]);
    const evaluate = () => dot(dropout(input, mask, 0.3), probe);
    checkGradient("input", evaluate, input, dropout(probe, mask, 0.3));
  });
});

describe("reference L2 normalisation", () => {
  it("has the gradient", () => {
    const input = randomTensor("input", [5, 7]);
    const probe = randomTensor("probe", [5, 7]);
    const evaluate = () => dot(l2NormalizeForward(input), probe);
    checkGradient("input", evaluate, input, l2NormalizeBackward(probe, input));
  });

  it("leaves a zero row zero", () => {
    assert.deepEqual([
      ...l2NormalizeForward(tensorOf([2, 2], [0, 0, 3, 4])).data,
    ], [0, 0, 0.6, 0.8]);
  });
});
