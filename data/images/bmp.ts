import { DataError } from "../errors.ts";
import type { GreyImage } from "./grey_image.ts";
import { luma } from "./grey_image.ts";

const FILE_HEADER_BYTES = 14;
const INFO_HEADER_BYTES = 40;
const LARGEST_SIDE_PIXELS = 65535;

/** Where the pixels of an uncompressed BMP are. */
export interface BmpLayout {
  width: number;
  height: number;
  bitsPerPixel: 8 | 24 | 32;
  /** Byte at which row `y`, counted from the top, begins. */
  rowStart(y: number): number;
  /** Grey value of each palette index, with 8 bits a pixel; absent otherwise. */
  levels?: Uint8Array;
}

/**
 * Reads the headers of an uncompressed BMP: 8 bits with a palette (as PhotoTour's sheets), or 24 or 32 bits blue, green, red.
 * Rows stand bottom up unless the height is negative, each padded to a multiple of four bytes.
 * @param where name of the file, for the message
 * @throws DataError when the file is truncated, compressed or of another bit depth
 */
export function readBmpLayout(bytes: Uint8Array, where: string): BmpLayout {
  if (
    bytes.length < FILE_HEADER_BYTES + INFO_HEADER_BYTES || bytes[0] !== 66 ||
    bytes[1] !== 77
  ) {
    throw unreadable(
      where,
      `${bytes.length} bytes without a BMP header`,
      "a BMP",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pixelOffset = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bitsPerPixel = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (headerBytes < INFO_HEADER_BYTES) {
    throw unreadable(
      where,
      `a BMP header of ${headerBytes} bytes`,
      "40 bytes or more",
    );
  }
  if (compression !== 0) {
    throw unreadable(
      where,
      `a BMP of compression ${compression}`,
      "an uncompressed BMP",
    );
  }
  if (bitsPerPixel !== 8 && bitsPerPixel !== 24 && bitsPerPixel !== 32) {
    throw unreadable(
      where,
      `a BMP of ${bitsPerPixel} bits a pixel`,
      "8, 24 or 32",
    );
  }
  if (
    !(width > 0 && height > 0 && width <= LARGEST_SIDE_PIXELS &&
      height <= LARGEST_SIDE_PIXELS)
  ) {
    throw unreadable(
      where,
      `a BMP of ${width}×${height} pixels`,
      "sides of 1 to 65535 pixels",
    );
  }
  const rowBytes = Math.ceil(width * bitsPerPixel / 32) * 4;
  if (pixelOffset < FILE_HEADER_BYTES + headerBytes) {
    throw unreadable(
      where,
      `pixels at byte ${pixelOffset}`,
      "pixels after the headers",
    );
  }
  if (bytes.length < pixelOffset + rowBytes * height) {
    throw unreadable(
      where,
      `a truncated BMP of ${bytes.length} bytes`,
      `${pixelOffset + rowBytes * height} bytes for ${width}×${height} pixels`,
    );
  }
  return {
    width,
    height,
    bitsPerPixel,
    rowStart: (y) =>
      pixelOffset + rowBytes * (signedHeight < 0 ? y : height - 1 - y),
    ...(bitsPerPixel === 8
      ? { levels: paletteLevels(view, headerBytes, pixelOffset) }
      : {}),
  };
}

/**
 * Decodes an uncompressed BMP to grey.
 * @param where name of the file, for the message
 * @throws DataError as {@link readBmpLayout} does
 */
export function decodeBmp(bytes: Uint8Array, where: string): GreyImage {
  const { width, height, bitsPerPixel, rowStart, levels } = readBmpLayout(
    bytes,
    where,
  );
  const pixels = new Uint8Array(width * height);
  const pixelBytes = bitsPerPixel / 8;
  for (let y = 0; y < height; y++) {
    const row = rowStart(y);
    for (let x = 0; x < width; x++) {
      const at = row + x * pixelBytes;
      pixels[y * width + x] = levels === undefined
        ? luma(bytes[at + 2], bytes[at + 1], bytes[at])
        : levels[bytes[at]];
    }
  }
  return { width, height, pixels };
}

/** Grey value of each palette index; a file without a palette means the index itself. */
function paletteLevels(
  view: DataView,
  headerBytes: number,
  pixelOffset: number,
): Uint8Array {
  const levels = Uint8Array.from({ length: 256 }, (_, i) => i);
  const start = FILE_HEADER_BYTES + headerBytes;
  const declared = view.getUint32(46, true);
  const colours = Math.min(
    declared === 0 ? 256 : declared,
    256,
    (pixelOffset - start) >> 2,
  );
  for (let i = 0; i < colours; i++) {
    const at = start + 4 * i;
    levels[i] = luma(
      view.getUint8(at + 2),
      view.getUint8(at + 1),
      view.getUint8(at),
    );
  }
  return levels;
}

function unreadable(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the image",
    where,
    found,
    wanted,
    remedy: "replace or remove the file",
  });
}
