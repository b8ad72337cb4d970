import type { Gpu } from "./device.ts";
import {
  arrayOfType,
  type ElementType,
  elementTypeOf,
  type ReadValues,
  type TensorValues,
  wordBytes,
} from "./element_type.ts";
import { GpuError, GpuMemoryError } from "./errors.ts";
import { Staging } from "./staging.ts";

/** The largest slice that every adapter can bind as a uniform buffer. */
export const uniformLimitBytes = 65536;

let nextTensorId = 0;

/**
 * A GPU buffer with a shape; row-major, two bytes an element of type "f16" and four of the others.
 *
 * Layout letters used in this program: N samples, C channels, H rows, W columns, B = N/32 blocks of samples,
 * L = 32 samples within a block. Activations of the network are [N, C/4, H, W, 4], descriptors [B, C, L].
 */
export class Tensor implements Disposable {
  readonly id: number = nextTensorId++;
  readonly buffer: GPUBuffer;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly label: string;
  /** Bytes of the buffer: those of all elements, and of a uniform tensor a window more. */
  readonly bufferBytes: number;
  readonly #gpu: Gpu;

  /**
   * Allocates a zero-filled tensor; `uniform` makes it bindable as a uniform buffer as well, from any element on as far
   * as {@linkcode uniformLimitBytes} reach: the window that kernels declare, whatever part of it they read.
   *
   * @throws {GpuMemoryError} when it does not fit one binding of the adapter, one buffer of its driver or the memory budget
   */
  constructor(
    gpu: Gpu,
    label: string,
    shape: readonly number[],
    options: { type?: ElementType; uniform?: boolean } = {},
  ) {
    this.#gpu = gpu;
    this.label = label;
    this.shape = shape;
    this.type = options.type ?? "f32";
    if (!shape.every((extent) => Number.isInteger(extent) && extent > 0)) {
      throw new GpuError({
        attempt: `allocate ${label}`,
        found: `shape [${shape.join(", ")}]`,
        wanted: "positive whole numbers",
      });
    }
    const tailBytes = options.uniform ? uniformLimitBytes : 0;
    this.bufferBytes = this.sizeBytes + tailBytes;
    const bindingBytes = gpu.device.limits.maxStorageBufferBindingSize;
    const limit = Math.min(bindingBytes, gpu.largestBufferBytes);
    if (this.bufferBytes > limit) {
      throw new GpuMemoryError({
        attempt: `allocate ${label}`,
        where: `[${shape.join(", ")}]`,
        found: `${this.bufferBytes} bytes`,
        wanted: `at most ${limit} bytes in one ${
          limit < bindingBytes ? "buffer" : "binding"
        }`,
        remedy: "lower the batch size",
      });
    }
    gpu.reserve(this.bufferBytes, label);
    this.buffer = gpu.device.createBuffer({
      label,
      size: Math.max(16, this.bufferBytes),
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC |
        GPUBufferUsage.COPY_DST |
        (options.uniform ? GPUBufferUsage.UNIFORM : 0),
    });
  }

  /** Number of elements. */
  get size(): number {
    return this.shape.reduce((product, extent) => product * extent, 1);
  }

  /** Bytes of one element. */
  get elementBytes(): number {
    return arrayOfType[this.type].BYTES_PER_ELEMENT;
  }

  /** Bytes of all elements, whole words. */
  get sizeBytes(): number {
    return Math.ceil(this.size * this.elementBytes / wordBytes) * wordBytes;
  }

  /**
   * Copies `values` to the GPU, starting at element `offset`; ordered before whatever is submitted later.
   *
   * @param values of the tensor's own type; of "f16" an even number at an even offset
   * @throws {GpuError} when they are of another type or do not fit
   */
  write(values: TensorValues, offset = 0): void {
    if (!(values instanceof arrayOfType[this.type])) {
      throw new GpuError({
        attempt: `write ${this.label}`,
        where: `[${this.shape.join(", ")}]`,
        found: `a ${values.constructor.name}`,
        wanted: `values of type ${this.type}`,
      });
    }
    if (!(offset >= 0 && offset + values.length <= this.size)) {
      throw new GpuError({
        attempt: `write ${this.label}`,
        where: `[${this.shape.join(", ")}]`,
        found: `${values.length} values at offset ${offset}`,
        wanted: `at most ${this.size - offset}`,
      });
    }
    this.#assertWords("write", offset, values.length);
    this.#gpu.device.queue.writeBuffer(
      this.buffer,
      offset * this.elementBytes,
      values.buffer as ArrayBuffer,
      values.byteOffset,
      values.byteLength,
    );
  }

  /** Reads `count` elements from element `offset` back (all of them by default); waits for the GPU. */
  async read(
    offset = 0,
    count = this.size - offset,
  ): Promise<ReadValues> {
    const { device } = this.#gpu;
    this.#assertWords("read", offset, count);
    const sizeBytes = count * this.elementBytes;
    const staging = new Staging(this.#gpu, this.label, sizeBytes);
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(
      this.buffer,
      offset * this.elementBytes,
      staging.buffer,
      0,
      sizeBytes,
    );
    device.queue.submit([encoder.finish()]);
    return new arrayOfType[this.type](await staging.take());
  }

  /** Reads a float tensor back; "f16" widened, which is exact. */
  async readFloats(
    offset = 0,
    count?: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    const values = await this.read(offset, count);
    return values instanceof Float32Array ? values : Float32Array.from(values);
  }

  /**
   * Requires `count` elements from `offset` on to be whole words.
   *
   * @throws {GpuError} when they are not
   */
  #assertWords(verb: string, offset: number, count: number): void {
    const isWhole = (elements: number) =>
      elements * this.elementBytes % wordBytes === 0;
    if (isWhole(offset) && isWhole(count)) return;
    throw new GpuError({
      attempt: `${verb} ${this.label}`,
      where: `[${this.shape.join(", ")}]`,
      found: `${count} values at offset ${offset}`,
      wanted: `even numbers of type ${this.type}`,
    });
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
    this.#gpu.release(this.bufferBytes);
  }
}

/** Tensors that live and die together: one model at one batch size. A refused allocation gives back all of them. */
export class Arena implements Disposable {
  readonly #gpu: Gpu;
  readonly #tensors: Tensor[] = [];

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
  }

  /**
   * Allocates one more zero-filled tensor.
   *
   * @throws {GpuMemoryError} when it does not fit; the arena is disposed of then
   */
  tensor(
    label: string,
    shape: readonly number[],
    options: { type?: ElementType; uniform?: boolean } = {},
  ): Tensor {
    try {
      const tensor = new Tensor(this.#gpu, label, shape, options);
      this.#tensors.push(tensor);
      return tensor;
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Allocates a tensor that holds `values`. */
  tensorOf(
    label: string,
    shape: readonly number[],
    values: TensorValues,
    options: { uniform?: boolean } = {},
  ): Tensor {
    const type = elementTypeOf(values);
    const tensor = this.tensor(label, shape, { ...options, type });
    tensor.write(values);
    return tensor;
  }

  /** Bytes of all tensors in this arena. */
  get sizeBytes(): number {
    return this.#tensors.reduce((sum, tensor) => sum + tensor.sizeBytes, 0);
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#tensors) tensor[Symbol.dispose]();
    this.#tensors.length = 0;
  }
}
