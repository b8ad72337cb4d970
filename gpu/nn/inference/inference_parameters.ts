import type { Gpu } from "../../device.ts";
import type { TensorSlice } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import {
  alignment,
  convolutionSource,
  denseSource,
} from "../parameter_table.ts";
import type { FoldedConvolution, FoldedNetwork } from "./fold_network.ts";

/** [K, C, P, P] ← [C, P, P, K]: what convolutions of one channel, and those without padding, read. */
function plainSource(
  [outputs, inputs, side]: readonly number[],
): (i: number) => number {
  const taps = inputs * side * side;
  return (i) => i % outputs * taps + Math.floor(i / outputs);
}

/** Where the kernels want which weight; the head's is read as a matrix. */
function sourceOf(
  { shape }: FoldedConvolution,
  isHead: boolean,
): (i: number) => number {
  const [, inputs, side] = shape;
  if (isHead) return denseSource(inputs);
  return inputs > 1 && side === 3
    ? convolutionSource(inputs)
    : plainSource(shape);
}

/** The convolutions of a network for inference on the GPU, in kernel order. */
export class InferenceParameters implements Disposable {
  readonly #arena: Arena;
  readonly #slices = new Map<string, TensorSlice>();

  /** @param head name of the convolution that the network ends with */
  constructor(gpu: Gpu, network: FoldedNetwork, head: string) {
    const parts: { name: string; values: Float32Array; offset: number }[] = [];
    let size = 0;
    const add = (name: string, values: Float32Array) => {
      parts.push({ name, values, offset: size });
      size += Math.ceil(values.length / alignment) * alignment;
    };
    for (const [name, folded] of network) {
      const { weight, bias } = folded;
      const source = sourceOf(folded, name === head);
      add(`${name}.weight`, weight.map((_, i) => weight[source(i)]));
      add(`${name}.bias`, bias);
    }
    const flat = new Float32Array(size);
    for (const { values, offset } of parts) flat.set(values, offset);
    this.#arena = new Arena(gpu);
    const tensor: Tensor = this.#arena.tensorOf("parameters", [size], flat, {
      uniform: true,
    });
    for (const { name, values, offset } of parts) {
      this.#slices.set(name, { tensor, offset, size: values.length });
    }
  }

  /** Weight and bias of a convolution. */
  of(convolution: string): { weights: TensorSlice; bias: TensorSlice } {
    return {
      weights: this.#slices.get(`${convolution}.weight`)!,
      bias: this.#slices.get(`${convolution}.bias`)!,
    };
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}
