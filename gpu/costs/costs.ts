import type { Dispatch } from "../recorder.ts";
import { convolutionCosts } from "./convolution.ts";
import type { Cost, CostRule, DispatchFacts, Operand } from "./cost.ts";
import { denseCosts } from "./dense.ts";
import { firstConvolutionCosts } from "./first_convolution.ts";
import { inferenceCosts } from "./inference.ts";
import type { KernelText } from "./kernel_texts.ts";
import { lossCosts } from "./loss.ts";
import { miningCosts } from "./mining.ts";
import { normalizationCosts } from "./normalization.ts";
import { normalizedConvolutionCosts } from "./normalized_convolution.ts";
import { optimizerCosts } from "./optimizer.ts";
import { patchCosts } from "./patches.ts";
import { rowNormalizationCosts } from "./row_normalization.ts";
import { searchCosts } from "./search.ts";
import { secondOrderCosts } from "./second_order.ts";
import { sharedConvolutionCosts } from "./shared_convolution.ts";
import { sharedDenseCosts } from "./shared_dense.ts";
import { sharedWeightGradientCosts } from "./shared_weight_gradient.ts";
import { transposedConvolutionCosts } from "./transposed_convolution.ts";
import { winogradCosts } from "./winograd.ts";

/** The cost of every kernel, by the stem of its `.wgsl` file, in files named as the folders of `gpu/wgsl/`. */
export const kernelCosts: Readonly<Record<string, CostRule>> = {
  ...convolutionCosts,
  ...denseCosts,
  ...firstConvolutionCosts,
  ...inferenceCosts,
  ...lossCosts,
  ...miningCosts,
  ...normalizationCosts,
  ...normalizedConvolutionCosts,
  ...optimizerCosts,
  ...patchCosts,
  ...rowNormalizationCosts,
  ...searchCosts,
  ...secondOrderCosts,
  ...sharedConvolutionCosts,
  ...sharedDenseCosts,
  ...sharedWeightGradientCosts,
  ...transposedConvolutionCosts,
  ...winogradCosts,
};

/** The stem of a kernel's file: its label's first word. */
export function stemOf({ kernel: { label } }: Pick<Dispatch, "kernel">) {
  return label.split(" ")[0];
}

/** The facts of a dispatch that costs are counted from. */
export function factsOf(
  { tensors, groups: [x, y = 1, z = 1], uniform = [] }: Pick<
    Dispatch,
    "tensors" | "groups" | "uniform"
  >,
  { constants, groupThreads }: KernelText,
): DispatchFacts {
  return {
    operands: tensors.map((bound): Operand => {
      if ("tensor" in bound) {
        const { shape, elementBytes } = bound.tensor;
        return { shape, size: bound.size, elementBytes };
      }
      const { shape, size, sizeBytes } = bound;
      return { shape, size, elementBytes: sizeBytes / size };
    }),
    uniform: uniform.map((value) => "u32" in value ? value.u32 : value.f32),
    constants,
    groups: [x, y, z],
    groupThreads,
    threads: x * y * z * groupThreads,
  };
}

/** What a dispatch costs; undefined for a kernel that has no rule. */
export function costOf(
  dispatch: Dispatch,
  text: KernelText,
): Cost | undefined {
  return kernelCosts[stemOf(dispatch)]?.(factsOf(dispatch, text));
}
