import { damagedImage, unsupportedImage } from "./image_fault.ts";

/** Bytes of the header that every BMP begins with. */
export const fileHeaderBytes = 14;
const coreHeaderBytes = 12;
const infoHeaderBytes = 40;
/** OS/2's later header, which may be cut after any field; its compressions 3 and 4 are not Windows'. */
const os2HeaderBytes = 64;
const largestSidePixels = 65535;

/** How the pixels stand: as they are, as runs of 8 or 4 bits, or with masks for the colours. */
export type BmpCoding = "plain" | "runs" | "masks";

/** What the headers of a BMP say. */
export interface BmpHeader {
  width: number;
  height: number;
  isTopDown: boolean;
  bitsPerPixel: number;
  coding: BmpCoding;
  /** number of the coding, as Windows or OS/2 has it */
  compression: number;
  /** of the palette */
  paletteOffset: number;
  paletteEntryBytes: 3 | 4;
  /** entries that the file has of it; 0 with more than 8 bits a pixel */
  paletteCount: number;
  /** where red, green and blue stand in a pixel; only with `masks` */
  masks: [red: number, green: number, blue: number];
  pixelOffset: number;
}

/** Codings by number and bits a pixel, of Windows and of OS/2. */
const codings: Readonly<Record<string, BmpCoding>> = {
  "0 1": "plain",
  "0 2": "plain",
  "0 4": "plain",
  "0 8": "plain",
  "0 16": "masks",
  "0 24": "plain",
  "0 32": "plain",
  "1 8": "runs",
  "2 4": "runs",
  "3 16": "masks",
  "3 32": "masks",
  "6 16": "masks",
  "6 32": "masks",
};

const codingNames: Readonly<Record<number, string>> = {
  3: "Huffman coding",
  4: "a JPEG inside",
  5: "a PNG inside",
};

/**
 * Reads the headers of a BMP: Windows' of every version, and OS/2's.
 * @param where name of the file, for the message
 * @throws {DataError} when they are cut short, contradict each other, or tell of a kind that is not supported
 */
export function readBmpHeader(bytes: Uint8Array, where: string): BmpHeader {
  const shortest = fileHeaderBytes + coreHeaderBytes;
  if (bytes.length < shortest || bytes[0] !== 66 || bytes[1] !== 77) {
    throw damagedImage(
      where,
      `${bytes.length} bytes without a BMP header`,
      "a BMP",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pixelOffset = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  const isCore = headerBytes === coreHeaderBytes;
  const isCutOs2 = headerBytes >= 16 && headerBytes < infoHeaderBytes;
  const isOs2 = isCutOs2 || headerBytes === os2HeaderBytes;
  if (
    !isCore && !isCutOs2 &&
    (headerBytes < infoHeaderBytes || headerBytes > 256)
  ) {
    throw unsupportedImage(
      where,
      `a BMP header of ${headerBytes} bytes`,
      "12, or 16 to 256 bytes",
    );
  }
  if (bytes.length < fileHeaderBytes + headerBytes) {
    throw damagedImage(
      where,
      `a truncated BMP of ${bytes.length} bytes`,
      "a whole BMP",
    );
  }
  // A header that ends before a field means 0.
  const field = (at: number) =>
    at + 4 <= fileHeaderBytes + headerBytes ? view.getUint32(at, true) : 0;
  const width = isCore ? view.getUint16(18, true) : view.getInt32(18, true);
  const signedHeight = isCore
    ? view.getUint16(20, true)
    : view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bitsPerPixel = view.getUint16(isCore ? 24 : 28, true);
  const compression = isCore ? 0 : field(30);
  const coding = isOs2 && compression > 2
    ? undefined
    : codings[`${compression} ${bitsPerPixel}`];
  if (coding === undefined) {
    throw unsupported(where, compression, bitsPerPixel, isOs2);
  }
  requireSides(width, height, where);
  const isTopDown = signedHeight < 0;
  if (isTopDown && coding === "runs") {
    throw damagedImage(
      where,
      "a BMP of runs from the top down",
      "one from the bottom up",
    );
  }
  // Three masks, or four, follow Windows' first header; later ones hold them.
  const masksOffset = fileHeaderBytes + infoHeaderBytes;
  const hasMasksBehind = compression !== 0 && coding === "masks" &&
    headerBytes === infoHeaderBytes;
  const paletteOffset = fileHeaderBytes + headerBytes +
    (hasMasksBehind ? compression === 6 ? 16 : 12 : 0);
  if (pixelOffset < paletteOffset) {
    throw damagedImage(
      where,
      `pixels at byte ${pixelOffset}`,
      "pixels after the headers",
    );
  }
  if (pixelOffset > bytes.length) {
    throw damagedImage(
      where,
      `a truncated BMP of ${bytes.length} bytes`,
      `pixels at byte ${pixelOffset}`,
    );
  }
  const paletteEntryBytes = isCore ? 3 : 4;
  const declared = isCore ? 0 : field(46);
  const most = bitsPerPixel > 8 ? 0 : 1 << bitsPerPixel;
  return {
    width,
    height,
    isTopDown,
    bitsPerPixel,
    coding,
    compression,
    paletteOffset,
    paletteEntryBytes,
    paletteCount: Math.min(
      declared === 0 ? most : declared,
      most,
      Math.floor((pixelOffset - paletteOffset) / paletteEntryBytes),
    ),
    masks: compression === 0 ? [0x7c00, 0x03e0, 0x001f] : coding === "masks"
      ? [
        view.getUint32(masksOffset, true),
        view.getUint32(masksOffset + 4, true),
        view.getUint32(masksOffset + 8, true),
      ]
      : [0, 0, 0],
    pixelOffset,
  };
}

function unsupported(
  where: string,
  compression: number,
  bitsPerPixel: number,
  isOs2: boolean,
) {
  const name = isOs2 && compression === 4
    ? "OS/2's runs of 24 bits"
    : codingNames[compression];
  return name !== undefined
    ? unsupportedImage(where, `a BMP with ${name}`, "a plain BMP")
    : compression <= 6
    ? unsupportedImage(
      where,
      `a BMP of ${bitsPerPixel} bits a pixel and compression ${compression}`,
      "1, 4, 8, 16, 24 or 32 bits",
    )
    : unsupportedImage(
      where,
      `a BMP of compression ${compression}`,
      "an uncompressed BMP",
    );
}

function requireSides(width: number, height: number, where: string): void {
  if (
    width > 0 && height > 0 && width <= largestSidePixels &&
    height <= largestSidePixels
  ) return;
  throw damagedImage(
    where,
    `a BMP of ${width}×${height} pixels`,
    "sides of 1 to 65535 pixels",
  );
}
