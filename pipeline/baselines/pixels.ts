/** Side of the grid that a patch is averaged down to. */
const gridSide = 16;

/** Values in a {@linkcode pixels} descriptor. */
export const pixelsDimension = gridSide * gridSide;

/**
 * Normalised pixels as a descriptor: the patch averaged over a 16 × 16 grid of equal areas, then `(x − mean) / std`
 * (population standard deviation); a patch without contrast gives zeros. Compare with L2.
 *
 * The floor that a descriptor has to beat, after the resized-pixels baseline of the HPatches paper (there 6 × 6).
 *
 * @param patches u8 [count, side, side]
 * @param side pixels, at least 16
 * @returns [count, 256]
 * @throws {RangeError} when the bytes are no whole number of patches
 */
export function pixels(patches: Uint8Array, side: number): Float32Array {
  const area = side * side;
  const count = patches.length / area;
  if (!Number.isInteger(count) || side < gridSide) {
    throw new RangeError(
      `${patches.length} bytes as patches of ${side} × ${side}`,
    );
  }
  const { cell, share, firstPart } = gridCells(side);
  // One cell of margin takes the second part, of length zero, of the last pixels.
  const row = new Float64Array(gridSide + 1);
  const grid = new Float64Array((gridSide + 1) * gridSide);
  const result = new Float32Array(count * pixelsDimension);
  for (let patch = 0; patch < count; patch++) {
    grid.fill(0);
    for (let y = 0; y < side; y++) {
      row.fill(0);
      const offset = patch * area + y * side;
      for (let x = 0; x < side; x++) {
        const value = patches[offset + x];
        row[cell[x]] += firstPart[x] * value;
        row[cell[x] + 1] += (share - firstPart[x]) * value;
      }
      const above = cell[y] * gridSide;
      const below = above + gridSide;
      for (let x = 0; x < gridSide; x++) {
        grid[above + x] += firstPart[y] * row[x];
        grid[below + x] += (share - firstPart[y]) * row[x];
      }
    }
    standardise(
      grid.subarray(0, pixelsDimension),
      result,
      patch * pixelsDimension,
    );
  }
  return result;
}

/**
 * For each pixel coordinate the first cell it touches and the length of it inside, in units of a cell; `share` is the
 * length of a whole pixel. A pixel on the border of two cells counts in both, by the share of it that lies in each.
 */
function gridCells(side: number) {
  const share = gridSide / side;
  const cell = new Uint8Array(side);
  const firstPart = new Float64Array(side);
  for (let i = 0; i < side; i++) {
    // In units of 1 / side of a cell everything is an integer, so no rounding moves a border.
    const start = i * gridSide;
    cell[i] = Math.floor(start / side);
    const toBorder = (cell[i] + 1) * side - start;
    firstPart[i] = toBorder >= gridSide ? share : toBorder / side;
  }
  return { cell, share, firstPart };
}

function standardise(
  grid: Float64Array,
  result: Float32Array,
  offset: number,
): void {
  let sum = 0;
  for (let i = 0; i < grid.length; i++) sum += grid[i];
  const mean = sum / grid.length;
  let squares = 0;
  for (let i = 0; i < grid.length; i++) squares += (grid[i] - mean) ** 2;
  const deviation = Math.sqrt(squares / grid.length);
  // Averages of equal bytes differ by rounding only; anything below is no contrast.
  const scale = deviation > 1e-6 ? 1 / deviation : 0;
  for (let i = 0; i < grid.length; i++) {
    result[offset + i] = (grid[i] - mean) * scale;
  }
}
