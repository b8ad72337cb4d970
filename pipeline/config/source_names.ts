/**
 * Where patches can come from. A name that is added here has to be given a source: the compiler says where.
 * @internal
 */
export const sourceNames = ["photos", "phototour"] as const;

/** Name of a source of patches. */
export type SourceName = typeof sourceNames[number];
