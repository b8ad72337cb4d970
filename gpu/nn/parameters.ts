import type { Gpu } from "../device.ts";
import type { TensorSlice } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { frnEpsilon } from "../ops/frn_tlu.ts";
import {
  type Architecture,
  descriptorSize,
  normalizations,
} from "./architecture.ts";
import {
  checkedTensor,
  type NetworkState,
  requireFrnEpsilon,
  statisticsNames,
} from "./network_state.ts";
import { type ParameterTable, parameterTable } from "./parameter_table.ts";

/** The parameters and running statistics of one network on the GPU. */
export class NetworkParameters implements Disposable {
  readonly architecture: Architecture;
  /** Where each trained tensor lies in {@linkcode values}. */
  readonly table: ParameterTable;
  /** All trained tensors in kernel order, flat. */
  readonly values: Tensor;
  /** Running mean and variance of the BatchNorm: [2, 128]. */
  readonly running: Tensor;
  /** Batches whose statistics went into the running ones; PyTorch's `num_batches_tracked`. */
  batchesTracked = 0;
  readonly #arena: Arena;

  constructor(gpu: Gpu, architecture: Architecture) {
    this.architecture = architecture;
    this.table = parameterTable(architecture);
    const { flatSize } = this.table;
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
    const { offset, size } = this.table.entries.get(name)!;
    return { tensor, offset, size };
  }

  /**
   * Loads a checkpoint's tensors; those of other names (aliases, say) are ignored.
   *
   * @throws {GpuError} when one is missing, has another shape or holds a value that is not finite
   */
  load(state: NetworkState): void {
    const { architecture, table } = this;
    const flat = new Float32Array(table.flatSize);
    for (const [name, { shape, size, offset, source }] of table.entries) {
      const data = checkedTensor(architecture, state, name, shape);
      for (let i = 0; i < size; i++) {
        flat[offset + i] = Number(data[source(i)]);
      }
    }
    const running = new Float32Array(2 * descriptorSize);
    for (const [row, name] of statisticsNames(architecture).entries()) {
      const data = checkedTensor(architecture, state, name, [descriptorSize]);
      running.set(Array.from(data, Number), row * descriptorSize);
    }
    requireFrnEpsilon(architecture, state);
    const tracked = state.get(`${architecture.batchNorm}.num_batches_tracked`);
    this.batchesTracked = Number(tracked?.data[0] ?? 0);
    this.values.write(flat);
    this.running.write(running);
  }

  /** Reads everything back as a checkpoint's tensors: PyTorch's names, shapes and order. */
  async state(): Promise<
    Map<
      string,
      {
        shape: readonly number[];
        data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
      }
    >
  > {
    const { architecture, table } = this;
    const state = unflatten(table, await this.values.readFloats());
    const running = await this.running.readFloats();
    for (const [row, name] of statisticsNames(architecture).entries()) {
      const first = row * descriptorSize;
      const data = running.slice(first, first + descriptorSize);
      state.set(name, { shape: [descriptorSize], data });
    }
    const full: Map<
      string,
      {
        shape: readonly number[];
        data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
      }
    > = new Map(state);
    full.set(`${architecture.batchNorm}.num_batches_tracked`, {
      shape: [],
      data: BigInt64Array.of(BigInt(this.batchesTracked)),
    });
    for (const { frn } of normalizations(architecture)) {
      full.set(`${frn}.eps`, {
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
  { entries }: ParameterTable,
  flat: Float32Array,
): Map<string, { shape: readonly number[]; data: Float32Array<ArrayBuffer> }> {
  const state = new Map<
    string,
    { shape: readonly number[]; data: Float32Array<ArrayBuffer> }
  >();
  for (const [name, { shape, size, offset, source }] of entries) {
    const data = new Float32Array(size);
    for (let i = 0; i < size; i++) data[source(i)] = flat[offset + i];
    state.set(name, { shape, data });
  }
  return state;
}
