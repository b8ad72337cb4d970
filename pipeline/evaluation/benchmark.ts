/** Noise levels of the HPatches patches, by the letter their types start with. */
export const noises = { easy: "e", hard: "h", tough: "t" } as const;

/** A noise level. */
export type Noise = keyof typeof noises;

/** The noise levels from little to much. */
export const noiseNames = Object.keys(noises) as Noise[];

/** Kinds of non-matching pairs: of other sequences, of the same sequence. */
export const negativeKinds = ["inter", "intra"] as const;

/** A kind of non-matching pairs. */
export type NegativeKind = typeof negativeKinds[number];
