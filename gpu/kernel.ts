import type { Gpu } from "./device.ts";
import { GpuError } from "./errors.ts";
import {
  expandShader,
  type ShaderConstants,
  type ShaderIncludes,
} from "./wgsl.ts";

/** A shader and the compute pipeline that is made of it; equal texts share one. */
export class Kernel {
  readonly id: number;
  readonly label: string;
  /** Its WGSL. */
  readonly text: string;
  readonly #device: GPUDevice;
  readonly #module: GPUShaderModule;
  #pipeline: GPUComputePipeline | undefined;

  constructor(id: number, label: string, text: string, device: GPUDevice) {
    this.id = id;
    this.label = label;
    this.text = text;
    this.#device = device;
    this.#module = device.createShaderModule({ label, code: text });
  }

  /** The pipeline, compiled now unless it is. */
  get pipeline(): GPUComputePipeline {
    return this.#pipeline ??= this.#device.createComputePipeline(
      this.#descriptor(),
    );
  }

  /** Whether the pipeline is made. */
  get isCompiled(): boolean {
    return this.#pipeline !== undefined;
  }

  /** The pipeline of another device, compiled now; of its own device {@linkcode Kernel.pipeline}. */
  pipelineOn(device: GPUDevice): GPUComputePipeline {
    if (device === this.#device) return this.pipeline;
    const { label, text: code } = this;
    const module = device.createShaderModule({ label, code });
    const compute = { module, entryPoint: "main" };
    return device.createComputePipeline({ label, layout: "auto", compute });
  }

  /** Compiles the pipeline without holding up the thread, where the runtime can; browsers compile several at once so. */
  async compile(): Promise<void> {
    if (this.#pipeline !== undefined) return;
    try {
      this.#pipeline = await this.#device.createComputePipelineAsync(
        this.#descriptor(),
      );
    } catch {
      // Whoever uses the pipeline has it compiled again, and hears of what is wrong as of every failure of the device.
    }
  }

  #descriptor(): GPUComputePipelineDescriptor {
    return {
      label: this.label,
      layout: "auto",
      compute: { module: this.#module, entryPoint: "main" },
    };
  }
}

/** What was compiled for a device. */
interface DeviceKernels {
  /** by the text that was compiled */
  byText: Map<string, Kernel>;
  /** by source file, then by what specialises it: a step looks its kernels up without writing a text */
  bySource: Map<string, Map<string, Kernel>>;
}

const kernelsOfDevice = new WeakMap<GPUDevice, DeviceKernels>();

/** Numbers of the texts that sources include, to name them briefly. */
const numberOfText = new Map<string, number>();

/**
 * The kernel of `source` specialised with `constants`, made anew or found again.
 *
 * Entry point `main`, bindings in group 0. A compilation error surfaces at the next
 * {@linkcode Gpu.assertHealthy}, with the label.
 */
export function kernel(
  gpu: Gpu,
  label: string,
  source: string,
  constants: ShaderConstants = {},
  includes: ShaderIncludes = {},
): Kernel {
  let kernels = kernelsOfDevice.get(gpu.device);
  if (kernels === undefined) {
    kernels = { byText: new Map(), bySource: new Map() };
    kernelsOfDevice.set(gpu.device, kernels);
  }
  let specialised = kernels.bySource.get(source);
  if (specialised === undefined) {
    specialised = new Map();
    kernels.bySource.set(source, specialised);
  }
  const specialisation = nameOf(constants, includes);
  let found = specialised.get(specialisation);
  if (found === undefined) {
    const code = expandShader(source, constants, includes);
    found = kernels.byText.get(code);
    if (found === undefined) {
      gpu.assertHealthy();
      found = new Kernel(kernels.byText.size, label, code, gpu.device);
      kernels.byText.set(code, found);
    }
    specialised.set(specialisation, found);
  }
  return found;
}

/** `S=1,GROUP=64f,weights:3`: the same for equal constants and includes in the same order, another for others. */
function nameOf(constants: ShaderConstants, includes: ShaderIncludes): string {
  let name = "";
  for (const key in constants) {
    const value = constants[key];
    name += typeof value === "number"
      ? `${key}=${value},`
      : `${key}=${value.f32}f,`;
  }
  for (const key in includes) {
    const text = includes[key];
    let number = numberOfText.get(text);
    if (number === undefined) {
      number = numberOfText.size;
      numberOfText.set(text, number);
    }
    name += `${key}:${number},`;
  }
  return name;
}

const axes = ["x", "y", "z"] as const;
const mostGroups = 65535;

/**
 * Requires a number of groups that a dispatch may have.
 *
 * @throws {GpuError} when a dimension has none, or more than 65,535
 */
export function assertGroups(
  label: string,
  ...groups: readonly [x: number, y: number, z: number]
): void {
  for (let axis = 0; axis < groups.length; axis++) {
    const count = groups[axis];
    if (Number.isInteger(count) && count >= 1 && count <= mostGroups) continue;
    throw new GpuError({
      attempt: `run ${label}`,
      where: `workgroups along ${axes[axis]}`,
      found: String(count),
      wanted: `1 to ${mostGroups}`,
      remedy: "use another batch size",
    });
  }
}
