import { type DeviceClass, deviceClassOf } from "./device_class.ts";
import { GpuError, GpuMemoryError } from "./errors.ts";
import { wantedWorkgroupBytes } from "./tiles/shared_tile.ts";
import { type Tiles, tilesOfClass, tilesOfSlowCompilers } from "./tiles.ts";

/** What the adapter says of itself; recorded with every result. */
export interface AdapterFacts {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  deviceClass: DeviceClass;
}

/** Choices made when a device is opened. */
export interface GpuOptions {
  /** Budget for all tensors in MiB; 0 (the default) sets none. */
  memoryMib?: number;
  /** Whether to time passes where the adapter can ("timestamp-query"); for measuring only. */
  timestamps?: boolean;
}

const wantedLimits = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** A binding beyond this is refused by every implementation (2 GiB − 1, rounded down to 256 bytes). */
const bindingCeilingBytes = 2 ** 31 - 256;

/**
 * An opened WebGPU device together with the first failure it reported.
 *
 * WebGPU reports validation errors and device loss out of band; {@linkcode Gpu.assertHealthy} turns the first of
 * them into an exception, and every read-back calls it.
 */
export class Gpu implements Disposable {
  readonly device: GPUDevice;
  readonly adapter: AdapterFacts;
  /** Bytes that tensors may occupy together; Infinity where nobody set a budget. */
  budgetBytes: number;
  /** Bytes that one buffer may have beside what the device's limits say; Infinity until somebody has asked the driver. */
  largestBufferBytes = Infinity;
  /** How kernels are cut: as the device class wants it, until tiles measured on the adapter are put in their place. */
  tiles: Tiles;
  #allocatedBytes = 0;
  #peakBytes = 0;
  #failure: GpuError | undefined;
  #disposed = false;

  constructor(device: GPUDevice, adapter: AdapterFacts, budgetBytes: number) {
    this.device = device;
    this.adapter = adapter;
    this.budgetBytes = budgetBytes;
    this.tiles = tilesOfClass[adapter.deviceClass];
    device.addEventListener("uncapturederror", (event) => {
      this.#failure ??= new GpuError({
        attempt: "run on the GPU",
        where: adapter.description,
        found: oneLine((event as GPUUncapturedErrorEvent).error.message),
        wanted: "a valid command",
      });
    });
    device.lost.then((info) => {
      if (this.#disposed) return;
      this.#failure ??= new GpuError({
        attempt: "run on the GPU",
        where: adapter.description,
        found: `the device was lost (${oneLine(info.message || info.reason)})`,
        remedy:
          "run the same command again: work resumes at the last checkpoint",
      });
    });
  }

  /**
   * Requires that the device has reported no error.
   *
   * @throws {GpuError} when it has: the first one
   */
  assertHealthy(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /**
   * Counts `sizeBytes` against the budget.
   *
   * @throws {GpuMemoryError} when it is exceeded
   */
  reserve(sizeBytes: number, label: string): void {
    if (this.#allocatedBytes + sizeBytes > this.budgetBytes) {
      throw new GpuMemoryError({
        attempt: `allocate ${label}`,
        where: this.adapter.description,
        found: `${mebibytes(this.#allocatedBytes + sizeBytes)} MiB needed`,
        wanted: `at most ${mebibytes(this.budgetBytes)} MiB`,
        remedy: "raise gpu.memory_mib or lower batch_size",
      });
    }
    this.#allocatedBytes += sizeBytes;
    this.#peakBytes = Math.max(this.#peakBytes, this.#allocatedBytes);
  }

  /** Gives back what {@linkcode Gpu.reserve} counted. */
  release(sizeBytes: number): void {
    this.#allocatedBytes -= sizeBytes;
  }

  /** Bytes that tensors occupy now. */
  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  /** Bytes of the budget that are not taken. */
  get freeBytes(): number {
    return this.budgetBytes - this.#allocatedBytes;
  }

  /** The most bytes that tensors occupied at once. */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.device.destroy();
  }
}

/**
 * Requires that there is an adapter, without opening it.
 *
 * @throws {GpuError} when there is none
 */
export async function requireAdapter(): Promise<void> {
  await requestAdapter();
}

async function requestAdapter(): Promise<GPUAdapter> {
  const adapter = await navigator.gpu?.requestAdapter({
    powerPreference: "high-performance",
  });
  if (adapter) return adapter;
  throw new GpuError({
    attempt: "open a GPU",
    found: "no WebGPU adapter",
    wanted: "a Vulkan, Metal or Direct3D 12 driver",
    remedy:
      "install the GPU's driver, or the software one: apt-get install mesa-vulkan-drivers libvulkan1",
  });
}

/**
 * Opens the best adapter with the limits and features this program can use.
 *
 * @throws {GpuError} when there is no adapter or it refuses a device
 */
export async function openGpu(options: GpuOptions = {}): Promise<Gpu> {
  const adapter = await requestAdapter();
  const requiredLimits: Record<string, number> = {};
  for (const name of wantedLimits) {
    requiredLimits[name] = Math.min(adapter.limits[name], bindingCeilingBytes);
  }
  requiredLimits.maxComputeWorkgroupStorageSize = Math.min(
    adapter.limits.maxComputeWorkgroupStorageSize,
    wantedWorkgroupBytes,
  );
  const wantedFeatures: GPUFeatureName[] = options.timestamps
    ? ["shader-f16", "timestamp-query"]
    : ["shader-f16"];
  const requiredFeatures = wantedFeatures.filter((feature) =>
    adapter.features.has(feature)
  );
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredLimits, requiredFeatures });
  } catch (cause) {
    throw new GpuError({
      attempt: "open a GPU",
      where: adapter.info.description,
      found: oneLine(String(cause)),
      wanted: "a device",
      remedy: "update the GPU's driver",
    }, { cause });
  }
  const { vendor, architecture, device: deviceName, description } =
    adapter.info;
  const isFallback = adapter.info.isFallbackAdapter;
  const facts: AdapterFacts = {
    vendor,
    architecture,
    device: deviceName,
    description,
    deviceClass: deviceClassOf({
      vendor,
      architecture,
      description,
      isFallback: isFallback === true,
    }),
  };
  const memoryMib = options.memoryMib ?? 0;
  const budgetBytes = memoryMib > 0 ? memoryMib * 2 ** 20 : Infinity;
  const gpu = new Gpu(device, facts, budgetBytes);
  if (facts.deviceClass === "software" && compilesSlowly(adapter.limits)) {
    gpu.tiles = { ...gpu.tiles, ...tilesOfSlowCompilers };
  }
  return gpu;
}

/**
 * Whether a software driver is of the newer kind that takes long to compile. WebGPU does not say a driver's version; lavapipe
 * had a fixed number of uniform bindings, 15, before it read them through pointers.
 */
function compilesSlowly(limits: GPUSupportedLimits): boolean {
  return limits.maxUniformBuffersPerShaderStage > 1024;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function mebibytes(bytes: number): number {
  return Math.ceil(bytes / 2 ** 20);
}
