import { type BmpHeader, readBmpHeader } from "./bmp_header.ts";
import { spreadRuns } from "./bmp_runs.ts";
import { type GreyImage, type ImageSize, luma } from "./grey_image.ts";
import { damagedImage, requireFewPixels } from "./image_fault.ts";

/** Where the pixels of an uncompressed BMP are. */
export interface BmpLayout {
  width: number;
  height: number;
  bitsPerPixel: number;
  /** Byte at which row `y`, counted from the top, begins. */
  rowStart(y: number): number;
  /** Grey value of each palette index, with at most 8 bits a pixel; absent otherwise. */
  levels?: Uint8Array;
}

/**
 * Reads the headers of an uncompressed BMP and checks that its pixels are there. Rows stand bottom up unless the height is
 * negative, each padded to a multiple of four bytes.
 * @param where name of the file, for the message
 * @throws {DataError} as {@linkcode readBmpHeader} does; when the file is truncated or compressed
 */
export function readBmpLayout(bytes: Uint8Array, where: string): BmpLayout {
  const header = readBmpHeader(bytes, where);
  if (header.coding === "runs") {
    throw damagedImage(
      where,
      `a BMP of compression ${header.compression}`,
      "an uncompressed BMP",
    );
  }
  return layoutOf(bytes, header, where);
}

/**
 * The size that a BMP's headers say, and that its pixels are there unless they are runs.
 * @throws {DataError} as {@linkcode decodeBmp}
 */
export function bmpSize(bytes: Uint8Array, where: string): ImageSize {
  const header = readBmpHeader(bytes, where);
  if (header.coding !== "runs") layoutOf(bytes, header, where);
  return header;
}

function layoutOf(
  bytes: Uint8Array,
  header: BmpHeader,
  where: string,
): BmpLayout {
  const { width, height, bitsPerPixel, pixelOffset, isTopDown } = header;
  const rowBytes = Math.ceil(width * bitsPerPixel / 32) * 4;
  if (bytes.length < pixelOffset + rowBytes * height) {
    throw damagedImage(
      where,
      `a truncated BMP of ${bytes.length} bytes`,
      `${pixelOffset + rowBytes * height} bytes for ${width}×${height} pixels`,
    );
  }
  return {
    width,
    height,
    bitsPerPixel,
    rowStart: (y) => pixelOffset + rowBytes * (isTopDown ? y : height - 1 - y),
    ...(bitsPerPixel <= 8 ? { levels: paletteLevels(bytes, header) } : {}),
  };
}

/**
 * Decodes a BMP to grey: of 1 to 32 bits a pixel, with a palette, masks or runs.
 * @param where name of the file, for the message
 * @throws {DataError} when the file is truncated, damaged or of a kind that is not supported
 */
export function decodeBmp(bytes: Uint8Array, where: string): GreyImage {
  const header = readBmpHeader(bytes, where);
  requireFewPixels(header.width, header.height, where);
  if (header.coding === "runs") return decodeRuns(bytes, header, where);
  const layout = layoutOf(bytes, header, where);
  const { width, height, bitsPerPixel, rowStart, levels } = layout;
  const greyOf = levels !== undefined
    ? paletteGrey(bytes, bitsPerPixel, levels)
    : header.coding === "masks"
    ? maskedGrey(bytes, header)
    : colourGrey(bytes, bitsPerPixel / 8);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = rowStart(y);
    for (let x = 0; x < width; x++) pixels[y * width + x] = greyOf(row, x);
  }
  return { width, height, pixels };
}

function decodeRuns(
  bytes: Uint8Array,
  header: BmpHeader,
  where: string,
): GreyImage {
  const { width, height, bitsPerPixel, pixelOffset } = header;
  const levels = paletteLevels(bytes, header);
  const indices = spreadRuns(bytes, pixelOffset, bitsPerPixel, header, where);
  const pixels = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      pixels[y * width + x] = levels[indices[from + x]];
    }
  }
  return { width, height, pixels };
}

/** The grey value of the pixel `x` of a row that begins at a byte. */
type GreyOf = (row: number, x: number) => number;

function paletteGrey(
  bytes: Uint8Array,
  bits: number,
  levels: Uint8Array,
): GreyOf {
  if (bits === 8) return (row, x) => levels[bytes[row + x]];
  const mask = (1 << bits) - 1;
  return (row, x) => {
    const byte = bytes[row + (x * bits >> 3)];
    return levels[byte >> (8 - bits - (x * bits & 7)) & mask];
  };
}

function colourGrey(bytes: Uint8Array, pixelBytes: number): GreyOf {
  return (row, x) => {
    const at = row + x * pixelBytes;
    return luma(bytes[at + 2], bytes[at + 1], bytes[at]);
  };
}

function maskedGrey(
  bytes: Uint8Array,
  { masks, bitsPerPixel }: BmpHeader,
): GreyOf {
  const pixelBytes = bitsPerPixel / 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [red, green, blue] = masks.map(channelOf);
  return (row, x) => {
    const at = row + x * pixelBytes;
    const value = pixelBytes === 2
      ? view.getUint16(at, true)
      : view.getUint32(at, true);
    return luma(red(value), green(value), blue(value));
  };
}

/** Takes the bits under a mask out of a pixel, stretched to 0…255. */
function channelOf(mask: number): (value: number) => number {
  if (mask === 0) return () => 0;
  const shift = 31 - Math.clz32(mask & -mask);
  const largest = mask >>> shift;
  return (value) =>
    Math.round(((value & mask) >>> 0 >>> shift) * 255 / largest);
}

/** Grey value of each palette index; a file without a palette means the index itself, stretched to 0…255. */
function paletteLevels(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { bitsPerPixel, paletteOffset, paletteEntryBytes, paletteCount } =
    header;
  const count = 1 << bitsPerPixel;
  const levels = Uint8Array.from(
    { length: count },
    (_, i) => i * 255 / (count - 1),
  );
  for (let i = 0; i < paletteCount; i++) {
    const at = paletteOffset + paletteEntryBytes * i;
    levels[i] = luma(bytes[at + 2], bytes[at + 1], bytes[at]);
  }
  return levels;
}
