/** What the loss's other parts need to know of a loss; its formula is in `descriptor_loss.wgsl`. */
export interface Loss {
  /** by which the shader knows it; no other loss has the same */
  id: number;
  /** name of the shader's constant that holds the id */
  shaderName: string;
  /** the training stage that configs may choose it for */
  stage: 1 | 2;
  /** whether its weights follow the distances that a teacher gives */
  needsTeacher: boolean;
  /** added to the loss for people; no gradient comes from it */
  constant: number;
  /** whether there is a distance B/2 from which on negatives stop to matter */
  hasZeroPosition: boolean;
}

/**
 * Every loss by the authors' name. "balance" is "ExpTeacher" with all weights 1; "tripletTeacher" is "tripletMargin_o" with the
 * weights of "ExpTeacher".
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

/** The ids as the shader's constants, by their names there. */
export const lossConstants: Readonly<Record<string, number>> = Object
  .fromEntries(
    Object.values(losses).map(({ shaderName, id }) => [shaderName, id]),
  );
