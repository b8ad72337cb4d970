import { BindGroups, type Bound } from "./bind_groups.ts";
import type { Gpu } from "./device.ts";
import { GpuError } from "./errors.ts";
import { assertGroups, type Kernel } from "./kernel.ts";
import { Staging } from "./staging.ts";
import type { Tensor } from "./tensor.ts";

export { type Bound, type TensorSlice, whole } from "./bind_groups.ts";

/** Bytes that hold any kernel's `Params`; a multiple of 256, as offsets of bindings must be. */
export const slotBytes = 512;
const slotCount = 1024;
/** 32-bit values that a slot holds. */
const slotValues = slotBytes / 4;

/** A value of a kernel's `Params` uniform; order and type are the struct's. */
export type UniformValue = { u32: number } | { f32: number };

/** Whole numbers as the values of a `Params` uniform. */
export function unsigned(...values: number[]): UniformValue[] {
  return values.map((u32) => ({ u32 }));
}

/** Writes the values of a `Params` uniform into memory that `words` and `floats` share, from element `at` on. */
export function writeUniform(
  values: readonly UniformValue[],
  words: Uint32Array,
  floats: Float32Array,
  at = 0,
): void {
  for (const value of values) {
    if ("u32" in value) words[at++] = value.u32;
    else floats[at++] = value.f32;
  }
}

/** One dispatch as {@linkcode Recorder.dispatch} was asked for it. */
export interface Dispatch {
  kernel: Kernel;
  tensors: readonly Bound[];
  groups: readonly [number, number?, number?];
  uniform: readonly UniformValue[] | undefined;
}

/** Is told of every dispatch; where it answers, the dispatch gets a pass of its own that is timed so. */
export type DispatchObserver = (
  dispatch: Dispatch,
) => GPUComputePassTimestampWrites | undefined;

const observers = new WeakMap<Gpu, DispatchObserver>();

/** Makes every recorder that is created for `gpu` from now on tell `observer` of its dispatches; for measuring only. */
export function observeDispatches(gpu: Gpu, observer: DispatchObserver): void {
  observers.set(gpu, observer);
}

/**
 * Collects dispatches into one compute pass and one submit.
 *
 * Small uniforms live in slots of one buffer, written once per submit, so that a step allocates nothing; bind
 * groups are remembered by the tensors they bind. Dispatches see each other's results in order.
 */
export class Recorder implements Disposable {
  readonly gpu: Gpu;
  readonly #observer: DispatchObserver | undefined;
  readonly #uniforms: GPUBuffer;
  readonly #uniformBytes = new ArrayBuffer(slotBytes * slotCount);
  readonly #uniformWords = new Uint32Array(this.#uniformBytes);
  readonly #uniformFloats = new Float32Array(this.#uniformBytes);
  readonly #bindGroups: BindGroups;
  #slot = 0;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  /** What the pass is set to run. */
  #kernel: Kernel | undefined;
  /** Kernels that were asked for in a rehearsal, with the uniform of the first time. */
  #rehearsed: Map<Kernel, readonly UniformValue[] | undefined> | undefined;

  constructor(gpu: Gpu) {
    this.gpu = gpu;
    this.#observer = observers.get(gpu);
    this.#uniforms = gpu.device.createBuffer({
      label: "uniforms",
      size: slotBytes * slotCount,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#bindGroups = new BindGroups(gpu, this.#uniforms, slotBytes);
  }

  /**
   * Records one dispatch: bindings 0 … n−1 are `tensors` in order; binding n is the `Params` uniform if
   * `uniform` is given.
   */
  dispatch(
    kernel: Kernel,
    tensors: readonly Bound[],
    groups: readonly [number, number?, number?],
    uniform?: readonly UniformValue[],
  ): void {
    const [x, y = 1, z = 1] = groups;
    assertGroups(kernel.label, x, y, z);
    if (this.#rehearsed !== undefined) {
      if (!this.#rehearsed.has(kernel)) this.#rehearsed.set(kernel, uniform);
      return;
    }
    if (uniform !== undefined && this.#slot === slotCount) this.submit();
    const slot = uniform === undefined ? -1 : this.#writeUniform(uniform);
    this.#encoder ??= this.gpu.device.createCommandEncoder();
    const timestampWrites = this.#observer?.({
      kernel,
      tensors,
      groups,
      uniform,
    });
    if (timestampWrites !== undefined) {
      this.#endPass();
      this.#pass = this.#encoder.beginComputePass({ timestampWrites });
    }
    this.#pass ??= this.#encoder.beginComputePass();
    if (this.#kernel !== kernel) this.#pass.setPipeline(kernel.pipeline);
    this.#kernel = kernel;
    this.#pass.setBindGroup(0, this.#bindGroups.find(kernel, tensors, slot));
    this.#pass.dispatchWorkgroups(x, y, z);
    if (timestampWrites !== undefined) this.#endPass();
  }

  /**
   * The kernels that `record` dispatches, in order, each with the uniform of its first dispatch; nothing is recorded of what it
   * does with this recorder, and nothing runs.
   */
  rehearse(
    record: () => void,
  ): ReadonlyMap<Kernel, readonly UniformValue[] | undefined> {
    const rehearsed = new Map<Kernel, readonly UniformValue[] | undefined>();
    this.submit();
    this.#rehearsed = rehearsed;
    try {
      record();
    } finally {
      this.#rehearsed = undefined;
    }
    return rehearsed;
  }

  /** Records a copy of `count` elements between tensors of one type. */
  copy(
    source: Tensor,
    target: Tensor,
    count: number,
    sourceOffset = 0,
    targetOffset = 0,
  ): void {
    if (this.#rehearsed !== undefined) return;
    this.#endPass();
    this.#encoder ??= this.gpu.device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(
      source.buffer,
      sourceOffset * source.elementBytes,
      target.buffer,
      targetOffset * target.elementBytes,
      count * source.elementBytes,
    );
  }

  /** Records setting every element of `tensor` to zero. */
  clear(tensor: Tensor): void {
    if (this.#rehearsed !== undefined) return;
    this.#endPass();
    this.#encoder ??= this.gpu.device.createCommandEncoder();
    this.#encoder.clearBuffer(tensor.buffer);
  }

  /** Sends what was recorded to the GPU; returns at once. */
  submit(): void {
    if (this.#encoder === undefined) return;
    this.#endPass();
    if (this.#slot > 0) {
      this.gpu.device.queue.writeBuffer(
        this.#uniforms,
        0,
        this.#uniformBytes,
        0,
        this.#slot * slotBytes,
      );
    }
    this.gpu.device.queue.submit([this.#encoder.finish()]);
    this.#encoder = undefined;
    this.#slot = 0;
    this.gpu.assertHealthy();
  }

  /**
   * Sends what was recorded and, behind it, a copy of a float tensor's first `count` elements; returns at once with what
   * waits for them. A read-back of its own would be a second submission, for which the software adapter waits until the
   * first is done.
   */
  submitAndRead(
    source: Tensor,
    count: number,
  ): () => Promise<Float32Array<ArrayBuffer>> {
    const sizeBytes = count * Float32Array.BYTES_PER_ELEMENT;
    const staging = new Staging(this.gpu, source.label, sizeBytes);
    this.#endPass();
    this.#encoder ??= this.gpu.device.createCommandEncoder();
    this.#encoder.copyBufferToBuffer(
      source.buffer,
      0,
      staging.buffer,
      0,
      sizeBytes,
    );
    this.submit();
    return async () => new Float32Array(await staging.take());
  }

  [Symbol.dispose](): void {
    this.#uniforms.destroy();
    this.#bindGroups.clear();
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = undefined;
    this.#kernel = undefined;
  }

  #writeUniform(values: readonly UniformValue[]): number {
    if (values.length > slotValues) {
      throw new GpuError({
        attempt: "record a dispatch",
        where: "Params",
        found: `${values.length} values`,
        wanted: `at most ${slotValues}`,
      });
    }
    const slot = this.#slot++;
    const start = slot * slotValues;
    writeUniform(values, this.#uniformWords, this.#uniformFloats, start);
    return slot;
  }
}
