import type { Gpu } from "../device.ts";
import type { TensorSlice } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { frnEpsilon } from "../ops/frn_tlu.ts";
import { batchNormName, descriptorSize } from "./layers.ts";
import {
  checkedTensor,
  frnNames,
  type NetworkState,
  requireFrnEpsilon,
} from "./network_state.ts";
import { flatSize, parameterTable } from "./parameter_table.ts";

/** The parameters and running statistics of one SDGMNet128 on the GPU. */
export class NetworkParameters implements Disposable {
  /** All trained tensors in kernel order, flat; see `parameterTable`. */
  readonly values: Tensor;
  /** Running mean and variance of the BatchNorm: [2, 128]. */
  readonly running: Tensor;
  /** Batches whose statistics went into the running ones; PyTorch's `num_batches_tracked`. */
  batchesTracked = 0;
  readonly #arena: Arena;

  constructor(gpu: Gpu) {
    this.#arena = new Arena(gpu);
    this.values = this.#arena.tensor("parameters", [flatSize], {
      uniform: true,
    });
    this.running = this.#arena.tensor("running statistics", [
      2,
      descriptorSize,
    ]);
  }

  /** The part of `tensor` (by default the values) that belongs to the parameter `name`. */
  slice(name: string, tensor: Tensor = this.values): TensorSlice {
    const { offset, size } = parameterTable.get(name)!;
    return { tensor, offset, size };
  }

  /**
   * Loads a checkpoint's tensors (`features.…` names; `layerN.…` aliases and others are ignored).
   *
   * @throws {GpuError} when one is missing, has another shape or holds a value that is not finite.
   */
  load(state: NetworkState): void {
    const flat = new Float32Array(flatSize);
    for (const [name, { shape, size, offset, source }] of parameterTable) {
      const data = checkedTensor(state, name, shape);
      for (let i = 0; i < size; i++) {
        flat[offset + i] = Number(data[source(i)]);
      }
    }
    const channels = [descriptorSize];
    const running = new Float32Array(2 * descriptorSize);
    running.set(
      Array.from(
        checkedTensor(state, `${batchNormName}.running_mean`, channels),
        Number,
      ),
    );
    running.set(
      Array.from(
        checkedTensor(state, `${batchNormName}.running_var`, channels),
        Number,
      ),
      descriptorSize,
    );
    requireFrnEpsilon(state);
    const tracked = state.get(`${batchNormName}.num_batches_tracked`);
    this.batchesTracked = Number(tracked?.data[0] ?? 0);
    this.values.write(flat);
    this.running.write(running);
  }

  /** Reads everything back as a checkpoint's tensors: `features.…` names, PyTorch shapes and order. */
  async state(): Promise<
    Map<
      string,
      {
        shape: readonly number[];
        data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
      }
    >
  > {
    const state = unflatten(await this.values.readFloats());
    const running = await this.running.readFloats();
    state.set(`${batchNormName}.running_mean`, {
      shape: [descriptorSize],
      data: running.slice(0, descriptorSize),
    });
    state.set(`${batchNormName}.running_var`, {
      shape: [descriptorSize],
      data: running.slice(descriptorSize),
    });
    const full: Map<
      string,
      {
        shape: readonly number[];
        data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
      }
    > = new Map(state);
    full.set(`${batchNormName}.num_batches_tracked`, {
      shape: [],
      data: BigInt64Array.of(BigInt(this.batchesTracked)),
    });
    for (const name of frnNames()) {
      full.set(`${name}.eps`, {
        shape: [1],
        data: Float32Array.of(frnEpsilon),
      });
    }
    return full;
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}

/** Takes a flat buffer (values, gradients or moments) apart into PyTorch-shaped tensors by name. */
export function unflatten(
  flat: Float32Array,
): Map<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }> {
  const state = new Map<
    string,
    { shape: readonly number[]; data: Float32Array<ArrayBuffer> }
  >();
  for (const [name, { shape, size, offset, source }] of parameterTable) {
    const data = new Float32Array(size);
    for (let i = 0; i < size; i++) data[source(i)] = flat[offset + i];
    state.set(name, { shape, data });
  }
  return state;
}
