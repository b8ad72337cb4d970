/** Side of an HPatches patch. */
export const stripSidePixels = 65;

/** The files of a sequence: the reference, then five images at easy, hard and tough geometric noise. */
export const patchTypes: readonly string[] = [
  "ref",
  ...["e", "h", "t"].flatMap((noise) =>
    [1, 2, 3, 4, 5].map((image) => `${noise}${image}`)
  ),
];
