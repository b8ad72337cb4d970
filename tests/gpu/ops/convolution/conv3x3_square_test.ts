import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Convolution, sampleGroup } from "../../../../gpu/convolution.ts";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import {
  leastWorkgroupBytes,
  wantedWorkgroupBytes,
} from "../../../../gpu/tiles/shared_tile.ts";
import {
  squareBlock,
  squareCandidates,
  squares,
  type SquareTile,
} from "../../../../gpu/tiles/square_tile.ts";
import { tileOf, tilesOfClass } from "../../../../gpu/tiles.ts";
import {
  activationShape,
  fromActivations,
  toActivations,
  toConvolutionWeights,
} from "../../../helpers/gpu/activation_layout.ts";
import { convolutionProblem } from "../../../helpers/gpu/convolution_problem.ts";
import {
  assertFirstSamplesAlone,
  assertNear,
  assertSameBits,
  openBench,
  slice,
  untouched,
  withTile,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  assertStoredInHalves,
  describeHalves,
  emptyHalfActivation,
  halfActivation,
  halfTensor,
} from "../../../helpers/gpu/half_precision.ts";
import { conv2dForward } from "../../../reference/conv2d.ts";

const { gpu, arena } = await openBench();

/** Part of a map, a whole one, several; all channels, some; strides; few and many inputs. The second tile must give the same bits. */
const problems: readonly {
  convolution: Convolution;
  samples: number;
  tiles: readonly [SquareTile, SquareTile];
  block: { rows: number; samples: number };
}[] = [
  {
    convolution: { inputChannels: 4, outputChannels: 32, size: 32, stride: 1 },
    samples: 8,
    tiles: [squares(32, 128), squares(16, 64)],
    block: { rows: 8, samples: 1 },
  },
  {
    convolution: { inputChannels: 12, outputChannels: 64, size: 16, stride: 2 },
    samples: 8,
    tiles: [squares(64, 128), squares(32, 64)],
    block: { rows: 8, samples: 1 },
  },
  {
    convolution: { inputChannels: 8, outputChannels: 64, size: 16, stride: 1 },
    samples: 8,
    tiles: [squares(64, 256), squares(32, 64)],
    block: { rows: 16, samples: 1 },
  },
  {
    convolution: { inputChannels: 16, outputChannels: 96, size: 8, stride: 1 },
    samples: 24,
    tiles: [squares(32, 128), squares(32, 64)],
    block: { rows: 8, samples: 4 },
  },
  {
    convolution: { inputChannels: 8, outputChannels: 64, size: 8, stride: 2 },
    samples: 8,
    tiles: [squares(32, 64), squares(64, 128)],
    block: { rows: 8, samples: 2 },
  },
];

describe("conv3x3Forward by squares", () => {
  for (const { convolution, samples, tiles, block } of problems) {
    const { inputChannels, outputChannels, size, stride } = convolution;
    it(`is the twin's, whatever the workgroup: ${inputChannels}→${outputChannels} at ${size}×${size}, stride ${stride}`, async () => {
      const { x, weights, bias, spread, dy } = convolutionProblem(
        convolution,
        samples,
      );
      const [tile, other] = tiles;
      const { rows, samples: together } = squareBlock(convolution, tile)!;
      assert.deepEqual({ rows, samples: together }, block);
      const run = async (by: SquareTile, count: number) => {
        using recorder = new Recorder(
          withTile(gpu, "conv3x3", convolution, by),
        );
        const filled = new Float32Array(dy.data.length).fill(untouched);
        const y = arena.tensorOf("y", activationShape(dy.shape), filled);
        conv3x3Forward(recorder, convolution, {
          x: arena.tensorOf(
            "x",
            activationShape(x.shape, 1),
            toActivations(x, 1),
          ),
          weights: slice(arena, toConvolutionWeights(weights)),
          bias: slice(arena, bias.data),
          y,
        }, count);
        recorder.submit();
        return await y.readFloats();
      };
      const bits = await run(tile, samples);
      const expected = conv2dForward(x, weights, bias, spread);
      assertNear("y", fromActivations(bits, dy.shape).data, expected.data);
      assertSameBits("second run", await run(tile, samples), bits);
      assertSameBits("other workgroups", await run(other, samples), bits);
      const some = await run(tile, sampleGroup);
      assertFirstSamplesAlone(some, bits, some.length * sampleGroup / samples);
    });
  }
});

describeHalves("conv3x3Forward by squares, in 16 bits", () => {
  const { convolution, tiles: [tile] } = problems[1];
  it("stores the twin's outputs", async () => {
    const exact = convolutionProblem(convolution, 8);
    const x = halfTensor(exact.name, [...exact.x.shape]);
    const { weights, bias, spread, dy } = exact;
    using recorder = new Recorder(withTile(gpu, "conv3x3", convolution, tile));
    const y = emptyHalfActivation(arena, dy.shape);
    conv3x3Forward(recorder, convolution, {
      x: halfActivation(arena, x, 1),
      weights: slice(arena, toConvolutionWeights(weights)),
      bias: slice(arena, bias.data),
      y,
    }, 8);
    recorder.submit();
    const expected = conv2dForward(x, weights, bias, spread);
    const actual = fromActivations(await y.readFloats(), dy.shape);
    assertStoredInHalves("y", actual.data, expected.data);
  });
});

describe("squareCandidates", () => {
  const layers: readonly Convolution[] = [
    { inputChannels: 32, outputChannels: 32, size: 32, stride: 1 },
    { inputChannels: 32, outputChannels: 64, size: 16, stride: 2 },
    { inputChannels: 64, outputChannels: 64, size: 16, stride: 1 },
    { inputChannels: 64, outputChannels: 128, size: 8, stride: 2 },
    { inputChannels: 128, outputChannels: 128, size: 8, stride: 1 },
  ];

  it("keep to the workgroup memory that there is, the first for class integrated", () => {
    for (const layer of layers) {
      const least = squareCandidates(layer, leastWorkgroupBytes);
      const more = squareCandidates(layer, wantedWorkgroupBytes);
      assert.ok(least.length > 0 && least.length <= more.length);
      for (const tile of least) {
        assert.ok(squareBlock(layer, tile)!.bytes <= leastWorkgroupBytes);
        assert.ok(more.includes(tile));
      }
      const tile = tileOf(tilesOfClass.integrated, "conv3x3", layer);
      assert.equal(tile, least[0]);
    }
  });

  it("leave convolutions out that no such workgroup covers", () => {
    const odd = { ...layers[0], outputChannels: 40 };
    assert.deepEqual(squareCandidates(odd, wantedWorkgroupBytes), []);
  });
});
