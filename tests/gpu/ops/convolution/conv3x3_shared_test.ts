import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Convolution, sampleGroup } from "../../../../gpu/convolution.ts";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import {
  leastWorkgroupBytes,
  sharedBlock,
  sharedCandidates,
  type SharedTile,
  wantedWorkgroupBytes,
} from "../../../../gpu/tiles/shared_tile.ts";
import { type Tile, tileOf, tilesOfClass } from "../../../../gpu/tiles.ts";
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

const alone: Tile<"conv3x3"> = { size: [2, 4], group: 8 };
const shared = (
  columns: number,
  outputs4: number,
  channels: number,
  group: number,
): SharedTile => ({ size: [1, columns], group, shared: [outputs4, channels] });

/** Every part of a block: of a map, a whole one, several; all channels, some; strides; few and many inputs. */
const problems: readonly {
  convolution: Convolution;
  samples: number;
  tile: SharedTile;
  block: { rows: number; samples: number };
}[] = [
  {
    convolution: {
      inputChannels: 4,
      outputChannels: 32,
      size: 32,
      stride: 1,
    },
    samples: 8,
    tile: shared(16, 2, 32, 128),
    block: { rows: 16, samples: 1 },
  },
  {
    convolution: {
      inputChannels: 12,
      outputChannels: 64,
      size: 16,
      stride: 2,
    },
    samples: 8,
    tile: shared(8, 2, 64, 64),
    block: { rows: 4, samples: 1 },
  },
  {
    convolution: {
      inputChannels: 32,
      outputChannels: 64,
      size: 16,
      stride: 1,
    },
    samples: 8,
    tile: shared(8, 2, 32, 128),
    block: { rows: 16, samples: 1 },
  },
  {
    convolution: {
      inputChannels: 16,
      outputChannels: 192,
      size: 8,
      stride: 1,
    },
    samples: 24,
    tile: shared(8, 1, 64, 128),
    block: { rows: 8, samples: 1 },
  },
  {
    convolution: {
      inputChannels: 128,
      outputChannels: 128,
      size: 8,
      stride: 1,
    },
    samples: 8,
    tile: shared(8, 2, 64, 128),
    block: { rows: 8, samples: 2 },
  },
  {
    convolution: {
      inputChannels: 8,
      outputChannels: 32,
      size: 8,
      stride: 2,
    },
    samples: 8,
    tile: shared(4, 2, 32, 128),
    block: { rows: 8, samples: 2 },
  },
];

describe("conv3x3Forward by workgroups that share what they read", () => {
  for (const { convolution, samples, tile, block } of problems) {
    const { inputChannels, outputChannels, size, stride } = convolution;
    it(`is the twin's, and to the bit what threads alone give: ${inputChannels}→${outputChannels} at ${size}×${size}, stride ${stride}`, async () => {
      const { x, weights, bias, spread, dy } = convolutionProblem(
        convolution,
        samples,
      );
      const { rows, samples: together } = sharedBlock(convolution, tile)!;
      assert.deepEqual({ rows, samples: together }, block);
      const run = async (by: Tile, count: number) => {
        const own = withTile(gpu, "conv3x3", convolution, by);
        using recorder = new Recorder(own);
        const shape = activationShape(dy.shape);
        const filled = new Float32Array(dy.data.length).fill(untouched);
        const y = arena.tensorOf("y", shape, filled);
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
      assertSameBits("threads alone", await run(alone, samples), bits);
      const some = await run(tile, sampleGroup);
      assertFirstSamplesAlone(some, bits, some.length * sampleGroup / samples);
    });
  }

  it("is one dispatch for all output channels", () => {
    const { convolution, tile } = problems[3];
    const dispatches: number[] = [];
    const recorder = {
      gpu: withTile(gpu, "conv3x3", convolution, tile),
      dispatch: (_kernel: unknown, _tensors: unknown, [groups]: number[]) => {
        dispatches.push(groups);
      },
    } as unknown as Recorder;
    conv3x3Forward(recorder, convolution, {
      x: arena.tensor("x", [8, 4, 10, 10, 4]),
      weights: slice(arena, new Float32Array(16 * 192 * 9)),
      bias: slice(arena, new Float32Array(192)),
      y: arena.tensor("y", [8, 48, 8, 8, 4]),
    }, 8);
    // Eight samples, three times 64 of 192 channels.
    assert.deepEqual(dispatches, [24]);
  });
});

describeHalves("conv3x3Forward by such workgroups, in 16 bits", () => {
  const { convolution, tile } = problems[1];
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

describe("sharedCandidates", () => {
  const layers: readonly Convolution[] = [
    { inputChannels: 32, outputChannels: 32, size: 32, stride: 1 },
    { inputChannels: 32, outputChannels: 64, size: 16, stride: 2 },
    { inputChannels: 64, outputChannels: 64, size: 16, stride: 1 },
    { inputChannels: 64, outputChannels: 128, size: 8, stride: 2 },
    { inputChannels: 128, outputChannels: 128, size: 8, stride: 1 },
  ];

  it("keep to the workgroup memory that there is", () => {
    let larger = 0;
    for (const layer of layers) {
      const least = sharedCandidates(layer, leastWorkgroupBytes);
      const more = sharedCandidates(layer, wantedWorkgroupBytes);
      assert.ok(least.length > 0);
      larger += more.length - least.length;
      for (const tile of least) {
        assert.ok(sharedBlock(layer, tile)!.bytes <= leastWorkgroupBytes);
        assert.ok(more.includes(tile));
      }
    }
    assert.ok(larger > 0);
  });

  it("give graphics cards the first for every layer, and the software adapter none", () => {
    for (const layer of layers) {
      const [first] = sharedCandidates(layer, leastWorkgroupBytes);
      const { software, discrete } = tilesOfClass;
      assert.equal(tileOf(discrete, "conv3x3", layer), first);
      const { shared } = tileOf(software, "conv3x3", layer);
      assert.equal(shared, undefined);
    }
  });

  it("leave convolutions out that no such workgroup covers", () => {
    const odd: Convolution = {
      inputChannels: 16,
      outputChannels: 48,
      size: 8,
      stride: 1,
    };
    assert.deepEqual(sharedCandidates(odd, wantedWorkgroupBytes), []);
    const { discrete } = tilesOfClass;
    assert.deepEqual(tileOf(discrete, "conv3x3", odd), {
      size: discrete.conv3x3,
      group: discrete.group,
    });
  });
});
