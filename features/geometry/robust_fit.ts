import type { Matrix3 } from "./matrix3.ts";
import type { ModelKind } from "./model_kind.ts";
import { choosePairs, type PointPairs } from "./point_pairs.ts";
import { drawSample, sampleStream } from "./random_sample.ts";

/** How a model is sought among pairs of which many are wrong. */
export interface RobustOptions {
  /** error up to which a pair belongs to the model, in pixels, above 0 */
  thresholdPixels: number;
  /** probability with which a model that is there is to be found, in (0, 1) */
  confidence: number;
  /** most samples drawn */
  maxIterations: number;
  /** chooses the samples; any safe integer from 0 */
  seed: number;
}

/** The best model found. */
export interface RobustFit {
  model: Matrix3;
  /** [pairs] squared errors in px² */
  squaredErrors: Float64Array;
  /** Σ min(1, squared error / threshold²), what a better model has less of */
  cost: number;
}

/** Pairs whose errors are computed before it is asked whether the model can still win. */
const blockPairs = 64;

/** Thresholds of the local optimisation's steps, in thresholds of the estimation. */
const refinement = [4, 2.5, 1.6, 1.2, 1, 1];

/** Halves of the inliers that the last model is fitted to anew. */
const improvements = 20;

/**
 * Searches the model of a kind with the least truncated squared error (MSAC): random smallest samples, each model
 * better than those of earlier samples improved at once by reweighted least squares (locally optimised RANSAC; compared before
 * improvement, or an improved poor model would shut out better ones), until one more sample is
 * unlikely to find a better one. A pure function of its arguments: sample i belongs to (seed, i).
 *
 * @param candidates numbers of the pairs to draw samples from
 * @returns the best model, if any sample determined one, and how many samples were drawn
 */
export function fitRobustly(
  kind: ModelKind,
  pairs: PointPairs,
  candidates: Uint32Array,
  options: RobustOptions,
): { best: RobustFit | undefined; iterations: number } {
  const { thresholdPixels, confidence, maxIterations, seed } = options;
  const sample = new Uint32Array(kind.sampleSize);
  let best: RobustFit | undefined;
  let bestOfSample = Infinity;
  let needed = candidates.length < sample.length ? 0 : maxIterations;
  let iterations = 0;
  for (; iterations < needed; iterations++) {
    drawSample(sampleStream(seed, iterations), candidates, sample);
    const chosen = choosePairs(pairs, sample);
    for (const model of kind.fromSample(chosen, thresholdPixels)) {
      const fit = score(kind, model, pairs, thresholdPixels, bestOfSample);
      if (fit === undefined) continue;
      bestOfSample = fit.cost;
      const refined = refine(kind, fit, pairs, thresholdPixels);
      if (best !== undefined && best.cost <= refined.cost) continue;
      best = refined;
      needed = Math.min(
        maxIterations,
        neededSamples(best, candidates, sample.length, options, confidence),
      );
    }
  }
  if (best !== undefined) best = improve(kind, best, pairs, options);
  return { best, iterations };
}

/**
 * Fits the best model anew to random halves of its inliers, each refined, and keeps what is better: out of a minimum of the
 * cost that is only local.
 */
function improve(
  kind: ModelKind,
  best: RobustFit,
  pairs: PointPairs,
  { thresholdPixels, seed }: RobustOptions,
): RobustFit {
  for (let turn = 0; turn < improvements; turn++) {
    const inliers = inliersOf(best.squaredErrors, thresholdPixels);
    const half = new Uint32Array(inliers.length >> 1);
    if (half.length <= kind.sampleSize) break;
    drawSample(sampleStream(seed, turn), inliers, half);
    const weights = new Float64Array(best.squaredErrors.length);
    for (const pair of half) weights[pair] = 1;
    const model = kind.fit(pairs, weights, best.model);
    const fit = model && score(kind, model, pairs, thresholdPixels);
    if (fit === undefined) continue;
    const refined = refine(kind, fit, pairs, thresholdPixels);
    if (refined.cost < best.cost) best = refined;
  }
  return best;
}

/** Numbers of the pairs within the threshold. */
export function inliersOf(
  squaredErrors: Float64Array,
  thresholdPixels: number,
): Uint32Array {
  const found: number[] = [];
  squaredErrors.forEach((error, pair) => {
    if (error <= thresholdPixels ** 2) found.push(pair);
  });
  return Uint32Array.from(found);
}

/** The model's errors and cost; undefined as soon as the cost reaches a limit. */
function score(
  kind: ModelKind,
  model: Matrix3,
  pairs: PointPairs,
  thresholdPixels: number,
  limit = Infinity,
): RobustFit | undefined {
  const count = pairs.left.length / 2;
  const squaredErrors = new Float64Array(count);
  const scale = 1 / thresholdPixels ** 2;
  let cost = 0;
  for (let from = 0; from < count; from += blockPairs) {
    const to = Math.min(from + blockPairs, count);
    const block = squaredErrors.subarray(from, to);
    kind.squaredErrors(model, pairs, from, to, block);
    for (let i = 0; i < block.length; i++) {
      // Not Math.min, which would let NaN through.
      const share = block[i] * scale;
      cost += share < 1 ? share : 1;
    }
    if (cost >= limit) return undefined;
  }
  return { model, squaredErrors, cost };
}

/** Reweighted least squares with Tukey's weights (1 − e²/t²)² while t shrinks; the best of the models on the way. */
function refine(
  kind: ModelKind,
  start: RobustFit,
  pairs: PointPairs,
  thresholdPixels: number,
): RobustFit {
  let best = start;
  let current = start;
  for (const factor of refinement) {
    const limit = (factor * thresholdPixels) ** 2;
    const weights = current.squaredErrors.map((error) =>
      error < limit ? (1 - error / limit) ** 2 : 0
    );
    const model = kind.fit(pairs, weights, current.model);
    const next = model && score(kind, model, pairs, thresholdPixels);
    if (next === undefined) break;
    current = next;
    if (current.cost < best.cost) best = current;
  }
  return best;
}

/** Samples after which one of inliers only has been drawn with the wanted confidence: log(1 − confidence) / log(1 − wᵐ). */
function neededSamples(
  { squaredErrors }: RobustFit,
  candidates: Uint32Array,
  sampleSize: number,
  { thresholdPixels }: RobustOptions,
  confidence: number,
): number {
  const limit = thresholdPixels ** 2;
  const inliers = candidates.reduce(
    (count, pair) => count + (squaredErrors[pair] <= limit ? 1 : 0),
    0,
  );
  const hit = (inliers / candidates.length) ** sampleSize;
  if (hit >= 1) return 1;
  return Math.ceil(Math.log(1 - confidence) / Math.log1p(-hit));
}
