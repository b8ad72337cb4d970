import { toVlFeat } from "../../features/conventions/vlfeat.ts";
import type { DescribedPhotograph } from "./described_photograph.ts";
import { keypointRows, keypointsOf } from "./keypoint_rows.ts";
import { asStored } from "./stored_picture.ts";

/** Numbers of MATLAB's file format, level 5: kinds of elements and of arrays. */
const element = { int8: 1, int32: 5, uint32: 6, single: 7, matrix: 14 };
const singleArray = 7;

const headerBytes = 128;

/**
 * What MATLAB's `load` reads of a photograph, level 5, not compressed: `frames` [4, count] as VLFeat has them (x, y from 1, sigma, angle
 * in radians, clockwise), `descrs` [dimension, count], `scores` [1, count], `image_size` [1, 2] (height, width, as `size` says). All single.
 */
export function matFile(upright: DescribedPhotograph): Uint8Array<ArrayBuffer> {
  const photograph = asStored(upright);
  const { count, descriptors, dimension, width, height } = photograph;
  const scores = Float32Array.from(
    keypointsOf(photograph),
    ({ response }) => response,
  );
  // Column by column, as MATLAB has it, a keypoint's numbers follow each other.
  const matrices = [
    matrix("frames", 4, count, keypointRows(photograph, 4, toVlFeat)),
    matrix("descrs", dimension, count, descriptors),
    matrix("scores", 1, count, scores),
    matrix("image_size", 1, 2, Float32Array.of(height, width)),
  ];
  const file = new Uint8Array(
    matrices.reduce((sum, { length }) => sum + length, headerBytes),
  );
  const text = "MATLAB 5.0 MAT-file, Platform: any, Created by: Self-TNet";
  file.set(new TextEncoder().encode(text.padEnd(116)));
  file.set([0x00, 0x01, 0x49, 0x4d], 124);
  let at = headerBytes;
  for (const bytes of matrices) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

/** @param values f32 [columns, rows]: column by column */
function matrix(
  name: string,
  rows: number,
  columns: number,
  values: Float32Array,
): Uint8Array {
  const parts = [
    part(element.uint32, Uint32Array.of(singleArray, 0)),
    part(element.int32, Int32Array.of(rows, columns)),
    part(element.int8, new TextEncoder().encode(name)),
    part(element.single, values),
  ];
  const content = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const bytes of parts) {
    content.set(bytes, at);
    at += bytes.length;
  }
  return part(element.matrix, content);
}

/** A kind, a length, the bytes and zeros up to a multiple of eight. */
function part(kind: number, data: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const tagged = new Uint8Array(8 + Math.ceil(bytes.length / 8) * 8);
  const view = new DataView(tagged.buffer);
  view.setUint32(0, kind, true);
  view.setUint32(4, bytes.length, true);
  tagged.set(bytes, 8);
  return tagged;
}
