import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import type { Kernel } from "../kernel.ts";

/** What a kernel's text says that a dispatch does not. */
export interface KernelText {
  /** What the text was specialised with, by name. */
  constants: Readonly<Record<string, number>>;
  /** Threads of one workgroup. */
  groupThreads: number;
}

/** A constant as the text that is compiled begins with it: `const K4: u32 = 4u;`, `const RATE: f32 = f32(0.5);`. */
const constant =
  /^const (\w+): (?:u32|f32) = (?:f32\()?(-?[\d.]+(?:e[-+]?\d+)?)\)?u?;$/gm;

/**
 * Reads constants and the size of a workgroup off a text that is compiled.
 *
 * @throws {GpuError} when the size is neither numbers nor constants
 */
export function readKernelText(text: string): KernelText {
  const constants: Record<string, number> = {};
  for (const [, name, value] of text.matchAll(constant)) {
    constants[name] = Number(value);
  }
  const [, size = ""] = /@workgroup_size\(([^)]*)\)/.exec(text) ?? [];
  const sizes = size.split(",").filter((part) => part.trim() !== "").map(
    (part) => constants[part.trim()] ?? Number(part.trim().replace(/u$/, "")),
  );
  const groupThreads = sizes.reduce((product, each) => product * each, 1);
  if (sizes.length === 0 || !Number.isInteger(groupThreads)) {
    throw new GpuError({
      attempt: "read a kernel's text",
      where: "@workgroup_size",
      found: size === "" ? "nothing" : size,
      wanted: "numbers or constants",
    });
  }
  return { constants, groupThreads };
}

/** Keeps the text of every pipeline that a device compiles from now on; for measuring only. */
export class KernelTexts {
  readonly #texts = new WeakMap<GPUComputePipeline, KernelText>();

  constructor({ device }: Gpu) {
    const codes = new WeakMap<GPUShaderModule, string>();
    const createShaderModule = device.createShaderModule.bind(device);
    device.createShaderModule = (descriptor) => {
      const module = createShaderModule(descriptor);
      codes.set(module, descriptor.code);
      return module;
    };
    const createComputePipeline = device.createComputePipeline.bind(device);
    device.createComputePipeline = (descriptor) => {
      const pipeline = createComputePipeline(descriptor);
      const code = codes.get(descriptor.compute.module) ?? "";
      this.#texts.set(pipeline, readKernelText(code));
      return pipeline;
    };
  }

  /**
   * What the text of a kernel says.
   *
   * @throws {GpuError} when it was compiled before
   */
  of({ pipeline, label }: Kernel): KernelText {
    const text = this.#texts.get(pipeline);
    if (text !== undefined) return text;
    throw new GpuError({
      attempt: "read a kernel's text",
      where: label,
      found: "a kernel that was compiled before anybody kept texts",
      wanted: "KernelTexts right after the device was opened",
    });
  }
}
