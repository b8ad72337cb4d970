import { describe, it } from "@std/testing/bdd";
import { accumulate } from "../../../../gpu/sums/accumulate.ts";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import { conv3x3InputGradientStride2 } from "../../../../gpu/ops/convolution/conv3x3_input_gradient_stride2.ts";
import {
  conv3x3WeightGradient,
  weightGradientParts,
} from "../../../../gpu/ops/convolution/conv3x3_weight_gradient.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import {
  activationShape,
  exchangeChannels,
  fromActivations,
  fromConvolutionWeights,
  toActivations,
  toConvolutionWeights,
} from "../../../helpers/gpu/activation_layout.ts";
import {
  type ConvolutionProblem,
  convolutionProblem,
} from "../../../helpers/gpu/convolution_problem.ts";
import { checkGradient, dot } from "../../../helpers/gpu/gradient_check.ts";
import {
  assertFirstSamplesAlone,
  assertNear,
  assertSameBits,
  firstSamples,
  openBench,
  untouched,
  whole,
  withSameSums,
} from "../../../helpers/gpu/gpu_op.ts";
import { conv2dBackward, conv2dForward } from "../../../reference/conv2d.ts";

const { gpu, recorder, arena } = await openBench();
const otherTiles = new Recorder(withSameSums(gpu));
const small = convolutionProblem(
  { inputChannels: 16, outputChannels: 48, size: 8, stride: 1 },
  24,
);
const strided = convolutionProblem(
  { inputChannels: 48, outputChannels: 16, size: 16, stride: 2 },
  8,
);
const large = convolutionProblem(
  { inputChannels: 16, outputChannels: 16, size: 32, stride: 1 },
  8,
);
/** So many input channels that a block of weights exceeds a uniform buffer. */
const deep = convolutionProblem(
  { inputChannels: 128, outputChannels: 16, size: 8, stride: 1 },
  8,
);
const problems = [small, strided, large];
const nameOf = ({ convolution }: ConvolutionProblem) =>
  `${convolution.inputChannels}→${convolution.outputChannels} channels, ` +
  `${convolution.size}×${convolution.size}, stride ${convolution.stride}`;

function weightSlice(values: Float32Array) {
  const options = { uniform: true };
  return whole(arena.tensorOf("weights", [values.length], values, options));
}

/** Activations on the GPU; without values every element is {@linkcode untouched}. */
function activations(
  shape: readonly number[],
  border: number,
  values?: Float32Array,
) {
  const grouped = activationShape(shape, border);
  const size = grouped.reduce((product, extent) => product * extent);
  return arena.tensorOf(
    "activations",
    grouped,
    values ?? new Float32Array(size).fill(untouched),
  );
}

async function forward(
  on: Recorder,
  { convolution, x, weights, bias, dy }: ConvolutionProblem,
  count: number,
): Promise<Float32Array> {
  const y = activations(dy.shape, 0);
  conv3x3Forward(on, convolution, {
    x: activations(x.shape, 1, toActivations(x, 1)),
    weights: weightSlice(toConvolutionWeights(weights)),
    bias: weightSlice(Float32Array.from(bias.data)),
    y,
  }, count);
  on.submit();
  return await y.readFloats();
}

async function inputGradient(
  on: Recorder,
  { convolution, x, weights, dy }: ConvolutionProblem,
  count: number,
): Promise<Float32Array> {
  const dx = activations(x.shape, 0);
  const dyTensor = activations(dy.shape, 1, toActivations(dy, 1));
  const { inputChannels, outputChannels } = convolution;
  if (convolution.stride === 2) {
    conv3x3InputGradientStride2(on, convolution, {
      dy: dyTensor,
      transposedWeights: weightSlice(
        toConvolutionWeights(exchangeChannels(weights, false), 8),
      ),
      dx,
    }, count);
  } else {
    conv3x3Forward(on, {
      ...convolution,
      inputChannels: outputChannels,
      outputChannels: inputChannels,
    }, {
      x: dyTensor,
      weights: weightSlice(
        toConvolutionWeights(exchangeChannels(weights, true)),
      ),
      bias: weightSlice(new Float32Array(inputChannels)),
      y: dx,
    }, count);
  }
  on.submit();
  return await dx.readFloats();
}

async function weightGradient(
  on: Recorder,
  { convolution, x, weights, dy }: ConvolutionProblem,
  count: number,
): Promise<Float32Array> {
  const parts = weightGradientParts(convolution, count);
  const size = weights.data.length;
  const partial = whole(arena.tensor("partial", [parts, size]));
  const total = arena.tensor("total", [size]);
  conv3x3WeightGradient(on, convolution, {
    x: activations(x.shape, 1, toActivations(x, 1)),
    dy: activations(dy.shape, 1, toActivations(dy, 1)),
    partial,
  }, count);
  accumulate(on, [{ partial, totals: [whole(total)], parts }]);
  on.submit();
  return await total.readFloats();
}

/** The same bits on every run, and with the tiles of another device class for the same sums. */
async function assertReproducible(
  run: (
    on: Recorder,
    problem: ConvolutionProblem,
    count: number,
  ) => Promise<Float32Array>,
  problem: ConvolutionProblem,
  bits: Float32Array,
) {
  const again = await run(recorder, problem, problem.capacity);
  assertSameBits("second run", again, bits);
  const others = await run(otherTiles, problem, problem.capacity);
  assertSameBits("other tiles", others, bits);
}

describe("conv3x3Forward", () => {
  for (const problem of [...problems, deep]) {
    it(`is the twin's, ${nameOf(problem)}`, async () => {
      const { x, weights, bias, spread, dy, capacity } = problem;
      const expected = conv2dForward(x, weights, bias, spread);
      const bits = await forward(recorder, problem, capacity);
      const y = fromActivations(bits, dy.shape);
      assertNear("y", y.data, expected.data);
      await assertReproducible(forward, problem, bits);
    });
  }

  it("computes the first samples alone when asked to", async () => {
    const all = await forward(recorder, small, 24);
    for (const on of [recorder, otherTiles]) {
      const some = await forward(on, small, 8);
      assertFirstSamplesAlone(some, all, some.length / 3);
    }
  });
});

describe("the input gradient of conv3x3", () => {
  for (const problem of problems) {
    it(`is the twin's, ${nameOf(problem)}`, async () => {
      const { x, weights, bias, dy, spread, capacity } = problem;
      const expected = conv2dBackward(dy, x, weights, spread).inputGradient;
      const bits = await inputGradient(recorder, problem, capacity);
      const dx = fromActivations(bits, x.shape);
      assertNear("∂x", dx.data, expected.data);
      await assertReproducible(inputGradient, problem, bits);
      const one = firstSamples(x, 1);
      checkGradient(
        "x",
        () =>
          dot(conv2dForward(one, weights, bias, spread), firstSamples(dy, 1)),
        one,
        firstSamples(dx, 1),
        { step: 1e-3, stride: 577, tolerance: 1e-3 },
      );
    });
  }
});

describe("conv3x3WeightGradient", () => {
  for (const problem of problems) {
    it(`is the twin's, ${nameOf(problem)}`, async () => {
      const { x, weights, bias, dy, spread, capacity } = problem;
      const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
      const bits = await weightGradient(recorder, problem, capacity);
      const dw = fromConvolutionWeights(bits, weights.shape);
      assertNear("∂w", dw.data, expected.data);
      await assertReproducible(weightGradient, problem, bits);
      checkGradient(
        "weights",
        () => dot(conv2dForward(x, weights, bias, spread), dy),
        weights,
        dw,
        { step: 1e-3, stride: 1201, tolerance: 1e-3 },
      );
    });
  }

  it("sums the first samples alone when asked to", async () => {
    const { x, weights, dy, spread } = small;
    const { weightGradient: expected } = conv2dBackward(
      firstSamples(dy, 8),
      firstSamples(x, 8),
      weights,
      spread,
    );
    const dw = await weightGradient(recorder, small, 8);
    assertNear(
      "∂w",
      fromConvolutionWeights(dw, weights.shape).data,
      expected.data,
    );
  });
});
