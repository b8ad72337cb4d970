/** Learning rate and momentum of one step. */
export interface StepRates {
  learningRate: number;
  momentum: number;
}

/** Half a cosine from `start` to `end` as t goes from 0 to 1. */
function cosine(start: number, end: number, t: number): number {
  return start + (1 - Math.cos(Math.PI * t)) * (end - start) / 2;
}

/**
 * Stage 1's one cycle: a quarter of the steps up from max/25 to max while the momentum falls from 0.95 to 0.85, then down
 * to max/1e5 while it rises again.
 *
 * @param step 0 … steps − 1
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

/** Stage 2's schedule: constant for 60 % of the steps, then half a cosine down to rate/1e5; momentum 0.9. */
export function flatCosine(
  step: number,
  steps: number,
  rate: number,
): StepRates {
  const progress = step / steps;
  const t = (progress - 0.6) / 0.4;
  return {
    learningRate: progress < 0.6 ? rate : cosine(rate, rate / 1e5, t),
    momentum: 0.9,
  };
}
