/** Values in a {@linkcode meanStd} descriptor. */
export const meanStdDimension = 2;

/**
 * Mean and standard deviation (population) of a patch's grey values, 0 … 255: the least that a descriptor can be, `MStd` of
 * the HPatches paper. Compare with L2.
 *
 * @param patches u8 [count, side, side]
 * @param side pixels
 * @returns [count, 2]
 * @throws {RangeError} when the bytes are no whole number of patches
 */
export function meanStd(patches: Uint8Array, side: number): Float32Array {
  const area = side * side;
  const count = patches.length / area;
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `${patches.length} bytes as patches of ${side} × ${side}`,
    );
  }
  const result = new Float32Array(count * meanStdDimension);
  for (let patch = 0; patch < count; patch++) {
    // Sums of bytes and of their squares are exact.
    let sum = 0;
    let squares = 0;
    for (let i = patch * area; i < (patch + 1) * area; i++) {
      sum += patches[i];
      squares += patches[i] * patches[i];
    }
    result[patch * meanStdDimension] = sum / area;
    result[patch * meanStdDimension + 1] =
      Math.sqrt(squares * area - sum * sum) / area;
  }
  return result;
}
