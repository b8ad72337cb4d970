import { addPairGradient, pairDistance } from "../descriptor_pair.ts";
import { type Tensor, zeros } from "../tensor.ts";
import { hardestNegatives, type PairedLoss } from "./paired_views.ts";

/** Mean and deviation of θ⁺, of θ⁻ and of θ⁺ − θ⁻ (a deviation below 0: none yet), sums of w⁺ and of w⁻. */
export type RunningFigures = [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/** The figures before the first step. */
export const initialRunning: RunningFigures = [
  -1,
  -1,
  -1,
  -1,
  -1,
  -1,
  10000,
  10000,
];

/** The standard normal's quantile of 60 %. */
const normalQuantile60 = 0.2533471031357997;

/** Angle of a chord of the unit circle, and its derivative. */
function angleOf(chord: number): { angle: number; slope: number } {
  const half = Math.min(chord / 2, 1);
  return { angle: 2 * Math.asin(half), slope: 1 / Math.sqrt(1 - half ** 2) };
}

/**
 * SDGMNet: Σ over classes of (0.9·w⁺·θ⁺ − w⁻·θ⁻)/100, weights without gradient.
 *
 * @param progress share of all steps that are done
 * @param before running figures of the steps before
 */
export function sdgmNetLoss(
  rows: Tensor,
  progress: number,
  before: RunningFigures,
): PairedLoss & { running: RunningFigures } {
  const similarity = progress < 1 / 8 ? 1 - 1e-5 : Math.cos(0.6);
  const beyond = Math.sqrt(2 * (1 - similarity) + 1e-6);
  const negatives = hardestNegatives(rows, { beyond });
  const weighs = progress >= 0.1;
  const nearest = Math.sqrt(2e-5);
  const classes = negatives.flatMap((negative, c) => {
    if (negative === undefined) return [];
    const positive: [number, number] = [2 * c, 2 * c + 1];
    const chord = pairDistance(rows, positive);
    const near = angleOf(Math.max(chord, nearest));
    if (chord < nearest) near.slope = 0;
    const far = angleOf(pairDistance(rows, negative));
    return [{ c, positive, negative, near, far }];
  });
  const running = [...before] as RunningFigures;
  const moved = (old: number, batch: number) => 0.999 * old + 0.001 * batch;
  const series = [
    classes.map(({ near }) => near.angle),
    classes.map(({ far }) => far.angle),
    classes.map(({ near, far }) => near.angle - far.angle),
  ];
  series.forEach((angles, at) => {
    const { mean, deviation } = momentsOf(angles);
    const isFirst = running[2 * at + 1] < 0;
    if (isFirst) {
      if (at < 2) running[2 * at] = mean;
      running[2 * at + 1] = deviation;
    } else {
      running[2 * at] = moved(running[2 * at], mean);
      running[2 * at + 1] = moved(running[2 * at + 1], deviation);
    }
  });
  const bound = running[4] + normalQuantile60 * running[5];
  const soft = (angle: number, mean: number, deviation: number) =>
    Math.exp(
      -((angle - mean) ** 2) / (2 * (Math.PI / 6 + deviation) ** 2),
    );
  const raw = classes.map(({ near, far }) => {
    if (!weighs) return { positive: 1, negative: 1 };
    const hard = near.angle - far.angle >= bound ? 1 : 0;
    return {
      positive: hard * soft(near.angle, running[0], running[1]),
      negative: hard * soft(far.angle, running[2], running[3]),
    };
  });
  for (const [at, side] of (["positive", "negative"] as const).entries()) {
    const sum = raw.reduce((total, weights) => total + weights[side], 0);
    running[6 + at] = moved(running[6 + at], sum);
  }
  const gradient = zeros(...rows.shape);
  const weights = negatives.map(() => 0);
  let loss = 0;
  classes.forEach(({ c, positive, negative, near, far }, at) => {
    const toPositive = 0.9 * raw[at].positive / running[6];
    const toNegative = -raw[at].negative / running[7];
    weights[c] = raw[at].positive;
    loss += toPositive * near.angle + toNegative * far.angle;
    addPairGradient(gradient, rows, positive, toPositive * near.slope);
    addPairGradient(gradient, rows, negative, toNegative * far.slope);
  });
  return { loss, gradient, negatives, weights, running };
}

/** Mean and deviation (by one less than the number of values). */
function momentsOf(values: number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
