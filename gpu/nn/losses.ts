/**
 * What the loss's other parts need to know of a loss; its formula is in its kernel. Those with an id share `descriptor_loss.wgsl`,
 * the others have a kernel of their own.
 */
export interface Loss {
  /** by which the shared shader knows it; no other loss has the same */
  id?: number;
  /** name of the shared shader's constant that holds the id */
  shaderName?: string;
  /** the training stage that configs may choose it for */
  stage: 1 | 2;
  /** whether its weights follow the distances that a teacher gives */
  needsTeacher: boolean;
  /** added to the loss for people; no gradient comes from it */
  constant: number;
  /** whether there is a distance B/2 from which on negatives stop to matter */
  hasZeroPosition: boolean;
  /** whether each class has exactly two rows, a left and a right view */
  pairedViews?: true;
  /** whether a row's negatives are those of the other view only */
  otherViewNegatives?: true;
  /** whether classes are summed, where other losses take their mean */
  isSum?: true;
  /** whether the term over eight nearest neighbours is added */
  secondOrder?: true;
  /** whether it reads the lengths that rows had before they were normalised, and has a gradient for them */
  usesNorms?: true;
  /** what it carries from step to step, as it is before the first: eight figures */
  running?: readonly number[];
  /** cosines from which on rows of different classes are no negatives: up to a share of the steps, and after it */
  mostSimilar?: { early: number; until: number; late: number };
}

/** A loss of classes with a left and a right view, as others' losses are. */
const ofPairedViews = {
  stage: 1,
  needsTeacher: false,
  constant: 0,
  hasZeroPosition: false,
  pairedViews: true,
} as const;

/**
 * Every loss by the authors' name. "balance" is "ExpTeacher" with all weights 1; "tripletTeacher" is "tripletMargin_o" with the
 * weights of "ExpTeacher"; "HardNetAllViews" is "HardNet" with the negatives of both views, "HyNetSecondOrder" "HyNet" with SOSNet's
 * second-order term.
 */
export const losses = {
  ExpTeacher: {
    id: 0,
    shaderName: "EXP_TEACHER",
    stage: 1,
    needsTeacher: true,
    constant: 5,
    hasZeroPosition: true,
  },
  balance: {
    id: 1,
    shaderName: "BALANCE",
    stage: 1,
    needsTeacher: false,
    constant: 5,
    hasZeroPosition: true,
  },
  tripletMargin_o: {
    id: 2,
    shaderName: "TRIPLET",
    stage: 1,
    needsTeacher: false,
    constant: 0,
    hasZeroPosition: false,
  },
  "tripletMargin++": {
    id: 3,
    shaderName: "ANNEALING",
    stage: 2,
    needsTeacher: false,
    constant: 5,
    hasZeroPosition: true,
  },
  tripletTeacher: {
    id: 4,
    shaderName: "WEIGHTED_TRIPLET",
    stage: 1,
    needsTeacher: true,
    constant: 0,
    hasZeroPosition: false,
  },
  HardNet: {
    ...ofPairedViews,
    otherViewNegatives: true,
  },
  HardNetAllViews: {
    ...ofPairedViews,
  },
  SOSNet: {
    ...ofPairedViews,
    isSum: true,
    secondOrder: true,
  },
  HyNet: {
    ...ofPairedViews,
    isSum: true,
    usesNorms: true,
  },
  HyNetSecondOrder: {
    ...ofPairedViews,
    isSum: true,
    secondOrder: true,
    usesNorms: true,
  },
  SDGMNet: {
    ...ofPairedViews,
    isSum: true,
    running: [-1, -1, -1, -1, -1, -1, 1e4, 1e4],
    // The cosine of 0.6 in the end.
    mostSimilar: { early: 0.99999, until: 0.125, late: 0.8253356149096783 },
  },
} as const satisfies Record<string, Loss>;

/** Name of a loss. */
export type LossName = keyof typeof losses;

/** Names of the losses, in the table's order. */
export const lossNames: readonly LossName[] = Object.keys(
  losses,
) as LossName[];

/**
 * Name of a loss that preliminary training may have.
 * @internal
 */
export type Stage1LossName = {
  [Name in LossName]: typeof losses[Name]["stage"] extends 1 ? Name : never;
}[LossName];

/** Names of the losses that preliminary training may have, in the table's order. */
export const stage1LossNames: readonly Stage1LossName[] = lossNames.filter(
  (name): name is Stage1LossName => losses[name].stage === 1,
);

/** The row of a loss. */
export function lossOf(name: LossName): Loss {
  return losses[name];
}

/** The ids as the shared shader's constants, by their names there. */
export const lossConstants: Readonly<Record<string, number>> = Object
  .fromEntries(
    lossNames.map(lossOf).flatMap(({ shaderName, id }) =>
      shaderName === undefined || id === undefined ? [] : [[shaderName, id]]
    ),
  );
