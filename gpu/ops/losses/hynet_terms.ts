import { GpuError } from "../../errors.ts";
import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import { assertSize } from "../../tensor_checks.ts";
import source from "../../wgsl/loss/hynet.wgsl" with { type: "text" };
import {
  assertTermsShapes,
  type LossOptions,
  type LossStep,
  type LossTensors,
  squareDistanceEpsilon,
} from "./loss_terms.ts";

/** α of the hybrid similarity. */
const alpha = 2;
/** Factor of the squared difference of a class's two lengths. */
const normWeight = 0.1;

/**
 * HyNet: Σ over classes of max(0, marginpos + s(p) − s(n)) + 0.1·(l − r)², s(d) = d + α·d²/2 with α = 2, p = √(a² + 1e-6),
 * n = √(b² + 1e-6), l and r the lengths √(norm² + 1e-6) of the two views before they were normalised.
 *
 * A class without a negative (b = 0) has no hinge. Source: Tian et al., "HyNet: Learning Local Descriptor with Hybrid Similarity Measure
 * and Triplet Loss" (2020), and their program, which sums.
 *
 * @throws {GpuError} when a shape is wrong or the lengths are missing
 */
export function hyNetTerms(
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  { marginpos }: LossOptions,
  { norm }: LossStep,
): void {
  const op = "hyNetTerms";
  assertTermsShapes(op, tensors);
  const { distance, coefficients, normGradient, terms } = tensors;
  if (norm === undefined || norm.size < 2 * classCount) {
    throw new GpuError({
      attempt: `run ${op}`,
      where: "norm",
      found: norm === undefined ? "none" : `${norm.size} elements`,
      wanted: `at least ${2 * classCount}, the rows' lengths`,
    });
  }
  assertSize(op, "normGradient", normGradient, 2 * terms.shape[0]);
  recorder.dispatch(
    kernel(recorder.gpu, "hynet", source, {
      SQUARE_EPSILON: { f32: squareDistanceEpsilon },
      ALPHA: { f32: alpha },
      NORM_WEIGHT: { f32: normWeight },
    }),
    [distance, norm, coefficients, normGradient, terms],
    [Math.ceil(classCount / 32)],
    [{ u32: classCount }, { f32: marginpos }],
  );
}
