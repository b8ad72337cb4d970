import { kernel } from "../../kernel.ts";
import { lossConstants, lossOf } from "../../nn/losses.ts";
import type { Recorder } from "../../recorder.ts";
import { assertShape } from "../../tensor_checks.ts";
import source from "../../wgsl/loss/descriptor_loss.wgsl" with { type: "text" };
import {
  assertTermsShapes,
  type LossOptions,
  type LossTensors,
} from "./loss_terms.ts";

/**
 * The loss per class of one mining round, and its derivative's factors scaled by 1/(classes·negNum).
 *
 *     ExpTeacher, balance  W·(R·a² + b̂² − B·b̂),  b̂ = min(b, B/2)
 *     tripletMargin++      the same with W = 1 where b̂ − a > threshold, else 0
 *     tripletMargin_o      max(0, marginpos + a − b)
 *     tripletTeacher       W·max(0, marginpos + a − b)
 *
 * At distance 0 the derivative is 0, as PyTorch's norm has it.
 */
export function descriptorLossTerms(
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  options: LossOptions,
): void {
  const { kind } = options;
  const op = "descriptorLossTerms";
  assertTermsShapes(op, tensors);
  const { distance, levelDistance } = tensors;
  assertShape(op, "levelDistance", levelDistance, distance.shape);
  recorder.dispatch(
    kernel(recorder.gpu, `descriptor_loss ${kind}`, source, {
      ...lossConstants,
      KIND: lossOf(kind).id as number,
      USE_MEDIANS: options.useStB ? 1 : 0,
    }),
    [
      tensors.distance,
      tensors.levelDistance,
      tensors.medians,
      tensors.coefficients,
      tensors.terms,
    ],
    [Math.ceil(classCount / 32)],
    [
      { u32: classCount },
      { f32: 1 / (classCount * options.negNum) },
      { f32: options.R },
      { f32: options.B },
      { f32: options.A },
      { f32: options.threshold },
      { f32: options.upper },
      { f32: options.marginpos },
    ],
  );
}
