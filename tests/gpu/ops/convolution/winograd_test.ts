import { describe, it } from "@std/testing/bdd";
import { winogradInputGradient } from "../../../../gpu/ops/convolution/winograd_input_gradient.ts";
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
  activationShape,
  fromActivations,
  fromConvolutionWeights,
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
  bordered,
  firstSamples,
  openBench,
  otherWinogradTiles,
  slice,
  untouched,
  withWinograd,
} from "../../../helpers/gpu/gpu_op.ts";
import { conv2dBackward, conv2dForward } from "../../../reference/conv2d.ts";

const { gpu: opened, arena } = await openBench();
const gpu = withWinograd(opened);
const recorder = new Recorder(gpu);
const otherTiles = new Recorder(withWinograd(opened, otherWinogradTiles));
const spread = { stride: 1, padding: 1 };

const narrow = convolutionProblem(
  { inputChannels: 32, outputChannels: 64, size: 8, stride: 1 },
  24,
);
const large = convolutionProblem(
  { inputChannels: 32, outputChannels: 32, size: 16, stride: 1 },
  8,
);
/** So many channels that a uniform binding holds no two points, and not one. */
const deep = [[128, 128, 8], [160, 128, 4]].map((
  [inputChannels, outputChannels, size],
) => convolutionProblem({ inputChannels, outputChannels, size, stride: 1 }, 8));
const problems = [narrow, large];

const untouchedActivations = (shape: readonly number[]) => {
  const grouped = activationShape(shape);
  const size = grouped.reduce((product, extent) => product * extent);
  const values = new Float32Array(size).fill(untouched);
  return arena.tensorOf("activations", grouped, values);
};

interface Options {
  on?: Recorder;
  count?: number;
  /** Samples in the scratch at once. */
  atOnce?: number;
}

async function inputGradient(
  { convolution, x, weights, dy, capacity }: ConvolutionProblem,
  { on = recorder, count = capacity, atOnce = 16 }: Options = {},
): Promise<Float32Array> {
  using scratch = new WinogradScratch(gpu, [convolution], atOnce);
  const dx = untouchedActivations(x.shape);
  const tensors = {
    dy: bordered(arena, dy),
    weights: slice(arena, toConvolutionWeights(weights)),
    dx,
  };
  winogradInputGradient(on, convolution, tensors, scratch, count);
  on.submit();
  return await dx.readFloats();
}

async function weightGradient(
  { convolution, x, weights, dy, capacity }: ConvolutionProblem,
  { on = recorder, count = capacity, atOnce = 16 }: Options = {},
): Promise<Float32Array> {
  using scratch = new WinogradScratch(gpu, [convolution], atOnce);
  const du = arena.tensor("∂u", [winogradWeightCount(convolution)]);
  const dw = slice(arena, new Float32Array(weights.data.length));
  const tensors = { x: bordered(arena, x), dy: bordered(arena, dy), du };
  winogradAddWeightGradient(on, convolution, tensors, scratch, count);
  winogradWeightGradient(on, convolution, { du, dw });
  on.submit();
  return await dw.tensor.readFloats();
}

/** The same bits on every run, with other tiles and with the batch cut otherwise. */
async function assertReproducible(
  run: (problem: ConvolutionProblem, options: Options) => Promise<Float32Array>,
  problem: ConvolutionProblem,
  bits: Float32Array,
) {
  assertSameBits("second run", await run(problem, {}), bits);
  const others = await run(problem, { on: otherTiles });
  assertSameBits("other tiles", others, bits);
  assertSameBits("cut in eights", await run(problem, { atOnce: 8 }), bits);
}

describe("winogradInputGradient", () => {
  for (const problem of problems) {
    it(`is the twin's, ${problem.name}`, async () => {
      const { x, weights, bias, dy } = problem;
      const expected = conv2dBackward(dy, x, weights, spread).inputGradient;
      const bits = await inputGradient(problem);
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

  for (const problem of deep) {
    it(`is the twin's where every point has a binding of its own, ${problem.name}`, async () => {
      const { x, weights, dy } = problem;
      const expected = conv2dBackward(dy, x, weights, spread).inputGradient;
      const bits = await inputGradient(problem);
      assertNear("∂x", fromActivations(bits, x.shape).data, expected.data);
    });
  }

  it("computes the first samples alone when asked to", async () => {
    const all = await inputGradient(narrow);
    for (const on of [recorder, otherTiles]) {
      const some = await inputGradient(narrow, { on, count: 8 });
      assertFirstSamplesAlone(some, all, some.length / 3);
    }
  });
});

describe("winogradWeightGradient", () => {
  for (const problem of problems) {
    it(`is the twin's, ${problem.name}`, async () => {
      const { x, weights, dy } = problem;
      const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
      const bits = await weightGradient(problem);
      const dw = fromConvolutionWeights(bits, weights.shape);
      assertNear("∂w", dw.data, expected.data);
      await assertReproducible(weightGradient, problem, bits);
    });
  }

  it("sums the first samples alone when asked to", async () => {
    const { x, weights, dy } = narrow;
    const { weightGradient: expected } = conv2dBackward(
      firstSamples(dy, 8),
      firstSamples(x, 8),
      weights,
      spread,
    );
    const dw = await weightGradient(narrow, { count: 8 });
    assertNear(
      "∂w",
      fromConvolutionWeights(dw, weights.shape).data,
      expected.data,
    );
  });
});
