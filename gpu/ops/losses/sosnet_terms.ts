import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import source from "../../wgsl/loss/sosnet.wgsl" with { type: "text" };
import {
  assertTermsShapes,
  type LossOptions,
  type LossTensors,
  squareDistanceEpsilon,
} from "./loss_terms.ts";

/**
 * SOSNet's first term: Σ over classes of max(0, marginpos + p − n)², p = √(a² + 1e-6), n = √(b² + 1e-6).
 *
 * A class without a negative (b = 0) has the term 0. Source: Tian et al., "SOSNet: Second Order Similarity Regularization" (2019), and
 * their program, which sums.
 *
 * @throws {GpuError} when a shape is wrong
 */
export function sosNetTerms(
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  { marginpos }: LossOptions,
): void {
  assertTermsShapes("sosNetTerms", tensors);
  const { distance, coefficients, terms } = tensors;
  recorder.dispatch(
    kernel(recorder.gpu, "sosnet", source, {
      SQUARE_EPSILON: { f32: squareDistanceEpsilon },
    }),
    [distance, coefficients, terms],
    [Math.ceil(classCount / 32)],
    [{ u32: classCount }, { f32: marginpos }],
  );
}
