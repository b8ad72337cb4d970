import assert from "node:assert/strict";
import { type AdapterFacts, Gpu, openGpu } from "../../../gpu/device.ts";
import {
  randomBits4,
  type RandomStream,
  randomUnit,
} from "../../../gpu/random_bits.ts";
import { Recorder, type TensorSlice, whole } from "../../../gpu/recorder.ts";
import type { TensorValues } from "../../../gpu/element_type.ts";
import { Arena, type Tensor as GpuTensor } from "../../../gpu/tensor.ts";
import type { Convolution } from "../../../gpu/convolution.ts";
import {
  type Tile,
  tileName,
  tileOf,
  type Tiles,
  tilesOfClass,
  twoKernels,
} from "../../../gpu/tiles.ts";
import {
  isEnd,
  type TiledKernel,
  type WinogradTiles,
} from "../../../gpu/tiles/tile_sizes.ts";
import { tunedKernelsOf } from "../../../gpu/tuning/tuned_kernels.ts";
import type { Tensor } from "../../reference/tensor.ts";
import { activationShape, toActivations } from "./activation_layout.ts";
import { randomTensor } from "./gradient_check.ts";

export { whole };

/** What an op is tested with: one device, its recorder and tensors that live as long as the file runs. */
export interface OpBench {
  gpu: Gpu;
  recorder: Recorder;
  arena: Arena;
  /** The same device under another class's tiles. */
  otherTiles: Recorder;
}

/** Opens the adapter once for a file of tests. */
export async function openBench(): Promise<OpBench> {
  const gpu = await openGpu();
  return {
    gpu,
    recorder: new Recorder(gpu),
    arena: new Arena(gpu),
    otherTiles: new Recorder(withOtherTiles(gpu)),
  };
}

/** The same device with the tiles of another class: software's on a GPU, a graphics card's on software. */
export function withOtherTiles(gpu: Gpu): Gpu {
  const facts: AdapterFacts = {
    ...gpu.adapter,
    deviceClass: gpu.adapter.deviceClass === "software"
      ? "discrete"
      : "software",
  };
  return new Gpu(gpu.device, facts, Infinity);
}

/** The same device with these tiles. */
export function withTiles(gpu: Gpu, tiles: Tiles): Gpu {
  const own = new Gpu(gpu.device, gpu.adapter, Infinity);
  own.tiles = tiles;
  return own;
}

/** The same device with one tile for a kernel's work, as if it had been measured. */
export function withTile(
  gpu: Gpu,
  kernel: TiledKernel,
  shape: Convolution,
  tile: Tile,
): Gpu {
  const chosen = new Map([[tileName(kernel, shape), tile]]);
  return withTiles(gpu, { ...gpu.tiles, chosen });
}

/** The same device with the tiles of another class whose sums run in the order of its own, so that they give the same bits. */
export function withSameSums(gpu: Gpu): Gpu {
  const others = withOtherTiles(gpu);
  const { sharedKernels, squares, winograd } = gpu.tiles;
  others.tiles = {
    ...others.tiles,
    sharedKernels,
    squares,
    winograd: winograd && otherWinogradTiles,
  };
  return others;
}

/** The same device as one of the class that has Winograd's method, with these tiles of it. */
export function withWinograd(
  gpu: Gpu,
  winograd: WinogradTiles | undefined = tilesOfClass.software.winograd,
): Gpu {
  const facts: AdapterFacts = { ...gpu.adapter, deviceClass: "software" };
  const own = new Gpu(gpu.device, facts, Infinity);
  own.tiles = { ...own.tiles, winograd };
  return own;
}

/** Tiles of Winograd's method that no class has. */
export const otherWinogradTiles: WinogradTiles = {
  winograd_product: [4, 4],
  winograd_weight_product: [2, 2],
  samples: 8,
};

/** The same device with tiles as if they had been measured: for every kernel those of {@linkcode withSameSums}. */
export function withTunedTiles(gpu: Gpu): Gpu {
  const others = withSameSums(gpu).tiles;
  const chosen = new Map(
    tunedKernelsOf(others).map(({ kernel, shape, name }) => [
      name,
      isEnd(kernel) ? twoKernels : tileOf(others, kernel, shape),
    ]),
  );
  return withTiles(gpu, { ...gpu.tiles, chosen });
}

/** Numbers as a tensor of their own, which a kernel may read as a uniform buffer too. */
export function slice(arena: Arena, values: ArrayLike<number>): TensorSlice {
  const floats = Float32Array.from(values);
  const uniform = { uniform: true };
  return whole(arena.tensorOf("values", [floats.length], floats, uniform));
}

/** The twin's [N, C, H, W] as the kernels lay out a gradient, or an activation in 32 bits, with a border of one zero. */
export function bordered(arena: Arena, tensor: Tensor): GpuTensor {
  const shape = activationShape(tensor.shape, 1);
  return arena.tensorOf("bordered", shape, toActivations(tensor, 1));
}

/** Values that both binary32 and the float64 twin hold exactly. */
export function exactTensor(
  purpose: string,
  shape: number[],
  low = -1,
  high = 1,
): Tensor {
  const tensor = randomTensor(purpose, shape, low, high);
  tensor.data.set(tensor.data.map(Math.fround));
  return tensor;
}

/** The first `count` samples of a tensor. */
export function firstSamples({ shape, data }: Tensor, count: number): Tensor {
  const size = data.length / shape[0];
  return {
    shape: [count, ...shape.slice(1)],
    data: data.subarray(0, count * size),
  };
}

/** Fails unless every entry is within `tolerance` of the largest expected one, naming the worst. */
export function assertNear(
  what: string,
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance = 1e-5,
): void {
  assert.equal(actual.length, expected.length, `size of ${what}`);
  let largest = 0;
  for (let at = 0; at < expected.length; at++) {
    largest = Math.max(largest, Math.abs(expected[at]));
  }
  assert.ok(largest > 0, `${what} is expected to be zero everywhere`);
  let worst = { at: -1, error: -1 };
  for (let at = 0; at < expected.length; at++) {
    const error = Math.abs(actual[at] - expected[at]) / largest;
    if (!(error <= worst.error)) worst = { at, error };
  }
  assert.ok(
    worst.error <= tolerance,
    `${what}[${worst.at}] is ${actual[worst.at]}, the twin has ${
      expected[worst.at]
    }: off by ${worst.error} of the largest`,
  );
}

/** Fails unless all values are zero. */
export function assertZero(what: string, values: ArrayLike<number>): void {
  const at = Array.from(values).findIndex((value) => value !== 0);
  assert.equal(at, -1, `${what}[${at}] is ${values[at]}`);
}

/** Fails unless two read-backs are equal to the bit (signed zeros and NaN included). */
export function assertSameBits(
  what: string,
  actual: TensorValues,
  expected: TensorValues,
): void {
  const bits = ({ buffer, byteOffset, byteLength }: TensorValues) =>
    new Uint32Array(buffer, byteOffset, byteLength / 4);
  const a = bits(actual);
  const b = bits(expected);
  assert.equal(a.length, b.length, `size of ${what}`);
  const at = a.findIndex((word, i) => word !== b[i]);
  assert.equal(at, -1, `${what}[${at}]: ${actual[at]} against ${expected[at]}`);
}

/** What outputs hold before a kernel runs, so that what it left alone can be told. */
export const untouched = 7;

/**
 * Fails unless the first `computed` outputs are to the bit those of a run over all samples, and the others were left alone.
 *
 * @param rest what the others held
 */
export function assertFirstSamplesAlone(
  some: Float32Array,
  all: Float32Array,
  computed: number,
  rest: number = untouched,
): void {
  assertSameBits(
    "first samples",
    some.subarray(0, computed),
    all.subarray(0, computed),
  );
  assert.ok(some.subarray(computed).every((value) => value === rest));
}

/**
 * Which elements [N, C, H, W] the network's dropout keeps: 1 kept, 0 dropped, drawn by the element's place in the whole
 * batch, of which the tensor's first sample is number `firstSample`.
 */
export function dropoutMask(
  stream: RandomStream,
  rate: number,
  [samples, channels, height, width]: readonly number[],
  firstSample: number,
): Uint8Array {
  const area = height * width;
  const mask = new Uint8Array(samples * channels * area);
  for (let n = 0; n < samples; n++) {
    for (let c = 0; c < channels; c++) {
      for (let pixel = 0; pixel < area; pixel++) {
        const map = (firstSample + n) * channels / 4 + (c >> 2);
        const bits = randomBits4(stream, map * area + pixel)[c % 4];
        mask[(n * channels + c) * area + pixel] =
          randomUnit(bits) < Math.fround(rate) ? 0 : 1;
      }
    }
  }
  return mask;
}
