import { type MinedPairs, mineHardest } from "./hardest_in_batch.ts";
import { addPairGradient, pairDistance } from "./descriptor_pair.ts";
import { lowerMedian } from "./median.ts";
import { type Tensor, zeros } from "./tensor.ts";

/** What a loss found on the way, one entry per class. */
export interface LossRound {
  pairs: MinedPairs;
  /** a: distance of the hardest positive pair */
  positiveDistances: number[];
  /** b: distance of the hardest negative pair, not yet clamped */
  negativeDistances: number[];
  /** W */
  weights: number[];
  /** B */
  negativeBound: number;
}

/** A loss with its gradient with respect to the descriptors [N, D]. */
export interface DescriptorLoss {
  loss: number;
  gradient: Tensor;
  /** one per mining round (`neg_num` of them) */
  rounds: LossRound[];
}

/** Options of the balance losses, named as the authors' flags. */
export interface BalanceOptions {
  R: number;
  /** the constant B; unused with `use_stB` */
  B: number;
  /** weight of the positives' median in B; counts with `use_stB` only */
  A: number;
  /** B = 2·(median(b) + A·median(a)), without gradient */
  use_stB: boolean;
  /** mining rounds */
  neg_num: number;
}

/** Options of stage 1's loss. */
export interface ExpTeacherOptions extends BalanceOptions {
  threshold: number;
  upper: number;
}

/** Options of stage 2's loss. */
export interface AnnealingOptions {
  R: number;
  B: number;
  threshold: number;
}

/**
 * Stage 1, "ExpTeacher": mean over classes of W·(R·a² + b̂² − B·b̂) + 5 with b̂ = min(b, B/2), where W follows the
 * teacher's b_T − a_T at the same pairs ({@linkcode balanceWeight}).
 *
 * @param descriptors E, [N, D], unit rows
 * @param teacher T, [N, D]
 */
export function expTeacherLoss(
  descriptors: Tensor,
  teacher: Tensor,
  labels: ArrayLike<number>,
  options: ExpTeacherOptions,
): DescriptorLoss {
  return weightedBalanceLoss(
    descriptors,
    labels,
    options,
    ({ positives, negatives }) => {
      return positives.map((positive, index) => {
        const level = pairDistance(teacher, negatives[index]) -
          pairDistance(teacher, positive);
        return balanceWeight(level, options.threshold, options.upper);
      });
    },
  );
}

/** The unweighted balance loss: {@linkcode expTeacherLoss} with W = 1. */
export function balanceLoss(
  descriptors: Tensor,
  labels: ArrayLike<number>,
  options: BalanceOptions,
): DescriptorLoss {
  return weightedBalanceLoss(
    descriptors,
    labels,
    options,
    (pairs) => pairs.positives.map(() => 1),
  );
}

/**
 * W of a level b_T − a_T: 0 up to the threshold, 1 from upper on, the parabola 1 − ((level − upper)/(threshold − upper))²
 * between them; 1 everywhere when both are equal.
 */
export function balanceWeight(
  level: number,
  threshold: number,
  upper: number,
): number {
  if (threshold === upper) return 1;
  if (level <= threshold) return 0;
  if (level >= upper) return 1;
  return 1 - ((level - upper) / (threshold - upper)) ** 2;
}

/**
 * Stage 2, "tripletMargin++": mean over classes of R·(W·a)² + (W·b̂)² − B·W·b̂ + 5 with b̂ = min(b, B/2) and
 * W = 1 where b̂ − a > threshold, else 0.
 */
export function annealingLoss(
  descriptors: Tensor,
  labels: ArrayLike<number>,
  { R, B, threshold }: AnnealingOptions,
): DescriptorLoss {
  const pairs = mineHardest(descriptors, labels);
  const gradient = zeros(...descriptors.shape);
  const round = measure(descriptors, pairs, B);
  const classes = pairs.positives.length;
  let loss = 0;
  for (let k = 0; k < classes; k++) {
    const a = round.positiveDistances[k];
    const b = Math.min(round.negativeDistances[k], B / 2);
    const weight = b - a > threshold ? 1 : 0;
    round.weights.push(weight);
    loss += (weight * (R * a * a + b * b - B * b) + 5) / classes;
    const towardsNegative = round.negativeDistances[k] <= B / 2
      ? weight * (2 * b - B)
      : 0;
    addPairGradient(
      gradient,
      descriptors,
      pairs.positives[k],
      weight * 2 * R * a / classes,
    );
    addPairGradient(
      gradient,
      descriptors,
      pairs.negatives[k],
      towardsNegative / classes,
    );
  }
  return { loss, gradient, rounds: [round] };
}

/** "tripletMargin_o", the plain triplet loss: mean over classes of max(0, margin + a − b). */
export function tripletMarginLoss(
  descriptors: Tensor,
  labels: ArrayLike<number>,
  margin: number,
): DescriptorLoss {
  const pairs = mineHardest(descriptors, labels);
  const gradient = zeros(...descriptors.shape);
  const round = measure(descriptors, pairs, Infinity);
  const classes = pairs.positives.length;
  let loss = 0;
  for (let k = 0; k < classes; k++) {
    const violation = margin + round.positiveDistances[k] -
      round.negativeDistances[k];
    round.weights.push(violation > 0 ? 1 : 0);
    if (violation <= 0) continue;
    loss += violation / classes;
    addPairGradient(gradient, descriptors, pairs.positives[k], 1 / classes);
    addPairGradient(gradient, descriptors, pairs.negatives[k], -1 / classes);
  }
  return { loss, gradient, rounds: [round] };
}

/** "tripletTeacher": mean over classes of W·max(0, margin + a − b) with the W of {@linkcode expTeacherLoss}. */
export function tripletTeacherLoss(
  descriptors: Tensor,
  teacher: Tensor,
  labels: ArrayLike<number>,
  options: { marginpos: number; threshold: number; upper: number },
): DescriptorLoss {
  const pairs = mineHardest(descriptors, labels);
  const gradient = zeros(...descriptors.shape);
  const round = measure(descriptors, pairs, Infinity);
  const classes = pairs.positives.length;
  let loss = 0;
  for (let k = 0; k < classes; k++) {
    const violation = options.marginpos + round.positiveDistances[k] -
      round.negativeDistances[k];
    const level = pairDistance(teacher, pairs.negatives[k]) -
      pairDistance(teacher, pairs.positives[k]);
    const weight = violation > 0
      ? balanceWeight(level, options.threshold, options.upper)
      : 0;
    round.weights.push(weight);
    loss += weight * Math.max(0, violation) / classes;
    const factor = weight / classes;
    addPairGradient(gradient, descriptors, pairs.positives[k], factor);
    addPairGradient(gradient, descriptors, pairs.negatives[k], -factor);
  }
  return { loss, gradient, rounds: [round] };
}

function weightedBalanceLoss(
  descriptors: Tensor,
  labels: ArrayLike<number>,
  options: BalanceOptions,
  weigh: (pairs: MinedPairs) => number[],
): DescriptorLoss {
  const { R, A, neg_num: roundCount } = options;
  const used = new Uint8Array(labels.length ** 2);
  const gradient = zeros(...descriptors.shape);
  const rounds: LossRound[] = [];
  let loss = 0;
  for (let index = 0; index < roundCount; index++) {
    const pairs = mineHardest(descriptors, labels, used);
    const round = measure(descriptors, pairs, options.B);
    round.weights = weigh(pairs);
    if (options.use_stB) {
      round.negativeBound = 2 *
        (lowerMedian(round.negativeDistances) +
          A * lowerMedian(round.positiveDistances));
    }
    const B = round.negativeBound;
    const terms = pairs.positives.length * roundCount;
    for (let k = 0; k < pairs.positives.length; k++) {
      const weight = round.weights[k];
      const a = round.positiveDistances[k];
      const b = Math.min(round.negativeDistances[k], B / 2);
      loss += (weight * (R * a * a + b * b - B * b) + 5) / terms;
      const towardsNegative = round.negativeDistances[k] <= B / 2
        ? weight * (2 * b - B)
        : 0;
      addPairGradient(
        gradient,
        descriptors,
        pairs.positives[k],
        weight * 2 * R * a / terms,
      );
      addPairGradient(
        gradient,
        descriptors,
        pairs.negatives[k],
        towardsNegative / terms,
      );
    }
    rounds.push(round);
  }
  return { loss, gradient, rounds };
}

function measure(
  descriptors: Tensor,
  pairs: MinedPairs,
  negativeBound: number,
): LossRound {
  return {
    pairs,
    positiveDistances: pairs.positives.map((pair) =>
      pairDistance(descriptors, pair)
    ),
    negativeDistances: pairs.negatives.map((pair) =>
      pairDistance(descriptors, pair)
    ),
    weights: [],
    negativeBound,
  };
}
