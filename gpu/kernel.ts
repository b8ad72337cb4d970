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

const kernelsOfDevice = new WeakMap<GPUDevice, Map<string, Kernel>>();

/**
 * Compiles `source` specialised with `constants`, or returns the pipeline already compiled from the same text.
 *
 * Entry point `main`, bindings in group 0. A compilation error surfaces at the next
 * {@link Gpu.assertHealthy}, with the label.
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
    kernels = new Map();
    kernelsOfDevice.set(gpu.device, kernels);
  }
  const code = expandShader(source, constants, includes);
  let found = kernels.get(code);
  if (found === undefined) {
    gpu.assertHealthy();
    const module = gpu.device.createShaderModule({ label, code });
    const pipeline = gpu.device.createComputePipeline({
      label,
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    found = new Kernel(kernels.size, label, pipeline);
    kernels.set(code, found);
  }
  return found;
}

/** Throws {@link GpuError} when a dispatch would exceed the 65,535 groups a dimension may have. */
export function assertGroups(label: string, groups: readonly number[]): void {
  for (const [axis, count] of groups.entries()) {
    if (!Number.isInteger(count) || count < 1 || count > 65535) {
      throw new GpuError({
        attempt: `run ${label}`,
        where: `workgroups along ${"xyz"[axis]}`,
        found: String(count),
        wanted: "1 to 65535",
        remedy: "use another batch size",
      });
    }
  }
}
