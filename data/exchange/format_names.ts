/** What photographs' features can be written as, by name. */
export const formatNames = [
  "colmap",
  "colmap-text",
  "hloc",
  "npz",
  "eth",
  "opencv",
  "mat",
  "csv",
] as const;

/** What photographs' features can be written as. */
export type FormatName = typeof formatNames[number];

/** Those that tell matches of pairs, too. */
export const pairFormatNames = [
  "colmap",
  "colmap-text",
  "hloc",
  "eth",
  "csv",
] as const satisfies readonly FormatName[];

/** What matches of pairs can be written as. */
export type PairFormatName = typeof pairFormatNames[number];

/** How COLMAP's database holds descriptors: pressed into bytes, as they are, or not at all. */
export const colmapDescriptorNames = ["bytes", "float32", "none"] as const;

/** How COLMAP's database holds descriptors. */
export type ColmapDescriptors = typeof colmapDescriptorNames[number];
