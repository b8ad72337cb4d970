import type { Gpu } from "./device.ts";
import { GpuError } from "./errors.ts";
import {
  expandShader,
  type ShaderConstants,
  type ShaderIncludes,
} from "./wgsl.ts";

/** A compiled compute pipeline; equal texts share one. */
export class Kernel {
  readonly id: number;
  readonly label: string;
  readonly pipeline: GPUComputePipeline;

  constructor(id: number, label: string, pipeline: GPUComputePipeline) {
    this.id = id;
    this.label = label;
    this.pipeline = pipeline;
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
 * Compiles `source` specialised with `constants`, or returns the pipeline already compiled from it.
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
      found = compile(gpu, kernels.byText.size, label, code);
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

function compile(gpu: Gpu, id: number, label: string, code: string): Kernel {
  gpu.assertHealthy();
  const module = gpu.device.createShaderModule({ label, code });
  const pipeline = gpu.device.createComputePipeline({
    label,
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  return new Kernel(id, label, pipeline);
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
