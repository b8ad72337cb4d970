import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import source from "../../wgsl/loss/hardnet.wgsl" with { type: "text" };
import {
  assertTermsShapes,
  type LossOptions,
  type LossTensors,
  squareDistanceEpsilon,
} from "./loss_terms.ts";

/**
 * HardNet: mean over classes of max(0, marginpos + p − n), p = √(a² + 1e-6), n = √(b² + 1e-6).
 *
 * A class without a negative (b = 0) has the term 0. Source: Mishchuk et al., "Working hard to know your neighbor's margins" (2017),
 * and their program.
 *
 * @throws {GpuError} when a shape is wrong
 */
export function hardNetTerms(
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  { marginpos, negNum }: LossOptions,
): void {
  assertTermsShapes("hardNetTerms", tensors);
  const { distance, coefficients, terms } = tensors;
  recorder.dispatch(
    kernel(recorder.gpu, "hardnet", source, {
      SQUARE_EPSILON: { f32: squareDistanceEpsilon },
    }),
    [distance, coefficients, terms],
    [Math.ceil(classCount / 32)],
    [
      { u32: classCount },
      { f32: 1 / (classCount * negNum) },
      { f32: marginpos },
    ],
  );
}
