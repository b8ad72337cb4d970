import type { Gpu } from "./device.ts";
import { GpuError } from "./errors.ts";

/** Memory that the GPU copies results to and this program then reads. */
export class Staging {
  readonly buffer: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #label: string;

  /** @param label what is read back, for errors */
  constructor(gpu: Gpu, label: string, sizeBytes: number) {
    this.#gpu = gpu;
    this.#label = label;
    this.buffer = gpu.device.createBuffer({
      label: `${label} read-back`,
      size: sizeBytes,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
  }

  /**
   * Waits for the copy that was submitted and takes it out; the memory is given back.
   *
   * @throws {GpuError} when the device has reported a failure by then
   */
  async take(): Promise<ArrayBuffer> {
    try {
      await this.#mapped();
      const bytes = this.buffer.getMappedRange().slice(0);
      this.buffer.unmap();
      return bytes;
    } finally {
      this.buffer.destroy();
    }
  }

  async #mapped(): Promise<void> {
    try {
      await this.buffer.mapAsync(GPUMapMode.READ);
    } catch (cause) {
      // The device says why in an event of its own, which comes after the refusal.
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#gpu.assertHealthy();
      throw new GpuError({
        attempt: `read ${this.#label} back`,
        where: this.#gpu.adapter.description,
        found: String(cause).replace(/\s+/g, " ").trim(),
        wanted: "a device that answers",
      }, { cause });
    }
    this.#gpu.assertHealthy();
  }
}
