import { toColmapRow } from "../../features/conventions/colmap.ts";
import type { DescribedPhotograph } from "./described_photograph.ts";
import { keypointRows } from "./keypoint_rows.ts";
import { asStored } from "./stored_picture.ts";

/**
 * Matrices as the local feature evaluation of ETH Zürich has them, `.bin`: i32 rows, i32 columns, then the values row by row, all
 * little-endian.
 *
 * @param values f32 or u32 [rows, columns]
 */
function ethMatrix(
  columns: number,
  values: Float32Array | Uint32Array,
): Uint8Array<ArrayBuffer> {
  const headerBytes = 8;
  const file = new Uint8Array(headerBytes + values.byteLength);
  const view = new DataView(file.buffer);
  view.setInt32(0, values.length / columns, true);
  view.setInt32(4, columns, true);
  file.set(
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    headerBytes,
  );
  return file;
}

/** `keypoints/NAME.bin`: f32 [count, 4] x, y, scale, orientation as COLMAP counts them. */
export function ethKeypoints(
  upright: DescribedPhotograph,
): Uint8Array<ArrayBuffer> {
  return ethMatrix(4, keypointRows(asStored(upright), 4, toColmapRow));
}

/** `descriptors/NAME.bin`: f32 [count, dimension]. */
export function ethDescriptors(
  { descriptors, dimension }: DescribedPhotograph,
): Uint8Array<ArrayBuffer> {
  return ethMatrix(dimension, descriptors);
}

/** `matches/LEFT---RIGHT.bin`: u32 [matches, 2] numbers of keypoints from 0. */
export function ethMatches(matches: Uint32Array): Uint8Array<ArrayBuffer> {
  return ethMatrix(2, matches);
}
