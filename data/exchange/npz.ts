import { type Zippable, zipSync } from "fflate";
import { toColmapRow } from "../../features/conventions/colmap.ts";
import { toHloc } from "../../features/conventions/hloc.ts";
import type { DescribedPhotograph } from "./described_photograph.ts";
import { keypointRows, keypointsOf } from "./keypoint_rows.ts";
import { asStored } from "./stored_picture.ts";

/** numpy aligns an array's first value to this many bytes. */
const alignmentBytes = 64;

/** The first moment that a zip archive can tell, in whatever zone: the same bytes at any time. */
const noTime = new Date(1980, 0, 1);

/**
 * What D2-Net writes for a photograph, a numpy archive: `keypoints` [count, 2] (pixels from the picture's corner, as COLMAP counts),
 * `scores` [count] and `descriptors` [count, dimension]; besides them `scales` [count] (sigma, pixels) and `oris` [count] (degrees,
 * clockwise). All float32.
 */
export function npzFile(upright: DescribedPhotograph): Uint8Array<ArrayBuffer> {
  const photograph = asStored(upright);
  const { count, descriptors, dimension } = photograph;
  const { scores, scales, oris } = toHloc([...keypointsOf(photograph)]);
  const places = keypointRows(
    photograph,
    2,
    (keypoint) => toColmapRow(keypoint).slice(0, 2),
  );
  return npzOf({
    keypoints: { shape: [count, 2], data: places },
    scores: { shape: [count], data: Float32Array.from(scores) },
    descriptors: { shape: [count, dimension], data: descriptors },
    scales: { shape: [count], data: Float32Array.from(scales) },
    oris: { shape: [count], data: Float32Array.from(oris) },
  });
}

interface SingleArray {
  shape: readonly number[];
  data: Float32Array;
}

/** A numpy archive of float32 arrays, not compressed: descriptors hardly shrink. */
function npzOf(arrays: Record<string, SingleArray>): Uint8Array<ArrayBuffer> {
  const entries: Zippable = {};
  for (const [name, array] of Object.entries(arrays)) {
    entries[`${name}.npy`] = npyOf(array);
  }
  return Uint8Array.from(zipSync(entries, { level: 0, mtime: noTime }));
}

/** numpy's file of one array, version 1.0. */
function npyOf({ shape, data }: SingleArray): Uint8Array {
  const extents = shape.map((extent) => `${extent},`).join(" ");
  const description =
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${extents}), }`;
  const prefixBytes = 10;
  const unpadded = prefixBytes + description.length + 1;
  const headerBytes = Math.ceil(unpadded / alignmentBytes) * alignmentBytes;
  const file = new Uint8Array(headerBytes + data.byteLength);
  file.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0]);
  new DataView(file.buffer).setUint16(8, headerBytes - prefixBytes, true);
  const padded = description.padEnd(headerBytes - prefixBytes - 1) + "\n";
  file.set(new TextEncoder().encode(padded), prefixBytes);
  file.set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    headerBytes,
  );
  return file;
}
