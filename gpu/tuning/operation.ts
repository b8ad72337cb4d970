import type { Convolution } from "../convolution.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import type { Tiles } from "../tiles.ts";
import type { TiledKernel } from "../tiles/tile_sizes.ts";
import type { WinogradScratch } from "../winograd.ts";

/** Makes the tensors of an operation. */
export interface Maker {
  samples: number;
  /** Of the device: its class decides orders of sums. */
  tiles: Pick<Tiles, "squares">;
  /** Values in [−1, 1), the same on every adapter. */
  values(...shape: number[]): Tensor;
  /** What a function makes of them. */
  made(of: (value: number) => number, ...shape: number[]): Tensor;
  /** Activations or their gradients, with a border of one pixel. */
  map(channels: number, size: number): Tensor;
  /** The same with a border of zeros. */
  bordered(channels: number, size: number): Tensor;
  /** The same without a border. */
  result(channels: number, size: number): Tensor;
  weights(convolution: Convolution): TensorSlice;
  scratch(convolution: Convolution): WinogradScratch;
}

/** What an operation writes, and how it is recorded. */
export interface Operation {
  output: Tensor;
  /** What it writes beside that. */
  others?: readonly Tensor[];
  record(recorder: Recorder): void;
  /** Whether what it wrote to a cleared output is what 64 bits give. */
  isRight(result: Float32Array): boolean;
}

/** The operations that run some kernels. */
export type Operations<K extends TiledKernel> = Readonly<
  Record<K, (shape: Convolution, maker: Maker) => Operation>
>;
