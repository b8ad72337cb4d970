import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import { accumulate } from "../../../../gpu/sums/accumulate.ts";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import {
  conv3x3WeightGradient,
  weightGradientParts,
} from "../../../../gpu/ops/convolution/conv3x3_weight_gradient.ts";
import { conv3x3FirstForward } from "../../../../gpu/ops/convolution/conv3x3_first.ts";
import { denseForward } from "../../../../gpu/ops/dense.ts";
import { denseWeightGradient } from "../../../../gpu/ops/dense_backward.ts";
import {
  winogradAddWeightGradient,
  winogradWeightGradient,
} from "../../../../gpu/ops/convolution/winograd_weight_gradient.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import {
  WinogradScratch,
  winogradWeightCount,
} from "../../../../gpu/winograd.ts";
import {
  fromActivations,
  fromConvolutionWeights,
  fromDenseWeights,
  toBorderedPlanes,
  toConvolutionWeights,
  toDenseWeights,
  transposed,
} from "../../../helpers/gpu/activation_layout.ts";
import { convolutionProblem } from "../../../helpers/gpu/convolution_problem.ts";
import {
  assertNear,
  bordered,
  exactTensor,
  openBench,
  otherWinogradTiles,
  slice,
  whole,
  withWinograd,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  assertStoredInHalves,
  describeHalves,
  emptyHalfActivation,
  halfActivation,
  halfTensor,
  largestHalf,
} from "../../../helpers/gpu/half_precision.ts";
import { conv2dBackward, conv2dForward } from "../../../reference/conv2d.ts";

const { gpu, arena, recorder, otherTiles } = await openBench();
const samples = 8;

/** Under the small tiles of a graphics card kernels compile in a fraction of the time, and no tile changes a result. */
const on = gpu.adapter.deviceClass === "software" ? otherTiles : recorder;

/** A convolution of 16 channels with inputs that 16 bits hold, weights and the gradient of its output. */
function problem(stride: 1 | 2) {
  const shape = { inputChannels: 16, outputChannels: 16, size: 8, stride };
  const exact = convolutionProblem(shape, samples);
  return { ...exact, x: halfTensor(exact.name, [...exact.x.shape]) };
}

describeHalves("with activations in 16 bits", () => {
  const plain = problem(1);
  const strided = problem(2);

  for (
    const { convolution, spread, x, weights, bias, dy } of [plain, strided]
  ) {
    it(`conv3x3Forward stores the twin's outputs, stride ${spread.stride}`, async () => {
      const y = emptyHalfActivation(arena, dy.shape);
      conv3x3Forward(on, convolution, {
        x: halfActivation(arena, x, 1),
        weights: slice(arena, toConvolutionWeights(weights)),
        bias: slice(arena, bias.data),
        y,
      }, samples);
      on.submit();
      const expected = conv2dForward(x, weights, bias, spread);
      const actual = fromActivations(await y.readFloats(), dy.shape);
      assertStoredInHalves("y", actual.data, expected.data);
    });
  }

  it("winogradWeightGradient is the twin's", async () => {
    const { convolution, spread, x, weights, dy } = plain;
    const own = withWinograd(gpu, otherWinogradTiles);
    using scratch = new WinogradScratch(own, [convolution], samples);
    using recorder = new Recorder(own);
    const du = arena.tensor("∂u", [winogradWeightCount(convolution)]);
    const total = arena.tensor("total", [weights.data.length]);
    const tensors = {
      x: halfActivation(arena, x, 1),
      dy: bordered(arena, dy),
      du,
    };
    winogradAddWeightGradient(
      recorder,
      convolution,
      tensors,
      scratch,
      samples,
    );
    winogradWeightGradient(recorder, convolution, { du, dw: whole(total) });
    recorder.submit();
    const { weightGradient } = conv2dBackward(dy, x, weights, spread);
    const dw = fromConvolutionWeights(await total.readFloats(), weights.shape);
    assertNear("∂w", dw.data, weightGradient.data);
  });

  it("conv3x3WeightGradient is the twin's", async () => {
    const { convolution, spread, x, weights, dy } = strided;
    const size = weights.data.length;
    const parts = weightGradientParts(convolution, samples);
    const total = arena.tensor("total", [size]);
    const partial = whole(arena.tensor("partial", [parts, size]));
    const tensors = {
      x: halfActivation(arena, x, 1),
      dy: bordered(arena, dy),
      partial,
    };
    conv3x3WeightGradient(on, convolution, tensors, samples);
    accumulate(on, [{ partial, totals: [whole(total)], parts }]);
    on.submit();
    const { weightGradient } = conv2dBackward(dy, x, weights, spread);
    const dw = fromConvolutionWeights(await total.readFloats(), weights.shape);
    assertNear("∂w", dw.data, weightGradient.data);
  });

  it("the first convolution stores the twin's outputs", async () => {
    const x = exactTensor("first x", [samples, 1, 8, 8]);
    const weights = exactTensor("first w", [16, 1, 3, 3]);
    const bias = exactTensor("first b", [16]);
    const shape = [samples, 16, 8, 8];
    const y = emptyHalfActivation(arena, shape);
    conv3x3FirstForward(on, {
      x: arena.tensorOf("x", [samples, 10, 10], toBorderedPlanes(x)),
      weights: slice(arena, transposed(weights.data, 16)),
      bias: slice(arena, bias.data),
      y,
    }, samples);
    on.submit();
    const spread = { stride: 1, padding: 1 };
    const expected = conv2dForward(x, weights, bias, spread);
    const actual = fromActivations(await y.readFloats(), shape);
    assertStoredInHalves("y", actual.data, expected.data);
  });

  it("the 8×8 convolution and its weight gradient are the twin's", async () => {
    const y = halfTensor("dense y", [samples, 16, 8, 8]);
    const weights = exactTensor("dense w", [48, 16, 8, 8]);
    const dz = exactTensor("dense dz", [samples, 48, 1, 1]);
    const spread = { stride: 1, padding: 0 };
    const z = arena.tensor("z", [samples, 48]);
    const dw = arena.tensor("dw", [weights.data.length]);
    const tensors = {
      y: halfActivation(arena, y),
      weights: slice(arena, toDenseWeights(weights)),
      dz: arena.tensorOf("dz", [samples, 48], Float32Array.from(dz.data)),
    };
    denseForward(on, { ...tensors, z }, 0, samples);
    denseWeightGradient(on, { ...tensors, dw: whole(dw) }, 0, samples);
    on.submit();
    const expected = conv2dForward(y, weights, undefined, spread);
    assertNear("z", await z.readFloats(), expected.data);
    const { weightGradient } = conv2dBackward(dz, y, weights, spread);
    const values = fromDenseWeights(await dw.readFloats(), weights.shape);
    assertNear("∂w", values.data, weightGradient.data);
  });

  it("an output beyond 65504 is stored as ±65504", async () => {
    const { convolution, spread, weights, bias } = plain;
    const x = halfTensor("huge x", [...plain.x.shape], -60000, 60000);
    const y = emptyHalfActivation(arena, x.shape);
    conv3x3Forward(on, convolution, {
      x: halfActivation(arena, x, 1),
      weights: slice(arena, toConvolutionWeights(weights)),
      bias: slice(arena, bias.data),
      y,
    }, samples);
    on.submit();
    const exact = conv2dForward(x, weights, bias, spread).data;
    const beyond = exact.filter((v) => Math.abs(v) > largestHalf).length;
    assert.ok(beyond > exact.length / 2, `${beyond} of ${exact.length} beyond`);
    const actual = fromActivations(await y.readFloats(), x.shape);
    assertStoredInHalves(
      "y",
      actual.data,
      exact.map((v) => Math.min(largestHalf, Math.max(-largestHalf, v))),
    );
  });
});
