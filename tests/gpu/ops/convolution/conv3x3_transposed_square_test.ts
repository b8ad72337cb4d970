import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Convolution, sampleGroup } from "../../../../gpu/convolution.ts";
import { conv3x3InputGradientStride2 } from "../../../../gpu/ops/convolution/conv3x3_input_gradient_stride2.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import {
  leastWorkgroupBytes,
  wantedWorkgroupBytes,
} from "../../../../gpu/tiles/shared_tile.ts";
import { squares, type SquareTile } from "../../../../gpu/tiles/square_tile.ts";
import {
  transposedSquareBlock,
  transposedSquareCandidates,
} from "../../../../gpu/tiles/square_transposed.ts";
import {
  type Tile,
  tileName,
  tileOf,
  tilesOfClass,
  tileText,
} from "../../../../gpu/tiles.ts";
import {
  activationShape,
  exchangeChannels,
  fromActivations,
  toConvolutionWeights,
} from "../../../helpers/gpu/activation_layout.ts";
import { convolutionProblem } from "../../../helpers/gpu/convolution_problem.ts";
import {
  assertFirstSamplesAlone,
  assertNear,
  assertSameBits,
  bordered,
  openBench,
  slice,
  untouched,
  withTile,
} from "../../../helpers/gpu/gpu_op.ts";
import { conv2dBackward } from "../../../reference/conv2d.ts";

const { gpu, arena } = await openBench();

/** Part of a map, a whole one, several; all channels, some. The second tile must give the same bits. */
const problems: readonly {
  convolution: Convolution;
  samples: number;
  tile: SquareTile;
  other: SquareTile;
  block: { rows: number; samples: number };
}[] = [
  {
    convolution: { inputChannels: 32, outputChannels: 12, size: 16, stride: 2 },
    samples: 8,
    tile: squares(32, 64),
    other: squares(32, 128),
    block: { rows: 2, samples: 1 },
  },
  {
    convolution: { inputChannels: 64, outputChannels: 32, size: 8, stride: 2 },
    samples: 16,
    tile: squares(16, 256),
    other: squares(64, 128),
    block: { rows: 8, samples: 4 },
  },
  {
    convolution: { inputChannels: 96, outputChannels: 16, size: 4, stride: 2 },
    samples: 8,
    tile: squares(32, 64),
    other: squares(96, 96),
    block: { rows: 4, samples: 2 },
  },
];

describe("conv3x3InputGradientStride2 by squares", () => {
  for (const { convolution, samples, tile, other, block } of problems) {
    const name = `${tileName("conv3x3_transposed", convolution)}, ${
      tileText(tile)
    }`;
    it(
      `is the twin's, and to the bit what ${tileText(other)} gives: ${name}`,
      async () => {
        const { x, weights, dy, spread } = convolutionProblem(
          convolution,
          samples,
        );
        const { rows, samples: together } = transposedSquareBlock(
          convolution,
          tile,
        )!;
        assert.deepEqual({ rows, samples: together }, block);
        const tensors = {
          dy: bordered(arena, dy),
          transposedWeights: slice(
            arena,
            toConvolutionWeights(exchangeChannels(weights, false), 8),
          ),
        };
        const run = async (by: Tile, count: number) => {
          using recorder = new Recorder(
            withTile(gpu, "conv3x3_transposed", convolution, by),
          );
          const filled = new Float32Array(x.data.length).fill(untouched);
          const dx = arena.tensorOf("dx", activationShape(x.shape), filled);
          conv3x3InputGradientStride2(
            recorder,
            convolution,
            { ...tensors, dx },
            count,
          );
          recorder.submit();
          return await dx.readFloats();
        };
        const bits = await run(tile, samples);
        const expected = conv2dBackward(dy, x, weights, spread).inputGradient;
        assertNear("∂x", fromActivations(bits, x.shape).data, expected.data);
        assertSameBits("second run", await run(tile, samples), bits);
        assertSameBits("another tile", await run(other, samples), bits);
        const some = await run(tile, sampleGroup);
        const computed = some.length * sampleGroup / samples;
        assertFirstSamplesAlone(some, bits, computed);
      },
    );
  }
});

describe("transposedSquareCandidates", () => {
  const layers: readonly Convolution[] = [
    { inputChannels: 32, outputChannels: 64, size: 16, stride: 2 },
    { inputChannels: 64, outputChannels: 128, size: 8, stride: 2 },
  ];

  it("keep to the workgroup memory that there is", () => {
    for (const layer of layers) {
      const least = transposedSquareCandidates(layer, leastWorkgroupBytes);
      const more = transposedSquareCandidates(layer, wantedWorkgroupBytes);
      assert.ok(least.length > 0 && least.length <= more.length);
      for (const tile of least) {
        const { bytes } = transposedSquareBlock(layer, tile)!;
        assert.ok(bytes <= leastWorkgroupBytes);
        assert.ok(more.includes(tile));
      }
    }
  });

  it("give GPUs the first, and the software adapter threads that read alone", () => {
    const { software, integrated, discrete } = tilesOfClass;
    for (const layer of layers) {
      const [first] = transposedSquareCandidates(layer, leastWorkgroupBytes);
      for (const tiles of [integrated, discrete]) {
        assert.equal(tileOf(tiles, "conv3x3_transposed", layer), first);
      }
      const { shared } = tileOf(software, "conv3x3_transposed", layer);
      assert.equal(shared, undefined);
    }
  });

  it("leave gradients out that no such workgroup covers", () => {
    const odd = { ...layers[0], inputChannels: 40 };
    assert.deepEqual(transposedSquareCandidates(odd, wantedWorkgroupBytes), []);
  });
});
