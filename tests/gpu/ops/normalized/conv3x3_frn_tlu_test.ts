import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Convolution } from "../../../../gpu/convolution.ts";
import type { Gpu } from "../../../../gpu/device.ts";
import type { Dropout } from "../../../../gpu/normalization.ts";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import { frnTluForward } from "../../../../gpu/ops/frn_tlu.ts";
import { conv3x3FrnTluForward } from "../../../../gpu/ops/normalized/conv3x3_frn_tlu.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import { sharedBlock } from "../../../../gpu/tiles/shared_tile.ts";
import { isSquare, squareBlock } from "../../../../gpu/tiles/square_tile.ts";
import { tilesOfClass } from "../../../../gpu/tiles.ts";
import { wholeMapTileOf } from "../../../../gpu/whole_map_tiles.ts";
import {
  activationShape,
  fromActivations,
  nonzeroBorderElements,
  toActivations,
  toConvolutionWeights,
} from "../../../helpers/gpu/activation_layout.ts";
import {
  assertFirstSamplesAlone,
  assertNear,
  assertSameBits,
  assertZero,
  openBench,
  slice,
  withTiles,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  assertStoredInHalves,
  describeHalves,
  emptyHalfActivation,
  halfActivation,
  halfTensor,
} from "../../../helpers/gpu/half_precision.ts";
import {
  normalizedConvolution,
  twinOutput,
} from "../../../helpers/gpu/normalized_convolution.ts";
import { conv2dForward } from "../../../reference/conv2d.ts";

const { gpu, arena } = await openBench();

/** The device with the tiles of GPUs: those of cards, and the squares of those that share the processor's memory. */
const cards = (["discrete", "integrated"] as const).map((deviceClass) => {
  const card = withTiles(gpu, tilesOfClass[deviceClass]);
  return { deviceClass, card };
});
const bytes = gpu.device.limits.maxComputeWorkgroupStorageSize;

/** The same by the two kernels, whatever tile there is. */
const byTwoKernels: typeof conv3x3FrnTluForward = (
  recorder,
  convolution,
  norms,
  { input, weights, bias, x, scale, y },
  count,
  { dropout },
) => {
  const convolved = { x: input, weights, bias, y: x };
  conv3x3Forward(recorder, convolution, convolved, count);
  frnTluForward(recorder, norms, { x, scale, y }, count, dropout);
};

const dropped: Dropout = {
  rate: 0.3,
  stream: { a: 3, b: 5, c: 8 },
  firstSample: 16,
};

/** Rows by one thread, by two; several samples, several channels of a workgroup; odd numbers of inputs and outputs. */
const problems: readonly {
  convolution: Convolution;
  samples: number;
  border: number;
  dropout?: Dropout;
}[] = [
  {
    convolution: { inputChannels: 4, outputChannels: 32, size: 32, stride: 1 },
    samples: 8,
    border: 1,
  },
  {
    convolution: { inputChannels: 12, outputChannels: 96, size: 16, stride: 1 },
    samples: 16,
    border: 1,
    dropout: dropped,
  },
  {
    convolution: { inputChannels: 20, outputChannels: 96, size: 8, stride: 1 },
    samples: 24,
    border: 0,
    dropout: dropped,
  },
  {
    convolution: { inputChannels: 8, outputChannels: 32, size: 16, stride: 2 },
    samples: 8,
    border: 1,
  },
  {
    convolution: { inputChannels: 12, outputChannels: 64, size: 8, stride: 2 },
    samples: 16,
    border: 1,
  },
];

describe("conv3x3FrnTluForward by workgroups that hold whole maps", () => {
  for (const one of problems) {
    const { convolution, samples, border, dropout } = one;
    const { inputChannels, outputChannels, size, stride } = convolution;
    it(`is the twin's, and to the bit what two kernels give: ${inputChannels}→${outputChannels} at ${size}×${size}, stride ${stride}`, async () => {
      const problem = normalizedConvolution(arena, one);
      const { x, weights, bias, spread, dy, norms, part } = problem;
      const run = async (
        forward: typeof conv3x3FrnTluForward,
        card: Gpu,
        count: number,
        keep: boolean,
      ) => {
        using recorder = new Recorder(card);
        const tensors = {
          input: arena.tensorOf(
            "input",
            activationShape(x.shape, 1),
            toActivations(x, 1),
          ),
          weights: slice(arena, toConvolutionWeights(weights)),
          bias: part("bias"),
          x: arena.tensor("x", activationShape(dy.shape)),
          scale: arena.tensor("scale", [samples, outputChannels / 4, 4]),
          y: arena.tensor("y", activationShape(dy.shape, border)),
        };
        forward(recorder, convolution, norms, tensors, count, {
          keep,
          dropout,
        });
        recorder.submit();
        return {
          x: await tensors.x.readFloats(),
          scale: await tensors.scale.readFloats(),
          y: await tensors.y.readFloats(),
        };
      };
      const convolved = conv2dForward(x, weights, bias, spread);
      const expected = twinOutput(convolved, problem, dropout);
      for (const { deviceClass, card } of cards) {
        const tile = wholeMapTileOf(card.tiles, convolution, bytes)!;
        assert.equal(isSquare(tile), deviceClass === "integrated");
        const block = isSquare(tile)
          ? squareBlock(convolution, tile)
          : sharedBlock(convolution, tile);
        assert.equal(block!.rows, size);
        const found = await run(conv3x3FrnTluForward, card, samples, true);
        const stored = fromActivations(found.x, dy.shape);
        assertNear(`x, ${deviceClass}`, stored.data, convolved.data);
        const y = fromActivations(found.y, dy.shape, border);
        assertNear(`y, ${deviceClass}`, y.data, expected.data);
        assert.equal(nonzeroBorderElements(found.y, dy.shape, border), 0);
        const again = await run(conv3x3FrnTluForward, card, samples, true);
        const others = await run(byTwoKernels, card, samples, true);
        for (const name of ["x", "scale", "y"] as const) {
          const text = `${name}, ${deviceClass}`;
          assertSameBits(`${text}, again`, again[name], found[name]);
          assertSameBits(`${text}, of two kernels`, others[name], found[name]);
        }
        if (samples === 8) continue;
        const some = await run(conv3x3FrnTluForward, card, 8, false);
        const computed = found.y.length * 8 / samples;
        assertFirstSamplesAlone(some.y, found.y, computed, 0);
        assertZero("x that nobody wants", some.x);
        assertZero("scale that nobody wants", some.scale);
      }
    });
  }

  it("is left to two kernels where they have not the memory", () => {
    const [{ convolution }, , { convolution: last }] = problems;
    for (const { card: { tiles } } of cards) {
      assert.equal(wholeMapTileOf(tiles, convolution, 16384), undefined);
      assert.notEqual(wholeMapTileOf(tiles, last, 16384), undefined);
    }
  });

  it("is left to two kernels where threads read alone", () => {
    const [, , { convolution }] = problems;
    const alone = [
      tilesOfClass.software,
      ...cards.map(({ card: { tiles } }) => ({ ...tiles, sharedKernels: [] })),
    ];
    for (const tiles of alone) {
      assert.equal(wholeMapTileOf(tiles, convolution, bytes), undefined);
    }
  });

  it("refuses parameters of several tensors", () => {
    const { convolution, samples } = problems[2];
    const { x, dy, weights, norms } = normalizedConvolution(arena, problems[2]);
    using recorder = new Recorder(cards[0].card);
    const tensors = {
      input: arena.tensor("input", activationShape(x.shape, 1)),
      weights: slice(arena, toConvolutionWeights(weights)),
      bias: slice(arena, new Float32Array(96)),
      x: arena.tensor("x", activationShape(dy.shape)),
      scale: arena.tensor("scale", [samples, 24, 4]),
      y: arena.tensor("y", activationShape(dy.shape)),
    };
    assert.throws(
      () =>
        conv3x3FrnTluForward(recorder, convolution, norms, tensors, 8, {
          keep: true,
        }),
      {
        name: "GpuError",
        message:
          "Cannot run conv3x3FrnTluForward: gamma: found a parameter of another tensor, wanted all in the bias's",
      },
    );
  });
});

describeHalves("conv3x3FrnTluForward by such workgroups, in 16 bits", () => {
  it("normalises what it stores", async () => {
    const one = problems[4];
    const { convolution, samples, border } = one;
    const problem = normalizedConvolution(arena, one);
    const { name, weights, bias, spread, dy, norms, part } = problem;
    const input = halfTensor(name, [...problem.x.shape]);
    for (const { deviceClass, card } of cards) {
      using recorder = new Recorder(card);
      const x = emptyHalfActivation(arena, dy.shape);
      const y = emptyHalfActivation(arena, dy.shape, border);
      conv3x3FrnTluForward(
        recorder,
        convolution,
        norms,
        {
          input: halfActivation(arena, input, 1),
          weights: slice(arena, toConvolutionWeights(weights)),
          bias: part("bias"),
          x,
          scale: arena.tensor("scale", [samples, 16, 4]),
          y,
        },
        samples,
        { keep: true },
      );
      recorder.submit();
      const stored = fromActivations(await x.readFloats(), dy.shape);
      const convolved = conv2dForward(input, weights, bias, spread);
      assertStoredInHalves(`x, ${deviceClass}`, stored.data, convolved.data);
      const actual = fromActivations(await y.readFloats(), dy.shape, border);
      const expected = twinOutput(stored, problem);
      assertStoredInHalves(`y, ${deviceClass}`, actual.data, expected.data);
    }
  });
});
