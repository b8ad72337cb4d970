import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { DeviceClass } from "../../../gpu/device_class.ts";
import type { Gpu } from "../../../gpu/device.ts";
import { denseForward, densePartial } from "../../../gpu/ops/dense.ts";
import {
  denseInputGradient,
  denseWeightGradient,
} from "../../../gpu/ops/dense_backward.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import {
  partsOfDense,
  productCandidates,
  type SharedProductKernel,
  sharedProducts,
} from "../../../gpu/tiles/shared_product.ts";
import {
  leastWorkgroupBytes,
  wantedWorkgroupBytes,
} from "../../../gpu/tiles/shared_tile.ts";
import {
  type Tile,
  tileName,
  tileOf,
  tilesOfClass,
} from "../../../gpu/tiles.ts";
import type { TiledKernel } from "../../../gpu/tiles/tile_sizes.ts";
import {
  activationShape,
  fromActivations,
  fromDenseWeights,
  toActivations,
  toDenseWeights,
} from "../../helpers/gpu/activation_layout.ts";
import {
  assertNear,
  assertSameBits,
  exactTensor,
  openBench,
  untouched,
  whole,
  withTiles,
} from "../../helpers/gpu/gpu_op.ts";
import {
  describeHalves,
  halfActivation,
  halfTensor,
} from "../../helpers/gpu/half_precision.ts";
import { conv2dBackward, conv2dForward } from "../../reference/conv2d.ts";

const { gpu, arena } = await openBench();
const { software, integrated, discrete } = tilesOfClass;
/** More rows than a workgroup has, and the last one's are not all there. */
const [capacity, channels, outputs] = [136, 8, 64];
/** Rows of the whole batch, of which the micro-batch begins at row 16. */
const [all, first] = [160, 16];
const spread = { stride: 1, padding: 0 };
const shape = {
  inputChannels: channels * 64,
  outputChannels: outputs,
  size: 1,
  stride: 1,
} as const;

const y = exactTensor("y", [capacity, channels, 8, 8]);
const weights = exactTensor("weights", [outputs, channels, 8, 8]);
const dz = exactTensor("dz", [capacity, outputs, 1, 1]);
const kernelWeights = toDenseWeights(weights);
const backward = conv2dBackward(dz, y, weights, spread);

const tensors = {
  y: arena.tensorOf("y", activationShape(y.shape), toActivations(y)),
  weights: whole(
    arena.tensorOf("weights", [kernelWeights.length], kernelWeights),
  ),
  dz: arena.tensor("dz", [all, outputs], { uniform: true }),
};
tensors.dz.write(new Float32Array(all * outputs).fill(untouched));
tensors.dz.write(Float32Array.from(dz.data), first * outputs);

/** The device as a graphics card, or of another class, with a tile of its own for a kernel. */
function card(
  kernel: TiledKernel,
  tile: Tile | undefined,
  deviceClass: DeviceClass = "discrete",
): Gpu {
  const chosen = new Map(
    tile === undefined ? [] : [[tileName(kernel, shape), tile]],
  );
  return withTiles(gpu, { ...tilesOfClass[deviceClass], chosen });
}

async function forward(
  count: number,
  { tile, deviceClass, from = first, input = tensors.y }: {
    tile?: Tile;
    deviceClass?: DeviceClass;
    from?: number;
    input?: typeof tensors.y;
  } = {},
): Promise<Float32Array> {
  const own = card("dense", tile, deviceClass);
  using recorder = new Recorder(own);
  const values = new Float32Array(all * outputs).fill(untouched);
  const z = arena.tensorOf("z", [all, outputs], values);
  const partial = densePartial(arena, own, input, outputs);
  denseForward(recorder, { ...tensors, y: input, z, partial }, from, count);
  recorder.submit();
  return await z.readFloats();
}

async function inputGradient(
  count: number,
  tile?: Tile,
): Promise<Float32Array> {
  using recorder = new Recorder(card("dense_input_gradient", tile));
  const dy = arena.tensor("dy", activationShape(y.shape));
  denseInputGradient(recorder, { ...tensors, dy }, first, count);
  recorder.submit();
  return await dy.readFloats();
}

async function weightGradient(
  counts: number[],
  tile?: Tile,
): Promise<Float32Array> {
  using recorder = new Recorder(card("dense_weight_gradient", tile));
  const dw = arena.tensor("dw", [kernelWeights.length]);
  for (const count of counts) {
    denseWeightGradient(recorder, { ...tensors, dw: whole(dw) }, first, count);
  }
  recorder.submit();
  return await dw.readFloats();
}

/** The ones with the smallest workgroups of both classes: compilers take long for each. */
function otherTiles(kernel: SharedProductKernel): readonly Tile[] {
  return [discrete, integrated].flatMap((tiles) =>
    productCandidates(kernel, shape, leastWorkgroupBytes, tiles).slice(-1)
  );
}

describe("the 8×8 convolution by workgroups that share what they read", () => {
  it("is the twin's, in parts whose order no tile and no batch changes", async () => {
    assert.ok(partsOfDense(shape, discrete) > 1);
    const expected = conv2dForward(y, weights, undefined, spread);
    const z = await forward(capacity);
    const [from, to] = [first * outputs, (first + capacity) * outputs];
    const bits = z.subarray(from, to);
    assertNear("z", bits, expected.data);
    const rest = [...z.subarray(0, from), ...z.subarray(to)];
    assert.ok(rest.every((value) => value === untouched));
    assertSameBits("second run", await forward(capacity), z);
    for (const tile of otherTiles("dense")) {
      assertSameBits("other tile", await forward(capacity, { tile }), z);
    }
    const some = await forward(8, { from: 0 });
    const end = 8 * outputs;
    assertSameBits("8 samples", some.subarray(0, end), bits.subarray(0, end));
    assert.ok(some.subarray(end).every((value) => value === untouched));
  });

  it("is the twin's in the fewer parts of class integrated", async () => {
    const parts = [integrated, discrete].map((tiles) =>
      partsOfDense(shape, tiles)
    );
    assert.deepEqual(parts, [16, 32]);
    // Three rows of a workgroup's eighty are there.
    const count = 3;
    const expected = conv2dForward(y, weights, undefined, spread);
    const z = await forward(count, { deviceClass: "integrated", from: 0 });
    const end = count * outputs;
    assertNear("z", z.subarray(0, end), expected.data.subarray(0, end));
    assert.ok(z.subarray(end).every((value) => value === untouched));
  });

  it("has the twin's input gradient", async () => {
    const values = await inputGradient(capacity);
    const dy = fromActivations(values, y.shape);
    assertNear("∂y", dy.data, backward.inputGradient.data);
    assertSameBits("second run", await inputGradient(capacity), values);
    for (const tile of otherTiles("dense_input_gradient")) {
      assertSameBits("other tile", await inputGradient(capacity, tile), values);
    }
    const some = await inputGradient(8);
    const end = 8 * shape.inputChannels;
    assertSameBits(
      "8 samples",
      some.subarray(0, end),
      values.subarray(0, end),
    );
    assert.ok(some.subarray(end).every((value) => value === 0));
  });

  it("has the twin's weight gradient, and to the bit what threads alone give", async () => {
    const values = await weightGradient([capacity]);
    const dw = fromDenseWeights(values, weights.shape);
    assertNear("∂w", dw.data, backward.weightGradient.data);
    const alone: Tile = { size: [4, 4], group: 8 };
    const tiles = [undefined, ...otherTiles("dense_weight_gradient"), alone];
    for (const tile of tiles) {
      const name = `by ${tile?.group}`;
      assertSameBits(name, await weightGradient([capacity], tile), values);
    }
    // 24 samples are a slab and a half.
    assertSameBits(
      "24 and 8 samples",
      await weightGradient([24, 8]),
      await weightGradient([24, 8], alone),
    );
  });

  it("refuses to sum without room for the parts", () => {
    using recorder = new Recorder(card("dense", undefined));
    const z = arena.tensor("z", [all, outputs]);
    const given = [undefined, arena.tensor("small", [1, 8, outputs])];
    for (const partial of given) {
      assert.throws(
        () => denseForward(recorder, { ...tensors, z, partial }, 0, 8),
        {
          name: "GpuError",
          message:
            /^Cannot run denseForward: partial: found .*, wanted \[32, 136, 64\]$/,
        },
      );
    }
  });
});

describeHalves("the 8×8 convolution by such workgroups, from 16 bits", () => {
  it("is the twin's", async () => {
    const halves = halfTensor("y", [...y.shape]);
    const input = halfActivation(arena, halves);
    const expected = conv2dForward(halves, weights, undefined, spread);
    const z = await forward(capacity, { input, from: 0 });
    assertNear("z", z.subarray(0, capacity * outputs), expected.data);
  });
});

describe("productCandidates", () => {
  it("keep to the workgroup memory that there is, the first for GPUs alone", () => {
    for (const kernel of sharedProducts) {
      for (const tiles of [discrete, integrated]) {
        const [least, more] = [leastWorkgroupBytes, wantedWorkgroupBytes].map(
          (bytes) => productCandidates(kernel, shape, bytes, tiles),
        );
        assert.ok(least.length > 0 && least.length <= more.length, kernel);
        assert.deepEqual(tileOf(tiles, kernel, shape), least[0]);
      }
      assert.equal(tileOf(software, kernel, shape).shared, undefined);
    }
  });

  it("leave products out that no such workgroup covers", () => {
    const odd = { ...shape, inputChannels: 40, outputChannels: 40 };
    for (const kernel of sharedProducts) {
      assert.deepEqual(
        productCandidates(kernel, odd, wantedWorkgroupBytes, discrete),
        [],
      );
    }
  });
});
