import type { ScheduleName } from "../config/schedule_names.ts";

/** Learning rate and momentum of one optimizer step. */
export interface StepRates {
  learningRate: number;
  momentum: number;
}

const flatMomentum = 0.9;

/** How a training's rates follow from how far it has come. */
export type Schedule = (
  step: number,
  steps: number,
  rate: number,
  momentum: number,
) => StepRates;

/**
 * Steps of stage 1: floor(tuples / batch_size) in each epoch.
 *
 * @param stage1 keys of `[stage1]`
 */
export function countSteps(
  stage1: { epochs: number; tuples: number; batch_size: number },
): { stepsPerEpoch: number; steps: number } {
  const stepsPerEpoch = Math.floor(stage1.tuples / stage1.batch_size);
  return { stepsPerEpoch, steps: stage1.epochs * stepsPerEpoch };
}

/** start + (1 − cos πt)·(end − start)/2, t in [0, 1]. */
function cosine(start: number, end: number, t: number): number {
  return start + (1 - Math.cos(Math.PI * t)) * (end - start) / 2;
}

/**
 * One cycle: from max/25 up to max over the first quarter, down to max/1e5 after; momentum 0.95 – 0.85 – 0.95.
 *
 * @param step steps done before this one, 0 … steps − 1
 * @param steps all steps
 * @param maximum largest learning rate
 *
 * Source: fastai v2's `fit_one_cycle` (div 25, final div 1e5, start 0.25), stage 1 of the authors.
 */
export function oneCycle(
  step: number,
  steps: number,
  maximum: number,
): StepRates {
  const progress = step / steps;
  if (progress < 0.25) {
    const t = progress / 0.25;
    return {
      learningRate: cosine(maximum / 25, maximum, t),
      momentum: cosine(0.95, 0.85, t),
    };
  }
  const t = (progress - 0.25) / 0.75;
  return {
    learningRate: cosine(maximum, maximum / 1e5, t),
    momentum: cosine(0.85, 0.95, t),
  };
}

/**
 * Flat for 60 % of the steps, then a cosine down to rate/1e5; momentum 0.9.
 *
 * @param step steps done before this one, 0 … steps − 1
 * @param steps all steps
 * @param rate learning rate of the flat part
 *
 * Source: fastai v2's `fit_flat_cos` with start 0.6, each annealing cycle of the authors.
 */
export function flatCosine(
  step: number,
  steps: number,
  rate: number,
): StepRates {
  const progress = step / steps;
  return {
    learningRate: progress < 0.6
      ? rate
      : cosine(rate, rate / 1e5, (progress - 0.6) / 0.4),
    momentum: flatMomentum,
  };
}

/** The same rate and momentum throughout. */
export function constantRate(
  _step: number,
  _steps: number,
  rate: number,
  momentum: number,
): StepRates {
  return { learningRate: rate, momentum };
}

/** rate·(1 − step/steps), momentum as it is. Source: HardNet's training program. */
export function linearDecay(
  step: number,
  steps: number,
  rate: number,
  momentum: number,
): StepRates {
  return { learningRate: rate * (1 - step / steps), momentum };
}

/** Half the rate after every tenth of the steps, momentum as it is. Source: SDGMNet's training program. */
export function halvingRate(
  step: number,
  steps: number,
  rate: number,
  momentum: number,
): StepRates {
  const tenths = Math.floor(10 * step / steps);
  return { learningRate: rate * 0.5 ** tenths, momentum };
}

/** The schedules that a config of preliminary training chooses from. */
export const schedules: Readonly<Record<ScheduleName, Schedule>> = {
  one_cycle: oneCycle,
  constant: constantRate,
  linear: linearDecay,
  halving: halvingRate,
};
