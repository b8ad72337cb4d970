import { type Convolution, reversed } from "./convolution.ts";
import { type SharedTile, wholeMapTile } from "./tiles/shared_tile.ts";
import {
  isSquare,
  type SquareTile,
  wholeMapSquare,
} from "./tiles/square_tile.ts";
import { wholeMapTransposedSquare } from "./tiles/square_transposed.ts";
import { tileOf, type Tiles } from "./tiles.ts";

/**
 * The tile for a convolution whose maps its workgroups normalise as well: where such workgroups compute the convolution at all, in the
 * order of their sums, and the device has the memory for whole maps.
 *
 * @param sumsOfRow as `wholeMapTile` and `wholeMapSquare` take it
 */
export function wholeMapTileOf(
  tiles: Tiles,
  shape: Convolution,
  workgroupBytes: number,
  sumsOfRow: number,
): SharedTile | SquareTile | undefined {
  const tile = tileOf(tiles, "conv3x3", shape);
  if (tile.shared === undefined) return undefined;
  return isSquare(tile)
    ? wholeMapSquare(shape, workgroupBytes, sumsOfRow)
    : wholeMapTile(shape, workgroupBytes, sumsOfRow);
}

/**
 * The tile for the input gradient of a convolution whose maps its workgroups normalise backwards as well, in the same way: at stride 1 one
 * for the convolution the other way about, at stride 2 of squares.
 *
 * @param sumsOfRow as `wholeMapTile` and its like take it
 */
export function wholeMapGradientTileOf(
  tiles: Tiles,
  shape: Convolution,
  workgroupBytes: number,
  sumsOfRow: number,
): SharedTile | SquareTile | undefined {
  if (shape.stride === 1) {
    return wholeMapTileOf(tiles, reversed(shape), workgroupBytes, sumsOfRow);
  }
  return isSquare(tileOf(tiles, "conv3x3_transposed", shape))
    ? wholeMapTransposedSquare(shape, workgroupBytes, sumsOfRow)
    : undefined;
}
