import type { Gpu } from "./device.ts";
import type { ElementType } from "./element_type.ts";
import { GpuError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import type { ShaderIncludes } from "./wgsl.ts";
import half from "./wgsl/lib/activation_f16.wgsl" with { type: "text" };
import single from "./wgsl/lib/activation_f32.wgsl" with { type: "text" };

/** How activations are stored: a convolution's output x and the TLU's output y after it. Kernels compute in 32 bits. */
export type ActivationType = "f32" | "f16";

/**
 * What activations may be stored in.
 *
 * Why 16 bits hold them: FRN divides a channel by its root mean square over S×S pixels, so ‖u‖ ≤ S and |u| ≤ S ≤ 32,
 * and y = max(γ·u + β, τ) is as large as γ, β and τ make it. An output is at most ‖w‖·‖window of y‖ + |bias|, with
 * ‖window‖ ≤ √C·S for γ = 1, β = 0: 109 in a fresh network (‖w‖ = 0.6, C·S² at most 32·32²), where 65504 is the largest
 * number. What is larger all the same is stored as ±65504 and never becomes infinite. What is below 6e-5 loses digits, or
 * is 0 on some adapters: FRN's ε brings a channel of such numbers near 0 in any case.
 */
export const activationTypes: readonly ActivationType[] = ["f32", "f16"];

const shaders: Partial<Record<ElementType, string>> = {
  f32: single,
  f16: half,
};

/**
 * Requires that the device's kernels can store activations so.
 *
 * @throws {GpuError} when they cannot
 */
export function requireActivationType(gpu: Gpu, type: ActivationType): void {
  if (type === "f32" || gpu.device.features.has("shader-f16")) return;
  throw new GpuError({
    attempt: "store activations in 16 bits",
    where: gpu.adapter.description,
    found: "an adapter without shader-f16",
    wanted: "one with it",
    remedy: 'set gpu.activations = "f32"',
  });
}

/**
 * What a kernel includes to load and store activations as its tensors hold them.
 *
 * @throws {GpuError} when they are not all of one type, which activations may have
 */
export function activationInclude(
  op: string,
  tensors: Readonly<Record<string, Tensor>>,
): ShaderIncludes {
  const [[, { type }]] = Object.entries(tensors);
  const activation = shaders[type];
  for (const [name, tensor] of Object.entries(tensors)) {
    if (activation !== undefined && tensor.type === type) continue;
    throw new GpuError({
      attempt: `run ${op}`,
      where: name,
      found: `activations of type ${tensor.type}`,
      wanted: activation === undefined ? activationTypes.join(", ") : type,
    });
  }
  return { activation: activation! };
}
