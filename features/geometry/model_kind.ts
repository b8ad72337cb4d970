import type { Matrix3 } from "./matrix3.ts";
import type { PointPairs } from "./point_pairs.ts";

/** What robust estimation has to know about a kind of model. */
export interface ModelKind {
  /** pairs that determine finitely many models */
  readonly sampleSize: number;
  /** most models that one sample determines */
  readonly modelsPerSample: number;

  /**
   * Models through a smallest sample; none when it lies so that it does not determine them, or could not have been seen.
   *
   * @param tolerance in pixels: distances below it are noise
   */
  fromSample(sample: PointPairs, tolerance: number): Matrix3[];

  /**
   * The model with the smallest weighted sum of squared geometric errors, to first order around `start`.
   *
   * @param weights [pairs], not negative
   * @returns undefined when the pairs do not determine one
   */
  fit(
    pairs: PointPairs,
    weights: Float64Array,
    start: Matrix3,
  ): Matrix3 | undefined;

  /** Squared errors of the pairs `from` to `to` − 1 in px², Infinity where a pair cannot belong to the model, to out[0…]. */
  squaredErrors(
    model: Matrix3,
    pairs: PointPairs,
    from: number,
    to: number,
    out: Float64Array,
  ): void;

  /**
   * Probability that two points that have nothing to do with each other are a pair of a given model.
   *
   * @param threshold error up to which they are, in pixels
   */
  chance(pairs: PointPairs, threshold: number): number;
}

/** Sides of the upright box around points, in pixels. */
export function boxAround(
  points: Float64Array,
): { width: number; height: number } {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (let i = 0; i < points.length; i += 2) {
    left = Math.min(left, points[i]);
    right = Math.max(right, points[i]);
    top = Math.min(top, points[i + 1]);
    bottom = Math.max(bottom, points[i + 1]);
  }
  return { width: right - left, height: bottom - top };
}
