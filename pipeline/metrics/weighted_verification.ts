import { trapezoidTerm } from "./average_precision.ts";
import { stableOrder } from "./ranking.ts";
import { imbalancedCount } from "./verification.ts";

const matchBit = 1;
const keptBit = 2;
const groupShift = 2;

/**
 * Matching and non-matching pairs ranked once, whose figures can then be taken many times with the pairs counted a
 * different number of times: the inner loop of a bootstrap.
 */
export class WeightedRanking {
  /** [pairs] in the order of the ranking: group, and whether a match and among the imbalanced figure's matches */
  readonly #entries: Int32Array;

  /**
   * @param matching [P] distances of the matching pairs, in file order
   * @param matchingGroup [P] what decides a pair's weight, below 2²⁹
   * @param nonMatching [N] distances of the non-matching pairs
   * @param nonMatchingGroup [N]
   */
  constructor(
    matching: Float64Array,
    matchingGroup: ArrayLike<number>,
    nonMatching: Float64Array,
    nonMatchingGroup: ArrayLike<number>,
  ) {
    // The benchmark's stack: non-matches on top of matches, sorted stably.
    const others = nonMatching.length;
    const stack = new Float64Array(others + matching.length);
    stack.set(nonMatching);
    stack.set(matching, others);
    const kept = imbalancedCount(matching.length);
    this.#entries = new Int32Array(stack.length);
    stableOrder(stack).forEach((at, rank) => {
      const row = at - others;
      this.#entries[rank] = row < 0
        ? nonMatchingGroup[at] << groupShift
        : matchingGroup[row] << groupShift | (row < kept ? keptBit : 0) |
          matchBit;
    });
  }

  /**
   * ROC area of all pairs and average precision of the imbalanced choice, each pair standing in the ranking as many
   * times as its group's weight says. Which matches the imbalanced figure keeps does not depend on the weights.
   *
   * @param weights whole numbers by group
   * @returns fractions; NaN when no pair of a kind is left
   */
  figures(weights: ArrayLike<number>): { auc: number; ap: number } {
    const entries = this.#entries;
    let matches = 0;
    let others = 0;
    let kept = 0;
    let area = 0;
    let precision = 0;
    for (let rank = 0; rank < entries.length; rank++) {
      const entry = entries[rank];
      const weight = weights[entry >> groupShift];
      if ((entry & matchBit) === 0) {
        area += weight * matches;
        others += weight;
        continue;
      }
      matches += weight;
      if ((entry & keptBit) === 0) continue;
      for (let copy = 0; copy < weight; copy++) {
        precision += trapezoidTerm(kept++, others);
      }
    }
    return {
      auc: others === 0 ? NaN : area / (matches * others),
      ap: others === 0 ? NaN : precision / kept,
    };
  }
}
