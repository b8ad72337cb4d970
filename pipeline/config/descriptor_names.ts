/**
 * What patches can be described with, in the order of output: the trained network, the same untrained, and descriptors that
 * need no training. A name that is added here has to be given a describer and a colour: the compiler says where.
 * @internal
 */
export const descriptorNames = [
  "trained",
  "untrained",
  "meanstd",
  "pixels",
  "sift",
  "rootsift",
] as const;

/** Name of a descriptor. */
export type DescriptorName = typeof descriptorNames[number];
