import { type Convolution, reversed } from "./convolution.ts";
import { type SharedTile, wholeMapTile } from "./tiles/shared_tile.ts";
import {
  isSquare,
  type SquareTile,
  wholeMapSquare,
} from "./tiles/square_tile.ts";
import { wholeMapTransposedSquare } from "./tiles/square_transposed.ts";
import { tileName, tileOf, type Tiles } from "./tiles.ts";
import type { EndSizes } from "./tiles/tile_sizes.ts";

/** Sums that a workgroup keeps of every row of its maps: of squares, and backwards of three things at once. */
export const sumsOfRow = { forward: 1, backward: 3 } as const;

type WholeMapTile = SharedTile | SquareTile;

/** What was measured for a convolution and what follows it, undefined if nothing was. */
function measured(
  { chosen }: Tiles,
  kernel: keyof EndSizes,
  shape: Convolution,
): { tile: WholeMapTile | undefined } | undefined {
  const tile = chosen?.get(tileName(kernel, shape));
  if (tile === undefined) return undefined;
  return { tile: tile.shared === undefined ? undefined : tile as WholeMapTile };
}

/**
 * The tile for a convolution whose maps its workgroups normalise as well: the measured one, else where such workgroups compute the
 * convolution at all, in the order of their sums, and the device has the memory for whole maps.
 */
export function wholeMapTileOf(
  tiles: Tiles,
  shape: Convolution,
  workgroupBytes: number,
): WholeMapTile | undefined {
  const found = measured(tiles, "conv3x3_frn_tlu", shape);
  return found === undefined
    ? tileOfMaps(tiles, shape, workgroupBytes, sumsOfRow.forward)
    : found.tile;
}

function tileOfMaps(
  tiles: Tiles,
  shape: Convolution,
  workgroupBytes: number,
  sums: number,
): WholeMapTile | undefined {
  const tile = tileOf(tiles, "conv3x3", shape);
  if (tile.shared === undefined) return undefined;
  return isSquare(tile)
    ? wholeMapSquare(shape, workgroupBytes, sums)
    : wholeMapTile(shape, workgroupBytes, sums);
}

/**
 * The tile for the input gradient of a convolution whose maps its workgroups normalise backwards as well, in the same way: at stride 1 one
 * for the convolution the other way about, at stride 2 of squares.
 */
export function wholeMapGradientTileOf(
  tiles: Tiles,
  shape: Convolution,
  workgroupBytes: number,
): WholeMapTile | undefined {
  const found = measured(tiles, "conv3x3_frn_tlu_backward", shape);
  if (found !== undefined) return found.tile;
  const sums = sumsOfRow.backward;
  if (shape.stride === 1) {
    return tileOfMaps(tiles, reversed(shape), workgroupBytes, sums);
  }
  return isSquare(tileOf(tiles, "conv3x3_transposed", shape))
    ? wholeMapTransposedSquare(shape, workgroupBytes, sums)
    : undefined;
}
