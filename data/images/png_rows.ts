import { PngDamage } from "./png_chunks.ts";

/** A part of a picture whose rows stand one after the other: the whole, or one of the seven passes of an interlaced one. */
export interface PngPass {
  /** of its first pixel in the picture */
  left: number;
  top: number;
  /** between its neighbours in the picture */
  stepX: number;
  stepY: number;
  width: number;
  height: number;
}

const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/** The passes that pixels stand in, in the order of the file; empty ones are left out. */
export function passesOf(
  width: number,
  height: number,
  isInterlaced: boolean,
): PngPass[] {
  const grids = isInterlaced ? adam7 : [[0, 0, 1, 1]];
  return grids.map(([left, top, stepX, stepY]) => ({
    left,
    top,
    stepX,
    stepY,
    width: Math.ceil((width - left) / stepX),
    height: Math.ceil((height - top) / stepY),
  })).filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Bytes of a row, its filter byte left out. */
export function rowBytesOf(width: number, bitsPerPixel: number): number {
  return Math.ceil(width * bitsPerPixel / 8);
}

/** Uncompressed bytes of all passes. */
export function rawBytesOf(
  passes: readonly PngPass[],
  bitsPerPixel: number,
): number {
  return passes.reduce(
    (total, { width, height }) =>
      total + height * (1 + rowBytesOf(width, bitsPerPixel)),
    0,
  );
}

/**
 * Takes the filters off the rows of a pass, in place.
 *
 * @param raw uncompressed bytes, a filter byte before every row
 * @param start of the pass in `raw`
 * @returns where the pass ends
 * @throws {PngDamage} for an unknown filter
 */
export function unfilter(
  raw: Uint8Array,
  start: number,
  { width, height }: PngPass,
  bitsPerPixel: number,
): number {
  const rowBytes = rowBytesOf(width, bitsPerPixel);
  const pixelBytes = Math.max(1, bitsPerPixel >> 3);
  let before = new Uint8Array(rowBytes);
  let at = start;
  for (let y = 0; y < height; y++) {
    const filter = raw[at++];
    const row = raw.subarray(at, at + rowBytes);
    if (filter === 1) addLeft(row, pixelBytes);
    else if (filter === 2) addUp(row, before);
    else if (filter === 3) addAverage(row, before, pixelBytes);
    else if (filter === 4) addPaeth(row, before, pixelBytes);
    else if (filter !== 0) throw new PngDamage(`the row filter ${filter}`);
    before = row as Uint8Array<ArrayBuffer>;
    at += rowBytes;
  }
  return at;
}

function addLeft(row: Uint8Array, pixelBytes: number): void {
  for (let i = pixelBytes; i < row.length; i++) row[i] += row[i - pixelBytes];
}

function addUp(row: Uint8Array, before: Uint8Array): void {
  for (let i = 0; i < row.length; i++) row[i] += before[i];
}

function addAverage(
  row: Uint8Array,
  before: Uint8Array,
  pixelBytes: number,
): void {
  for (let i = 0; i < row.length; i++) {
    const left = i < pixelBytes ? 0 : row[i - pixelBytes];
    row[i] += (left + before[i]) >> 1;
  }
}

/** Adds whichever of left, upper and upper left neighbour is nearest to left + upper − upper left. */
function addPaeth(
  row: Uint8Array,
  before: Uint8Array,
  pixelBytes: number,
): void {
  for (let i = 0; i < row.length; i++) {
    const isFirst = i < pixelBytes;
    const left = isFirst ? 0 : row[i - pixelBytes];
    const up = before[i];
    const corner = isFirst ? 0 : before[i - pixelBytes];
    const toLeft = Math.abs(up - corner);
    const toUp = Math.abs(left - corner);
    const toCorner = Math.abs(left + up - 2 * corner);
    row[i] += toLeft <= toUp && toLeft <= toCorner
      ? left
      : toUp <= toCorner
      ? up
      : corner;
  }
}
