import {
  compose,
  type Homography,
  invert,
  translation,
} from "../../features/geometry/homography.ts";
import { transposed, unitLength } from "../../features/geometry/matrix3.ts";
import type {
  ExchangedPhotograph,
  MatchedPair,
} from "./described_photograph.ts";
import { toStoredPixels } from "./stored_picture.ts";

/** [9] from our pixels to COLMAP's: those of the stored picture, from its corner instead of the first pixel's centre. */
function toColmapPixels(photograph: ExchangedPhotograph): Homography {
  return compose(translation(0.5, 0.5), toStoredPixels(photograph));
}

/**
 * A pair's matrix for COLMAP's pixels, [9] row by row: F with rightᵀ·F·left = 0 or H with right ~ H·left.
 *
 * @param isSwapped whether COLMAP takes the right photograph as the first
 */
export function colmapMatrix(
  { left, right, geometry }: MatchedPair,
  isSwapped: boolean,
): Float64Array | undefined {
  if (!geometry) return undefined;
  const fromLeft = invert(toColmapPixels(left));
  const toRight = toColmapPixels(right);
  if (geometry.kind === "homography") {
    const map = compose(toRight, geometry.matrix, fromLeft);
    return unitLength(isSwapped ? invert(map) : map);
  }
  const matrix = compose(
    transposed(invert(toRight)),
    geometry.matrix,
    fromLeft,
  );
  return unitLength(isSwapped ? transposed(matrix) : matrix);
}
