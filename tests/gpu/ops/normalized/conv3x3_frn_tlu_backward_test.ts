import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Convolution, reversed } from "../../../../gpu/convolution.ts";
import type { Gpu } from "../../../../gpu/device.ts";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import { conv3x3InputGradientStride2 } from "../../../../gpu/ops/convolution/conv3x3_input_gradient_stride2.ts";
import { frnEpsilon } from "../../../../gpu/ops/frn_tlu.ts";
import { frnTluBackward } from "../../../../gpu/ops/frn_tlu_backward.ts";
import {
  conv3x3FrnTluBackward,
  frnTluBackwardTile,
} from "../../../../gpu/ops/normalized/conv3x3_frn_tlu_backward.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import type { Tensor as GpuTensor } from "../../../../gpu/tensor.ts";
import {
  sharedBlock,
  wholeMapTile,
} from "../../../../gpu/tiles/shared_tile.ts";
import {
  isSquare,
  squareBlock,
  wholeMapSquare,
} from "../../../../gpu/tiles/square_tile.ts";
import {
  transposedSquareBlock,
  wholeMapTransposedSquare,
} from "../../../../gpu/tiles/square_transposed.ts";
import { tilesOfClass } from "../../../../gpu/tiles.ts";
import {
  activationShape,
  exchangeChannels,
  fromActivations,
  nonzeroBorderElements,
  toActivations,
  toConvolutionWeights,
} from "../../../helpers/gpu/activation_layout.ts";
import {
  assertNear,
  assertSameBits,
  assertZero,
  bordered,
  exactTensor,
  openBench,
  slice,
  whole,
  withTiles,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  describeHalves,
  halfActivation,
  halfTensor,
} from "../../../helpers/gpu/half_precision.ts";
import { convolutionProblem } from "../../../helpers/gpu/convolution_problem.ts";
import { normalizedConvolution } from "../../../helpers/gpu/normalized_convolution.ts";
import { conv2dBackward } from "../../../reference/conv2d.ts";
import { frnBackward, frnForward } from "../../../reference/frn.ts";
import { zeros } from "../../../reference/tensor.ts";
import { tluBackward } from "../../../reference/tlu.ts";

const { gpu, arena } = await openBench();

/**
 * The device with the tiles of GPUs, those of cards and the squares of those that share the processor's memory, and with others of the same
 * order of sums: threads that read alone, as far as there are, and that normalise a map each. (Squares at stride 2 are of both.)
 */
const cards = (["discrete", "integrated"] as const).map((deviceClass) => {
  const tiles = tilesOfClass[deviceClass];
  const { squares, sharedKernels } = tiles;
  return {
    deviceClass,
    card: withTiles(gpu, tiles),
    alone: withTiles(gpu, {
      ...tiles,
      sharedKernels: squares ? sharedKernels : ["conv3x3_transposed"],
      mapRows: false,
    }),
  };
});
const [{ card }] = cards;

/** Rows by one thread, by several; several samples, several channels of a workgroup; odd numbers of channels above. */
const problems: readonly { convolution: Convolution; samples: number }[] = [
  {
    convolution: { inputChannels: 32, outputChannels: 4, size: 32, stride: 1 },
    samples: 8,
  },
  {
    convolution: { inputChannels: 96, outputChannels: 12, size: 16, stride: 1 },
    samples: 16,
  },
  {
    convolution: { inputChannels: 96, outputChannels: 20, size: 8, stride: 1 },
    samples: 24,
  },
  {
    convolution: { inputChannels: 16, outputChannels: 12, size: 16, stride: 2 },
    samples: 8,
  },
  {
    convolution: { inputChannels: 48, outputChannels: 16, size: 8, stride: 2 },
    samples: 16,
  },
];

/** A normalisation, the convolution after it and ∂y of that; what the forward pass kept, and the weights as the kernels want them. */
function problemOf(
  one: typeof problems[number],
  keptTensor: typeof exactTensor = exactTensor,
) {
  const { convolution, samples } = one;
  const { inputChannels, stride } = convolution;
  const size = stride * convolution.size;
  const shape = [samples, inputChannels, size, size];
  // The input gradient of stride 1 is the convolution the other way about.
  const gradient = { convolution: reversed(convolution), samples };
  const normalized = normalizedConvolution(arena, gradient);
  const { norms, gamma, beta, tau } = normalized;
  const { dy, weights, transposed } = stride === 1
    ? {
      dy: normalized.x,
      weights: exchangeChannels(normalized.weights, true),
      transposed: toConvolutionWeights(normalized.weights),
    }
    : stridedProblem(one);
  const x = keptTensor(`x kept ${inputChannels} ${size}`, shape, -2, 2);
  const area = size * size;
  const scale = new Float32Array(samples * inputChannels);
  for (let map = 0; map < scale.length; map++) {
    const pixels = x.data.subarray(map * area, (map + 1) * area);
    const square = pixels.reduce((sum, value) => sum + value * value, 0);
    scale[map] = 1 / Math.sqrt(square / area + frnEpsilon);
  }
  return {
    shape,
    stride,
    dy,
    weights,
    x,
    norms,
    gamma,
    beta,
    tau,
    tensors: {
      dy: bordered(arena, dy),
      transposedWeights: slice(arena, transposed),
      scale: arena.tensorOf("scale", [samples, inputChannels / 4, 4], scale),
    },
  };
}

function stridedProblem({ convolution, samples }: typeof problems[number]) {
  const { dy, weights } = convolutionProblem(convolution, samples);
  const exchanged = exchangeChannels(weights, false);
  return { dy, weights, transposed: toConvolutionWeights(exchanged, 8) };
}

type Problem = ReturnType<typeof problemOf>;

/** What the twins give: ∂x and, added over the batch, ∂γ, ∂β, ∂τ and Σ ∂x. */
function twinGradients(
  { shape, stride, dy, weights, x, gamma, beta, tau }: Problem,
) {
  const spread = { stride, padding: 1 };
  const below =
    conv2dBackward(dy, zeros(...shape), weights, spread).inputGradient;
  const z = frnForward(x, gamma, beta, frnEpsilon);
  const tlu = tluBackward(below, z, tau);
  const frn = frnBackward(tlu.inputGradient, x, gamma, frnEpsilon);
  const [, channels, height, width] = shape;
  const bias = new Float64Array(channels);
  frn.inputGradient.data.forEach((value, at) => {
    bias[Math.floor(at / (height * width)) % channels] += value;
  });
  const sums = [
    frn.scaleGradient.data,
    frn.offsetGradient.data,
    tlu.thresholdGradient.data,
    bias,
  ];
  return { dx: frn.inputGradient, sums };
}

/** Partial sums [N, 4, C] added over the batch, [4][C]. */
function addedParts(
  partial: Float32Array,
  [samples, channels]: readonly number[],
): Float64Array[] {
  return [0, 1, 2, 3].map((kind) => {
    const sum = new Float64Array(channels);
    for (let n = 0; n < samples; n++) {
      for (let c = 0; c < channels; c++) {
        sum[c] += partial[(n * 4 + kind) * channels + c];
      }
    }
    return sum;
  });
}

/** ∂x and partial by one kernel, or by the two apart. */
async function run(
  on: Gpu,
  { convolution }: typeof problems[number],
  { shape, norms, tensors }: Problem,
  x: GpuTensor,
  { count = shape[0], isFused }: { count?: number; isFused: boolean },
) {
  const [samples, channels] = shape;
  using recorder = new Recorder(on);
  const dx = arena.tensor("∂x", activationShape(shape, 1));
  const partial = arena.tensor("partial", [samples, 4, channels]);
  const made = { dx, partial: whole(partial) };
  if (isFused) {
    const all = { ...tensors, ...made, x };
    conv3x3FrnTluBackward(recorder, convolution, norms, all, count);
  } else {
    const { dy, transposedWeights: weights, scale } = tensors;
    const below = arena.tensor("∂y below", activationShape(shape));
    if (convolution.stride === 1) {
      const bias = slice(arena, new Float32Array(channels));
      const convolved = { x: dy, weights, bias, y: below };
      conv3x3Forward(recorder, reversed(convolution), convolved, count);
    } else {
      const gradient = { dy, transposedWeights: weights, dx: below };
      conv3x3InputGradientStride2(recorder, convolution, gradient, count);
    }
    const normalized = { ...made, x, scale, dy: below };
    frnTluBackward(recorder, norms, normalized, count);
  }
  recorder.submit();
  return { dx: await dx.readFloats(), partial: await partial.readFloats() };
}

const results = ["dx", "partial"] as const;

function assertTwin(
  { shape }: Problem,
  found: Awaited<ReturnType<typeof run>>,
  expected: ReturnType<typeof twinGradients>,
): void {
  const dx = fromActivations(found.dx, shape, 1);
  assertNear("∂x", dx.data, expected.dx.data);
  assert.equal(nonzeroBorderElements(found.dx, shape, 1), 0);
  // What is left of a bias's gradient is small: the mean of ∂x over a map is nearly zero.
  const sums = addedParts(found.partial, shape);
  ["γ", "β", "τ"].forEach((name, kind) =>
    assertNear(`∂${name}`, sums[kind], expected.sums[kind])
  );
  const scale = Math.max(...expected.sums[1].map(Math.abs));
  sums[3].forEach((value, channel) => {
    const error = Math.abs(value - expected.sums[3][channel]);
    assert.ok(error <= 1e-5 * scale, `∂bias[${channel}] is off by ${error}`);
  });
}

describe("conv3x3FrnTluBackward", () => {
  for (const one of problems) {
    const { convolution, samples } = one;
    const { inputChannels, outputChannels, size, stride } = convolution;
    const below = stride * size;
    it(`is the twin's, and to the bit what two kernels give: ${outputChannels}→${inputChannels} at ${below}×${below}, stride ${stride}`, async () => {
      const problem = problemOf(one);
      const { shape } = problem;
      const gradient = reversed(convolution);
      const x = arena.tensorOf(
        "x",
        activationShape(shape),
        toActivations(problem.x),
      );
      const expected = twinGradients(problem);
      // At stride 2 both classes have the same.
      for (const { deviceClass, card, alone } of cards.slice(stride - 1)) {
        const tile = frnTluBackwardTile(card, convolution)!;
        const hasSquares = deviceClass === "integrated" || stride === 2;
        assert.equal(isSquare(tile), hasSquares);
        const block = !isSquare(tile)
          ? sharedBlock(gradient, tile)
          : stride === 1
          ? squareBlock(gradient, tile)
          : transposedSquareBlock(convolution, tile);
        assert.equal(block!.rows, size);
        const found = await run(card, one, problem, x, { isFused: true });
        assertTwin(problem, found, expected);
        const again = await run(card, one, problem, x, { isFused: true });
        const apart = await run(card, one, problem, x, { isFused: false });
        const byMaps = await run(alone, one, problem, x, { isFused: false });
        for (const name of results) {
          const text = `${name}, ${deviceClass}`;
          assertSameBits(`${text}, again`, again[name], found[name]);
          assertSameBits(`${text}, of two kernels`, apart[name], found[name]);
          assertSameBits(`${text}, by maps`, byMaps[name], found[name]);
        }
        if (samples === 8) continue;
        const few = { isFused: true, count: 8 };
        const some = await run(card, one, problem, x, few);
        for (const name of results) {
          const computed = found[name].length * 8 / samples;
          assertSameBits(
            `${name} of the first samples, ${deviceClass}`,
            some[name].subarray(0, computed),
            found[name].subarray(0, computed),
          );
          assertZero(`${name} of the others`, some[name].subarray(computed));
        }
      }
    });
  }

  it("refuses a tensor of another shape, and parameters of several tensors", () => {
    const [, one] = problems;
    const { convolution } = one;
    const problem = problemOf(one);
    const { shape, norms, tensors } = problem;
    const [samples, channels] = shape;
    using recorder = new Recorder(card);
    const all = {
      ...tensors,
      x: arena.tensor("x", activationShape(shape)),
      dx: arena.tensor("∂x", activationShape(shape, 1)),
      partial: whole(arena.tensor("partial", [samples, 4, channels])),
    };
    const refused = (
      change: Partial<typeof all>,
      changedNorms: Partial<typeof norms>,
      message: string,
    ) =>
      assert.throws(
        () =>
          conv3x3FrnTluBackward(
            recorder,
            convolution,
            { ...norms, ...changedNorms },
            { ...all, ...change },
            8,
          ),
        {
          name: "GpuError",
          message: `Cannot run conv3x3FrnTluBackward: ${message}`,
        },
      );
    refused(
      { dx: all.x },
      {},
      "dx: found shape [16, 24, 16, 16, 4], wanted [16, 24, 18, 18, 4]",
    );
    refused(
      { x: all.dx },
      {},
      "x: found shape [16, 24, 18, 18, 4], wanted [16, 24, 16, 16, 4]",
    );
    refused(
      { partial: { ...all.partial, size: 96 } },
      {},
      "partial: found 96 elements, wanted 6144",
    );
    refused(
      {},
      { tau: slice(arena, new Float32Array(96)) },
      "tau: found a parameter of another tensor, wanted all in the gamma's",
    );
  });
});

describe("frnTluBackwardTile", () => {
  const [{ convolution }, , { convolution: last }, { convolution: strided }] =
    problems;

  it("is none where workgroups have not the memory", () => {
    assert.equal(wholeMapTile(reversed(convolution), 24576, 3), undefined);
    assert.notEqual(wholeMapTile(reversed(convolution), 24576, 1), undefined);
    assert.notEqual(wholeMapTile(reversed(last), 16384, 3), undefined);
    assert.equal(wholeMapSquare(reversed(convolution), 16384, 3), undefined);
    // Where the input was there is room for the sums of large maps, of small ones they take more.
    assert.notEqual(wholeMapSquare(reversed(convolution), 20480, 3), undefined);
    assert.equal(wholeMapSquare(reversed(last), 16384, 3), undefined);
    assert.notEqual(wholeMapSquare(reversed(last), 16384, 1), undefined);
    assert.notEqual(wholeMapSquare(reversed(last), 20480, 3), undefined);
    assert.equal(wholeMapTransposedSquare(strided, 8064, 3), undefined);
    assert.notEqual(wholeMapTransposedSquare(strided, 8192, 3), undefined);
  });

  it("is none where threads read alone", () => {
    const on = withTiles(gpu, tilesOfClass.software);
    for (const convolution of [last, strided]) {
      assert.equal(frnTluBackwardTile(on, convolution), undefined);
    }
    using recorder = new Recorder(on);
    const problem = problemOf(problems[2]);
    const { shape, norms, tensors } = problem;
    const all = {
      ...tensors,
      x: arena.tensor("x", activationShape(shape)),
      dx: arena.tensor("∂x", activationShape(shape, 1)),
      partial: whole(arena.tensor("partial", [24, 4, 96])),
    };
    assert.throws(
      () => conv3x3FrnTluBackward(recorder, last, norms, all, 8),
      {
        name: "GpuError",
        message:
          "Cannot run conv3x3FrnTluBackward: 96→20 at 8×8, stride 1: found no workgroups that hold whole maps of its input gradient, wanted two kernels there",
      },
    );
  });
});

describeHalves("conv3x3FrnTluBackward of x in 16 bits", () => {
  it("is the twin's, and to the bit what two kernels give", async () => {
    const one = problems[2];
    const problem = problemOf(one, halfTensor);
    const x = halfActivation(arena, problem.x);
    const expected = twinGradients(problem);
    for (const { deviceClass, card } of cards) {
      const found = await run(card, one, problem, x, { isFused: true });
      assertTwin(problem, found, expected);
      const apart = await run(card, one, problem, x, { isFused: false });
      for (const name of results) {
        const text = `${name} of two kernels, ${deviceClass}`;
        assertSameBits(text, apart[name], found[name]);
      }
    }
  });
});
