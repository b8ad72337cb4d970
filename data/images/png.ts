import { encode } from "fast-png";
import { inflateSync } from "node:zlib";
import { DataError } from "../errors.ts";
import { type GreyImage, type ImageSize, luma } from "./grey_image.ts";
import { damagedImage, largeImage, requireFewPixels } from "./image_fault.ts";
import { upright } from "./orientation.ts";
import { type PngContents, PngDamage, readPngChunks } from "./png_chunks.ts";
import {
  passesOf,
  type PngPass,
  rawBytesOf,
  rowBytesOf,
  unfilter,
} from "./png_rows.ts";

/** Most uncompressed bytes: 100 megapixels in colour. */
const mostRawBytes = 320 * 2 ** 20;
const mostInflatePieceBytes = 1 << 20;
/** Deflate never makes more out of one byte. */
const mostInflateRatio = 1032;

/**
 * Decodes a PNG of any depth, colour type and interlacing to grey: luma of colours and palettes, the high byte of 16-bit values,
 * low bit depths stretched to 0…255; alpha is ignored. Turned upright as its Exif data or XMP, if any, say.
 * @param where name of the file, for the message
 * @throws {DataError} when the file is truncated, damaged, too large or of a kind that is not supported
 */
export function decodePng(bytes: Uint8Array, where: string): GreyImage {
  return naming(where, () => decode(bytes, where));
}

/**
 * Reads the chunks of a PNG, its pixels left compressed.
 * @throws {DataError} as {@linkcode decodePng}
 */
export function pngSize(bytes: Uint8Array, where: string): ImageSize {
  return naming(where, () => readPngChunks(bytes, where));
}

/** What is wrong with the picture, with the file's name. */
function naming<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw damagedImage(
      where,
      `a damaged PNG (${(error as Error).message})`,
      "a readable PNG",
    );
  }
}

function decode(bytes: Uint8Array, where: string): GreyImage {
  const contents = readPngChunks(bytes, where);
  const { width, height, depth, channels } = contents;
  requireFewPixels(width, height, where);
  const bitsPerPixel = depth * channels;
  const passes = passesOf(width, height, contents.isInterlaced);
  const rawBytes = rawBytesOf(passes, bitsPerPixel);
  if (rawBytes > mostRawBytes) {
    throw largeImage(
      where,
      `a PNG of ${width}×${height} pixels of ${bitsPerPixel} bits`,
      `at most ${mostRawBytes / 2 ** 20} MiB of pixels`,
    );
  }
  const raw = inflatePixels(contents.compressed, rawBytes);
  const pixels = new Uint8Array(width * height);
  let start = 0;
  for (const pass of passes) {
    const end = unfilter(raw, start, pass, bitsPerPixel);
    copyPass(raw, start, pass, contents, pixels);
    start = end;
  }
  return upright({ width, height, pixels }, contents.orientation);
}

/** Uncompresses the pixels, and stops where there are more bytes than the header declares. */
function inflatePixels(
  pieces: readonly Uint8Array[],
  rawBytes: number,
): Uint8Array {
  const compressed = joined(pieces);
  if (rawBytes > compressed.length * mostInflateRatio) {
    throw new PngDamage("pixels missing");
  }
  let raw: Uint8Array;
  try {
    raw = inflateSync(compressed, {
      maxOutputLength: rawBytes,
      chunkSize: Math.max(64, Math.min(rawBytes, mostInflatePieceBytes)),
    });
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") {
      throw error;
    }
    throw new PngDamage("more pixels than its header declares");
  }
  if (raw.length < rawBytes) throw new PngDamage("pixels missing");
  return raw;
}

/** Turns the unfiltered rows of a pass into grey values at their places. */
function copyPass(
  raw: Uint8Array,
  start: number,
  pass: PngPass,
  contents: PngContents,
  pixels: Uint8Array,
): void {
  const { width, depth, channels } = contents;
  const levels = levelsOf(contents);
  const rowBytes = rowBytesOf(pass.width, depth * channels);
  const sampleBytes = depth >> 3;
  for (let y = 0; y < pass.height; y++) {
    const row = start + y * (1 + rowBytes) + 1;
    let at = (pass.top + y * pass.stepY) * width + pass.left;
    for (let x = 0; x < pass.width; x++, at += pass.stepX) {
      if (levels !== undefined) {
        const value = depth === 8
          ? raw[row + x]
          : raw[row + (x * depth >> 3)] >> (8 - depth - (x * depth & 7)) &
            ((1 << depth) - 1);
        if (value >= levels.length) {
          throw new PngDamage(
            `a colour outside its palette of ${levels.length}`,
          );
        }
        pixels[at] = levels[value];
        continue;
      }
      const first = row + x * channels * sampleBytes;
      pixels[at] = channels < 3 ? raw[first] : luma(
        raw[first],
        raw[first + sampleBytes],
        raw[first + 2 * sampleBytes],
      );
    }
  }
}

/** Grey value of each sample of a palette or of less than 8 bits; undefined where samples are grey or colour already. */
function levelsOf(
  { isIndexed, palette, depth }: PngContents,
): Uint8Array | undefined {
  if (isIndexed) {
    return Uint8Array.from(
      { length: palette!.length / 3 },
      (_, i) => luma(palette![3 * i], palette![3 * i + 1], palette![3 * i + 2]),
    );
  }
  if (depth >= 8) return undefined;
  const largest = (1 << depth) - 1;
  return Uint8Array.from({ length: largest + 1 }, (_, i) => 255 / largest * i);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const bytes = new Uint8Array(
    pieces.reduce((total, { length }) => total + length, 0),
  );
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Encodes a grey image as an 8-bit grey PNG; equal images give equal bytes. */
export function encodePng(image: GreyImage): Uint8Array {
  const { width, height, pixels } = image;
  // Patches are noise to a compressor: level 1 is six times faster than the default and costs 3 % in size.
  return encode({ width, height, data: pixels, depth: 8, channels: 1 }, {
    zlib: { level: 1 },
  });
}
