import { reversed } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import {
  isConvolution,
  isInputGradient,
  isStridedInputGradient,
} from "./known_convolution.ts";
import { endOperations } from "./end_work.ts";
import { isProduct } from "./known_product.ts";
import {
  isWeightGradient,
  isWeightGradientAtPoints,
} from "./known_weight_gradient.ts";
import { conv3x3Forward } from "../ops/convolution/conv3x3.ts";
import { conv3x3InputGradientStride2 } from "../ops/convolution/conv3x3_input_gradient_stride2.ts";
import {
  conv3x3WeightGradient,
  weightGradientParts,
} from "../ops/convolution/conv3x3_weight_gradient.ts";
import { denseForward } from "../ops/dense.ts";
import {
  denseInputGradient,
  denseWeightGradient,
} from "../ops/dense_backward.ts";
import { partsOfDense } from "../tiles/shared_product.ts";
import { winogradInputGradient } from "../ops/convolution/winograd_input_gradient.ts";
import { winogradAddWeightGradient } from "../ops/convolution/winograd_weight_gradient.ts";
import type { Operation, Operations } from "./operation.ts";
import { trialValue, trialValues } from "./trial_values.ts";
import { type Recorder, whole } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import type { TiledKernel } from "../tiles/tile_sizes.ts";
import type { TunedKernel } from "./tuned_kernels.ts";
import { WinogradScratch, winogradWeightCount } from "../winograd.ts";

const operations: Operations<TiledKernel> = {
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

  dense(shape, { samples, tiles, values }) {
    const { inputChannels, outputChannels } = shape;
    const z = values(samples, outputChannels);
    const weights = whole(values(inputChannels * outputChannels));
    const y = values(samples, inputChannels);
    // Whatever the tile that is tried.
    const parts = partsOfDense(shape, tiles);
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

  ...endOperations,
};

/** The operation that runs a kernel, on tensors of its own. */
export class KernelWork implements Disposable {
  /** Records the operation on all samples. */
  readonly record: Operation["record"];
  /** Whether what {@linkcode KernelWork.run} gives is what 64 bits give: see `areSums`. */
  readonly isRight: Operation["isRight"];
  readonly #outputs: readonly Tensor[];
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
    const operation = operations[kernel](shape, {
      samples,
      tiles: gpu.tiles,
      values,
      made(of, ...extents) {
        const size = extents.reduce((product, extent) => product * extent);
        const made = Float32Array.from(
          { length: size },
          (_, place) => of(trialValue(place)),
        );
        return arena.tensorOf(`${kernel} on trial`, extents, made);
      },
      map: (channels, size) => map(channels, size, 1),
      bordered(channels, size) {
        const side = size + 2;
        const shape = [samples, channels / 4, side, side, 4];
        const values = new Float32Array(samples * channels * side ** 2);
        for (let at = 0; at < values.length; at++) {
          const [row, column] = [
            Math.floor(at / 4 / side) % side,
            Math.floor(at / 4) % side,
          ];
          const isInside = Math.min(row, column) > 0 &&
            Math.max(row, column) < side - 1;
          if (isInside) values[at] = trialValue(at);
        }
        return arena.tensorOf(`${kernel} on trial`, shape, values);
      },
      result: (channels, size) => map(channels, size, 0),
      weights: ({ inputChannels, outputChannels }) =>
        whole(values(9 * inputChannels * outputChannels)),
      scratch: (convolution) =>
        owned.use(new WinogradScratch(gpu, [convolution], samples)),
    });
    const { output, others = [], record, isRight } = operation;
    this.#outputs = [output, ...others];
    this.record = record;
    this.isRight = isRight;
    this.#owned = owned.move();
  }

  /** Runs the operation and reads all that it writes, one output after the other; each is cleared before, since some kernels add to it. */
  async run(recorder: Recorder): Promise<Float32Array<ArrayBuffer>> {
    for (const output of this.#outputs) recorder.clear(output);
    this.record(recorder);
    recorder.submit();
    const sizes = this.#outputs.map(({ size }) => size);
    const all = new Float32Array(sizes.reduce((sum, size) => sum + size));
    let at = 0;
    for (const output of this.#outputs) {
      all.set(await output.readFloats(), at);
      at += output.size;
    }
    return all;
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
