import { type Convolution, reversed } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import {
  isConvolution,
  isInputGradient,
  isStridedInputGradient,
} from "./known_convolution.ts";
import { isProduct } from "./known_product.ts";
import {
  isWeightGradient,
  isWeightGradientAtPoints,
} from "./known_weight_gradient.ts";
import { conv3x3Forward } from "../ops/conv3x3.ts";
import { conv3x3InputGradientStride2 } from "../ops/conv3x3_backward.ts";
import {
  conv3x3WeightGradient,
  weightGradientParts,
} from "../ops/conv3x3_weight_gradient.ts";
import { denseForward } from "../ops/dense.ts";
import {
  denseInputGradient,
  denseWeightGradient,
} from "../ops/dense_backward.ts";
import { partsOfDense } from "../tiles/shared_product.ts";
import { winogradInputGradient } from "../ops/winograd_input_gradient.ts";
import { winogradAddWeightGradient } from "../ops/winograd_weight_gradient.ts";
import { trialValues } from "./trial_values.ts";
import { type Recorder, type TensorSlice, whole } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import type { TiledKernel } from "../tiles/tile_sizes.ts";
import type { TunedKernel } from "./tuned_kernels.ts";
import { WinogradScratch, winogradWeightCount } from "../winograd.ts";

/** Makes the tensors of an operation. */
interface Maker {
  samples: number;
  /** Values in [−1, 1), the same on every adapter. */
  values(...shape: number[]): Tensor;
  /** Activations or their gradients, with a border of one pixel. */
  map(channels: number, size: number): Tensor;
  /** The same without a border. */
  result(channels: number, size: number): Tensor;
  weights(convolution: Convolution): TensorSlice;
  scratch(convolution: Convolution): WinogradScratch;
}

/** What an operation writes, and how it is recorded. */
interface Operation {
  output: Tensor;
  record(recorder: Recorder): void;
  /** Whether what it wrote to a cleared output are the sums that 64 bits give. */
  isRight(result: Float32Array): boolean;
}

const operations: Readonly<
  Record<TiledKernel, (shape: Convolution, maker: Maker) => Operation>
> = {
  conv3x3(shape, { samples, map, result, weights, values }) {
    const { inputChannels, outputChannels, size, stride } = shape;
    const y = result(outputChannels, size);
    const tensors = {
      x: map(inputChannels, stride * size),
      weights: weights(shape),
      bias: whole(values(outputChannels)),
      y,
    };
    return {
      output: y,
      record: (to) => conv3x3Forward(to, shape, tensors, samples),
      isRight: (result) => isConvolution(shape, result),
    };
  },

  conv3x3_transposed(shape, { samples, map, result, weights }) {
    const dx = result(shape.inputChannels, 2 * shape.size);
    const dy = map(shape.outputChannels, shape.size);
    const tensors = { dy, transposedWeights: weights(shape), dx };
    return {
      output: dx,
      record: (to) => conv3x3InputGradientStride2(to, shape, tensors, samples),
      isRight: (result) => isStridedInputGradient(shape, result),
    };
  },

  conv3x3_weight_gradient(shape, { samples, map, values }) {
    const { inputChannels, outputChannels, size, stride } = shape;
    const parts = weightGradientParts(shape, samples);
    const partial = values(parts, 9 * inputChannels * outputChannels);
    const x = map(inputChannels, stride * size);
    const dy = map(outputChannels, size);
    return {
      output: partial,
      record: (to) =>
        conv3x3WeightGradient(
          to,
          shape,
          { x, dy, partial: whole(partial) },
          samples,
        ),
      isRight: (result) => isWeightGradient(shape, samples, result),
    };
  },

  winograd_product(shape, { samples, map, result, weights, scratch }) {
    const forward = reversed(shape);
    const dx = result(forward.inputChannels, forward.size);
    const dy = map(forward.outputChannels, forward.size);
    const tensors = { dy, weights: weights(forward), dx };
    const room = scratch(shape);
    return {
      output: dx,
      record: (to) =>
        winogradInputGradient(to, forward, tensors, room, samples),
      isRight: (result) => isInputGradient(forward, result),
    };
  },

  winograd_weight_product(shape, { samples, map, values, scratch }) {
    const du = values(winogradWeightCount(shape));
    const x = map(shape.inputChannels, shape.size);
    const dy = map(shape.outputChannels, shape.size);
    const room = scratch(shape);
    return {
      output: du,
      record: (to) =>
        winogradAddWeightGradient(to, shape, { x, dy, du }, room, samples),
      isRight: (result) => isWeightGradientAtPoints(shape, samples, result),
    };
  },

  dense(shape, { samples, values }) {
    const { inputChannels, outputChannels } = shape;
    const z = values(samples, outputChannels);
    const weights = whole(values(inputChannels * outputChannels));
    const y = values(samples, inputChannels);
    // Whatever the tile that is tried.
    const parts = partsOfDense(shape);
    const partial = values(parts, samples, outputChannels);
    const tensors = { y, weights, z, partial };
    return {
      output: z,
      record: (to) => denseForward(to, tensors, 0, samples),
      isRight: (result) =>
        isProduct(result, inputChannels, (at, k) => [
          Math.floor(at / outputChannels) * inputChannels + k,
          k * outputChannels + at % outputChannels,
        ]),
    };
  },

  dense_input_gradient({ inputChannels, outputChannels }, maker) {
    const { samples, values } = maker;
    const dy = values(samples, inputChannels);
    const weights = whole(values(inputChannels * outputChannels));
    const tensors = { dz: values(samples, outputChannels), weights, dy };
    return {
      output: dy,
      record: (to) => denseInputGradient(to, tensors, 0, samples),
      isRight: (result) =>
        isProduct(result, outputChannels, (at, o) => [
          Math.floor(at / inputChannels) * outputChannels + o,
          at % inputChannels * outputChannels + o,
        ]),
    };
  },

  dense_weight_gradient({ inputChannels, outputChannels }, maker) {
    const { samples, values } = maker;
    const dw = values(inputChannels * outputChannels);
    const y = values(samples, inputChannels);
    const tensors = { y, dz: values(samples, outputChannels), dw: whole(dw) };
    return {
      output: dw,
      record: (to) => denseWeightGradient(to, tensors, 0, samples),
      isRight: (result) =>
        isProduct(result, samples, (at, n) => [
          n * inputChannels + Math.floor(at / outputChannels),
          n * outputChannels + at % outputChannels,
        ]),
    };
  },
};

/** The operation that runs a kernel, on tensors of its own. */
export class KernelWork implements Disposable {
  /** What the operation writes; some kernels add to it. */
  readonly output: Tensor;
  /** Records the operation on all samples. */
  readonly record: Operation["record"];
  /** Whether a result, of an output that was cleared, are the sums that 64 bits give: see `areSums`. */
  readonly isRight: Operation["isRight"];
  readonly #owned: DisposableStack;

  /**
   * @param samples of the batch, whole sample groups
   * @throws {GpuMemoryError} when the tensors do not fit
   */
  constructor(gpu: Gpu, { kernel, shape }: TunedKernel, samples: number) {
    using owned = new DisposableStack();
    const arena = owned.use(new Arena(gpu));
    const values = (...extents: number[]) => {
      const tensor = arena.tensor(`${kernel} on trial`, extents, {
        uniform: true,
      });
      fill(tensor);
      return tensor;
    };
    const map = (channels: number, size: number, border: number) => {
      const side = size + 2 * border;
      return values(samples, channels / 4, side, side, 4);
    };
    const { output, record, isRight } = operations[kernel](shape, {
      samples,
      values,
      map: (channels, size) => map(channels, size, 1),
      result: (channels, size) => map(channels, size, 0),
      weights: ({ inputChannels, outputChannels }) =>
        whole(values(9 * inputChannels * outputChannels)),
      scratch: (convolution) =>
        owned.use(new WinogradScratch(gpu, [convolution], samples)),
    });
    this.output = output;
    this.record = record;
    this.isRight = isRight;
    this.#owned = owned.move();
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}

function fill(tensor: Tensor): void {
  for (let at = 0; at < tensor.size; at += trialValues.length) {
    tensor.write(trialValues.subarray(0, tensor.size - at), at);
  }
}
