import { kernel } from "../../kernel.ts";
import type { Recorder } from "../../recorder.ts";
import { assertSize } from "../../tensor_checks.ts";
import anglesSource from "../../wgsl/loss/sdgmnet_angles.wgsl" with {
  type: "text",
};
import source from "../../wgsl/loss/sdgmnet.wgsl" with { type: "text" };
import sumsSource from "../../wgsl/loss/sdgmnet_sums.wgsl" with {
  type: "text",
};
import sdgmnet from "../../wgsl/lib/sdgmnet.wgsl" with { type: "text" };
import {
  assertTermsShapes,
  type LossOptions,
  type LossStep,
  type LossTensors,
} from "./loss_terms.ts";

/** Share of the steps in which all weights are 1. */
const unweightedShare = 0.1;
/** Factor of the positives' angles. */
const positiveShare = 0.9;
/** What a running figure keeps of itself in a step. */
const keep = 0.999;

/**
 * SDGMNet: Σ over classes of 0.9·w⁺/Σw⁺·θ⁺ − w⁻/Σw⁻·θ⁻, θ = 2·asin(chord/2) of the pairs' distances a, b, weights without gradient.
 *
 *     w = exp(−(θ − mean)²/(2·(π/6 + deviation)²)) where θ⁺ − θ⁻ ≥ mean + 0.2533·deviation of that difference, else 0
 *
 * Means, deviations and the sums Σw are running ones: first they move by a thousandth towards this batch's, then they are used. In the
 * first tenth of the steps w is 1. A class without a negative (b = 0) does not take part. Source: Ma and Deng, "SDGMNet:
 * Statistic-based Dynamic Gradient Modulation for Local Descriptor Learning" (2021), and their program.
 *
 * @throws {GpuError} when a shape is wrong
 */
export function sdgmNetTerms(
  recorder: Recorder,
  tensors: LossTensors,
  classCount: number,
  _options: LossOptions,
  { progress }: LossStep,
): void {
  const op = "sdgmNetTerms";
  assertTermsShapes(op, tensors);
  const { distance, coefficients, running, terms } = tensors;
  assertSize(op, "running", running, 8);
  const moving = { KEEP: { f32: keep }, REST: { f32: 1 - keep } };
  const weighing = { WEIGHS: progress >= unweightedShare ? 1 : 0 };
  const includes = { sdgmnet };
  const uniform = [{ u32: classCount }];
  recorder.dispatch(
    kernel(recorder.gpu, "sdgmnet_angles", anglesSource, moving, includes),
    [distance, running],
    [1],
    uniform,
  );
  recorder.dispatch(
    kernel(
      recorder.gpu,
      "sdgmnet_sums",
      sumsSource,
      { ...moving, ...weighing },
      includes,
    ),
    [distance, running],
    [1],
    uniform,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "sdgmnet", source, {
      ...weighing,
      POSITIVE_SHARE: { f32: positiveShare },
    }, includes),
    [distance, running, coefficients, terms],
    [Math.ceil(classCount / 32)],
    uniform,
  );
}
