import { trapezoidTerm } from "./average_precision.ts";
import type { Figure } from "./figure.ts";

/** Share of the matching pairs that the imbalanced figure keeps. */
const imbalancedShare = 0.2;

/** Matching pairs of the imbalanced figure: the first so many in file order. */
export function imbalancedCount(matchingPairs: number): number {
  return Math.trunc(matchingPairs * imbalancedShare);
}

/** The two figures of one noise level and one kind of non-matching pairs. */
export interface VerificationFigures {
  /** balanced: area under the ROC curve of all non-matching against all matching pairs */
  auc: Figure;
  /** imbalanced: average precision of all non-matching and the first fifth of the matching pairs */
  ap: Figure;
}

/** Distances of the matching pairs of one noise level, ascending: all, and the first fifth of the file. */
export interface SortedMatches {
  all: Float64Array;
  kept: Float64Array;
}

/** @param matching distances of the matching pairs, in file order */
export function sortMatches(matching: Float64Array): SortedMatches {
  const kept = imbalancedCount(matching.length);
  return {
    all: matching.slice().sort(),
    kept: matching.slice(0, kept).sort(),
  };
}

/**
 * HPatches patch verification at one noise level.
 *
 * The protocol stacks the non-matching pairs on top of the matching ones and sorts stably, so a non-match stands before
 * every match of equal distance: `value` is `low`. The imbalanced figure takes all non-matches and the first
 * `int(0.2·P)` matches in file order. The official files hold as many non-matches as matches, where that is the same
 * as the first `P + int(0.2·P)` rows of the stack.
 *
 * @param matches distances of the matching pairs
 * @param nonMatching distances of the non-matching pairs of one kind (intra or inter)
 * @returns fractions; an area is 0 when one of its two kinds has no pair
 */
export function verificationFigures(
  matches: SortedMatches,
  nonMatching: Float64Array,
): VerificationFigures {
  const others = nonMatching.slice().sort();
  return {
    auc: areaOfSorted(matches.all, others),
    ap: averagePrecisionOfSorted(matches.kept, others),
  };
}

function areaOfSorted(matches: Float64Array, others: Float64Array): Figure {
  const pairs = matches.length * others.length;
  if (pairs === 0) return { value: 0, low: 0, high: 0 };
  let low = 0;
  let high = 0;
  let nearer = 0;
  let notFarther = 0;
  for (let i = 0; i < others.length; i++) {
    const distance = others[i];
    while (nearer < matches.length && matches[nearer] < distance) nearer++;
    while (notFarther < matches.length && matches[notFarther] <= distance) {
      notFarther++;
    }
    low += nearer;
    high += notFarther;
  }
  return { value: low / pairs, low: low / pairs, high: high / pairs };
}

function averagePrecisionOfSorted(
  matches: Float64Array,
  others: Float64Array,
): Figure {
  const count = matches.length;
  if (count === 0) return { value: 0, low: 0, high: 0 };
  let low = 0;
  let high = 0;
  let nearer = 0;
  let notFarther = 0;
  for (let i = 0; i < count; i++) {
    const distance = matches[i];
    while (nearer < others.length && others[nearer] < distance) nearer++;
    while (notFarther < others.length && others[notFarther] <= distance) {
      notFarther++;
    }
    low += trapezoidTerm(i, notFarther);
    high += trapezoidTerm(i, nearer);
  }
  return { value: low / count, low: low / count, high: high / count };
}
