import type { Gpu } from "../device.ts";

let nextTextureId = 0;

/** Components of a texel. */
const texelComponents = 4;

/** Rows that a texture has at most. */
export const mostTextureRows = 8192;

/**
 * Rows of binary32 values that kernels read as texels: `textureLoad(x, vec2(k, row), 0)` are components 4k … 4k + 3 of a row.
 * Values come as they were written. The software adapter loads a texel faster than a vec4 in storage.
 */
export class RowTexture implements Disposable {
  readonly id = `texture ${nextTextureId++}`;
  readonly view: GPUTextureView;
  readonly shape: readonly number[];
  readonly size: number;
  readonly #gpu: Gpu;
  readonly #texture: GPUTexture;
  readonly #components: number;

  /**
   * @param rows at most {@linkcode mostTextureRows}
   * @param components of a row: a multiple of 4, at most 32,768
   * @throws {GpuMemoryError} when it does not fit the memory budget
   */
  constructor(gpu: Gpu, label: string, rows: number, components: number) {
    this.#gpu = gpu;
    this.#components = components;
    this.shape = [rows, components];
    this.size = rows * components;
    gpu.reserve(this.sizeBytes, label);
    this.#texture = gpu.device.createTexture({
      label,
      size: [components / texelComponents, rows],
      format: "rgba32float",
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    });
    this.view = this.#texture.createView();
  }

  /** Copies the first rows to the GPU; ordered before whatever is submitted later. */
  write(values: Float32Array): void {
    const rows = values.length / this.#components;
    this.#gpu.device.queue.writeTexture(
      { texture: this.#texture },
      values as Float32Array<ArrayBuffer>,
      { bytesPerRow: this.#components * Float32Array.BYTES_PER_ELEMENT },
      [this.#components / texelComponents, rows],
    );
  }

  get sizeBytes(): number {
    return this.size * Float32Array.BYTES_PER_ELEMENT;
  }

  [Symbol.dispose](): void {
    this.#texture.destroy();
    this.#gpu.release(this.sizeBytes);
  }
}
