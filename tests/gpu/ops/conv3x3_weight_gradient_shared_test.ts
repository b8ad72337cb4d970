import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Convolution, sampleGroup } from "../../../gpu/convolution.ts";
import { Gpu } from "../../../gpu/device.ts";
import {
  conv3x3WeightGradient,
  weightGradientParts,
} from "../../../gpu/ops/conv3x3_backward.ts";
import { Recorder, whole } from "../../../gpu/recorder.ts";
import type { Tensor } from "../../../gpu/tensor.ts";
import {
  leastWorkgroupBytes,
  wantedWorkgroupBytes,
} from "../../../gpu/tiles/shared_tile.ts";
import {
  inputs4OfGroup,
  type SharedWeightGradient,
  weightGradientCandidates,
} from "../../../gpu/tiles/shared_weight_gradient.ts";
import {
  type Tile,
  tileName,
  tileOf,
  tilesOfClass,
} from "../../../gpu/tiles.ts";
import { fromConvolutionWeights } from "../../helpers/gpu/activation_layout.ts";
import { convolutionProblem } from "../../helpers/gpu/convolution_problem.ts";
import {
  assertNear,
  assertSameBits,
  bordered,
  openBench,
} from "../../helpers/gpu/gpu_op.ts";
import {
  describeHalves,
  halfActivation,
  halfTensor,
} from "../../helpers/gpu/half_precision.ts";
import { conv2dBackward } from "../../reference/conv2d.ts";

const { gpu, arena } = await openBench();
const alone: Tile<"conv3x3_weight_gradient"> = { size: [3], group: 8 };

const shared = (
  outputs4: number,
  channels: number,
  group: number,
): SharedWeightGradient => ({ size: [1], group, shared: [outputs4, channels] });

/** Some of the channels and all of them; one part of a map's rows and several; strides. */
const problems: readonly {
  convolution: Convolution;
  samples: number;
  tile: SharedWeightGradient;
}[] = [
  {
    convolution: { inputChannels: 32, outputChannels: 64, size: 16, stride: 2 },
    samples: 8,
    tile: shared(2, 64, 96),
  },
  {
    convolution: { inputChannels: 32, outputChannels: 64, size: 16, stride: 1 },
    samples: 8,
    tile: shared(1, 32, 96),
  },
  {
    convolution: { inputChannels: 32, outputChannels: 64, size: 8, stride: 2 },
    samples: 16,
    tile: shared(2, 64, 192),
  },
  {
    convolution: { inputChannels: 8, outputChannels: 16, size: 8, stride: 1 },
    samples: 24,
    tile: shared(1, 16, 24),
  },
];

/** The parts' sums by a tile. */
async function weightGradient(
  convolution: Convolution,
  tile: Tile,
  { x, dy }: { x: Tensor; dy: Tensor },
  samples: number,
): Promise<Float32Array> {
  const own = new Gpu(gpu.device, gpu.adapter, Infinity);
  const name = tileName("conv3x3_weight_gradient", convolution);
  own.tiles = { ...gpu.tiles, chosen: new Map([[name, tile]]) };
  using recorder = new Recorder(own);
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
  for (const { convolution, samples, tile } of problems) {
    const { inputChannels, outputChannels, size, stride } = convolution;
    it(`is the twin's, and to the bit what threads alone give: ${inputChannels}→${outputChannels} at ${size}×${size}, stride ${stride}`, async () => {
      const { x, weights, dy, spread } = convolutionProblem(
        convolution,
        samples,
      );
      assert.ok(inputs4OfGroup(tile) > 1);
      const tensors = { x: bordered(arena, x), dy: bordered(arena, dy) };
      const run = (by: Tile, count: number) =>
        weightGradient(convolution, by, tensors, count);
      const bits = await run(tile, samples);
      const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
      assertNear("∂w", total(bits, weights.shape), expected.data);
      assertSameBits("second run", await run(tile, samples), bits);
      assertSameBits("threads alone", await run(alone, samples), bits);
      const some = await run(tile, sampleGroup);
      assertSameBits("first samples", some, bits.subarray(0, some.length));
    });
  }
});

describeHalves("conv3x3WeightGradient by such workgroups, from 16 bits", () => {
  const { convolution, samples, tile } = problems[0];
  it("is the twin's", async () => {
    const exact = convolutionProblem(convolution, samples);
    const x = halfTensor("x", [...exact.x.shape]);
    const tensors = {
      x: halfActivation(arena, x, 1),
      dy: bordered(arena, exact.dy),
    };
    const { weights, dy, spread } = exact;
    const bits = await weightGradient(convolution, tile, tensors, samples);
    const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
    assertNear("∂w", total(bits, weights.shape), expected.data);
  });
});

describe("weightGradientCandidates", () => {
  it("keep to the workgroup memory that there is, the first for graphics cards", () => {
    for (const { convolution } of problems.slice(0, 3)) {
      const least = weightGradientCandidates(convolution, leastWorkgroupBytes);
      const more = weightGradientCandidates(convolution, wantedWorkgroupBytes);
      assert.ok(least.length > 0 && least.length <= more.length);
      const kernel = "conv3x3_weight_gradient";
      const own = tileOf(tilesOfClass.discrete, kernel, convolution);
      assert.deepEqual(own, least[0]);
      const others = tileOf(tilesOfClass.software, kernel, convolution);
      assert.equal(others.shared, undefined);
    }
  });

  it("leave convolutions out that no such workgroup covers", () => {
    const { convolution } = problems[3];
    const none = weightGradientCandidates(convolution, wantedWorkgroupBytes);
    assert.deepEqual(none, []);
  });
});
