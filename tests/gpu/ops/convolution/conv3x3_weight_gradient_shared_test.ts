import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Convolution, sampleGroup } from "../../../../gpu/convolution.ts";
import {
  conv3x3WeightGradient,
  weightGradientParts,
} from "../../../../gpu/ops/convolution/conv3x3_weight_gradient.ts";
import { Recorder, whole } from "../../../../gpu/recorder.ts";
import type { Tensor } from "../../../../gpu/tensor.ts";
import {
  leastWorkgroupBytes,
  wantedWorkgroupBytes,
} from "../../../../gpu/tiles/shared_tile.ts";
import {
  type SharedWeightGradient,
  weightGradientCandidates,
} from "../../../../gpu/tiles/shared_weight_gradient.ts";
import { type Tile, tileOf, tilesOfClass } from "../../../../gpu/tiles.ts";
import { fromConvolutionWeights } from "../../../helpers/gpu/activation_layout.ts";
import { convolutionProblem } from "../../../helpers/gpu/convolution_problem.ts";
import {
  assertNear,
  assertSameBits,
  bordered,
  openBench,
  withTile,
} from "../../../helpers/gpu/gpu_op.ts";
import {
  describeHalves,
  halfActivation,
  halfTensor,
} from "../../../helpers/gpu/half_precision.ts";
import { conv2dBackward } from "../../../reference/conv2d.ts";

const { gpu, arena } = await openBench();
const row = (
  outputs4: number,
  channels: number,
  group: number,
): SharedWeightGradient => ({ size: [1], group, shared: [outputs4, channels] });
const window = (channels: number, group: number): SharedWeightGradient => ({
  size: [3],
  group,
  shared: [1, channels],
});

/** Some of the channels and all of them; one part of a map's rows and several, one strip and two; four rows at once and two; strides. Both tiles must give the same bits. */
const problems: readonly {
  convolution: Convolution;
  samples: number;
  tiles: readonly [SharedWeightGradient, SharedWeightGradient];
}[] = [
  {
    convolution: { inputChannels: 32, outputChannels: 64, size: 16, stride: 2 },
    samples: 8,
    tiles: [row(2, 64, 96), row(2, 64, 192)],
  },
  {
    convolution: { inputChannels: 12, outputChannels: 48, size: 8, stride: 2 },
    samples: 16,
    tiles: [row(1, 48, 108), row(2, 16, 6)],
  },
  {
    convolution: { inputChannels: 4, outputChannels: 16, size: 4, stride: 2 },
    samples: 24,
    tiles: [row(2, 16, 6), row(1, 16, 12)],
  },
  {
    convolution: { inputChannels: 32, outputChannels: 64, size: 16, stride: 1 },
    samples: 8,
    tiles: [window(32, 128), window(64, 128)],
  },
  {
    convolution: { inputChannels: 24, outputChannels: 48, size: 8, stride: 1 },
    samples: 24,
    tiles: [window(16, 16), window(48, 144)],
  },
  {
    convolution: { inputChannels: 8, outputChannels: 16, size: 32, stride: 1 },
    samples: 8,
    tiles: [window(16, 16), window(8, 4)],
  },
  {
    convolution: { inputChannels: 4, outputChannels: 16, size: 6, stride: 1 },
    samples: 16,
    tiles: [window(16, 8), window(4, 2)],
  },
];

/** The parts' sums by a tile. */
async function weightGradient(
  convolution: Convolution,
  tile: Tile,
  { x, dy }: { x: Tensor; dy: Tensor },
  samples: number,
): Promise<Float32Array> {
  using recorder = new Recorder(
    withTile(gpu, "conv3x3_weight_gradient", convolution, tile),
  );
  const { inputChannels, outputChannels } = convolution;
  const size = 9 * inputChannels * outputChannels;
  const parts = weightGradientParts(convolution, samples);
  const partial = arena.tensor("partial", [parts, size]);
  conv3x3WeightGradient(
    recorder,
    convolution,
    { x, dy, partial: whole(partial) },
    samples,
  );
  recorder.submit();
  return await partial.readFloats();
}

/** The parts' sums added, as the twin's weights lie. */
function total(partial: Float32Array, shape: readonly number[]): Float64Array {
  const size = shape.reduce((a, b) => a * b);
  const sum = new Float32Array(size);
  for (let at = 0; at < partial.length; at++) sum[at % size] += partial[at];
  return Float64Array.from(fromConvolutionWeights(sum, shape).data);
}

describe("conv3x3WeightGradient by workgroups that share what they read", () => {
  for (const { convolution, samples, tiles } of problems) {
    const { inputChannels, outputChannels, size, stride } = convolution;
    it(`is the twin's, to the bit the same however it is cut: ${inputChannels}→${outputChannels} at ${size}×${size}, stride ${stride}`, async () => {
      const { x, weights, dy, spread } = convolutionProblem(
        convolution,
        samples,
      );
      const [tile, other] = tiles;
      const tensors = { x: bordered(arena, x), dy: bordered(arena, dy) };
      const run = (by: Tile, count: number) =>
        weightGradient(convolution, by, tensors, count);
      const bits = await run(tile, samples);
      const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
      assertNear("∂w", total(bits, weights.shape), expected.data);
      assertSameBits("second run", await run(tile, samples), bits);
      assertSameBits("other tile", await run(other, samples), bits);
      const some = await run(tile, sampleGroup);
      assertSameBits("first samples", some, bits.subarray(0, some.length));
    });
  }
});

describeHalves("conv3x3WeightGradient by such workgroups, from 16 bits", () => {
  for (const { convolution, samples, tiles } of [problems[0], problems[3]]) {
    it(`is the twin's at stride ${convolution.stride}`, async () => {
      const exact = convolutionProblem(convolution, samples);
      const x = halfTensor("x", [...exact.x.shape]);
      const tensors = {
        x: halfActivation(arena, x, 1),
        dy: bordered(arena, exact.dy),
      };
      const { weights, dy, spread } = exact;
      const [tile] = tiles;
      const bits = await weightGradient(convolution, tile, tensors, samples);
      const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
      assertNear("∂w", total(bits, weights.shape), expected.data);
    });
  }
});

describe("weightGradientCandidates", () => {
  const candidates = (
    shape: Convolution,
    bytes: number,
    deviceClass: "integrated" | "discrete" = "discrete",
  ) => weightGradientCandidates(shape, bytes, tilesOfClass[deviceClass]);

  it("keep to the workgroup memory that there is, the first for GPUs", () => {
    const kernel = "conv3x3_weight_gradient";
    for (const { convolution } of [problems[0], problems[3]]) {
      const least = candidates(convolution, leastWorkgroupBytes);
      const more = candidates(convolution, wantedWorkgroupBytes);
      assert.ok(least.length > 0 && least.length <= more.length);
      for (const deviceClass of ["integrated", "discrete"] as const) {
        const own = tileOf(tilesOfClass[deviceClass], kernel, convolution);
        const [first] = candidates(
          convolution,
          leastWorkgroupBytes,
          deviceClass,
        );
        assert.deepEqual(own, first);
      }
      const others = tileOf(tilesOfClass.software, kernel, convolution);
      assert.equal(others.shared, undefined);
    }
  });

  it("leave convolutions out that no such workgroup covers", () => {
    const { convolution } = problems[4];
    for (
      const shape of [
        convolution,
        { ...convolution, inputChannels: 32, outputChannels: 64, size: 12 },
        { ...convolution, inputChannels: 32, outputChannels: 64, size: 1 },
      ]
    ) assert.deepEqual(candidates(shape, wantedWorkgroupBytes), []);
  });
});
