/** What the last recorded loss found; means over classes and mining rounds. */
export interface LossStatistics {
  loss: number;
  /** mean a: distance of the hardest positive pairs */
  meanPositive: number;
  /** mean b: distance of the hardest negative pairs, not clamped */
  meanNegative: number;
  /** B/2, the distance at which negatives stop to matter, of a loss that has one */
  zeroPosition?: number;
  /** share of pairs with W = 0, in [0, 1] */
  zeroWeightShare: number;
  medianPositive: number;
  medianNegative: number;
  /** 64 equal parts of [−2, 2]: pairs by level (with a teacher b_T − a_T; tripletMargin++: b̂ − a; else b − a) */
  levelHistogram: number[];
  /** 16 equal parts of [0, 1]: pairs by W; W = 1 counts in the last */
  weightHistogram: number[];
  /** positive and negative pairs judged: classes × mining rounds */
  pairCount: number;
}

/** What the last mining round made of one class's pairs. */
export interface PairFigures {
  /** a: distance of the hardest positive pair */
  positiveDistance: number;
  /** b: distance of the hardest negative pair, not clamped */
  negativeDistance: number;
  /** W */
  weight: number;
  /** B/2 */
  zeroPosition: number;
}
