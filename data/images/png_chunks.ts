import { crc32 } from "node:zlib";
import { unsupportedImage } from "./image_fault.ts";
import type { Orientation } from "./grey_image.ts";
import { type PngOrientations, readPngOrientation } from "./png_orientation.ts";

const signatureBytes = [137, 80, 78, 71, 13, 10, 26, 10];

/** Channels by colour type: grey, red-green-blue, palette, grey with alpha, red-green-blue with alpha. */
const channelsOf: Readonly<Record<number, number>> = {
  0: 1,
  2: 3,
  3: 1,
  4: 2,
  6: 4,
};

/** Bit depths by colour type. */
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** What a PNG's chunks say, its pixels still compressed. */
export interface PngContents {
  width: number;
  height: number;
  /** bits a sample */
  depth: number;
  channels: number;
  isInterlaced: boolean;
  /** whether pixels are indices into the palette */
  isIndexed: boolean;
  /** red, green and blue of each index, one after the other */
  palette?: Uint8Array;
  orientation: Orientation;
  /** pieces of the zlib stream */
  compressed: Uint8Array[];
}

/** What is wrong with a PNG, in words; the caller knows the file's name. */
export class PngDamage extends Error {}

/**
 * Reads the chunks of a PNG that its pixels need, and those that say which side is up. The others (times, texts, profiles, previews)
 * are passed over unread, whatever they hold, so that damage in them or a bomb costs nothing.
 *
 * @throws {PngDamage} when a needed chunk is cut short, altered or missing
 * @throws {DataError} when the file is of a kind that is not supported
 */
export function readPngChunks(bytes: Uint8Array, where: string): PngContents {
  if (signatureBytes.some((byte, at) => bytes[at] !== byte)) {
    throw new PngDamage("a wrong signature");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let contents: PngContents | undefined;
  const orientations: PngOrientations = {};
  for (let at = signatureBytes.length;;) {
    if (at + 12 > bytes.length) throw new PngDamage("cut short");
    const sizeBytes = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 12 + sizeBytes;
    if (end > bytes.length) throw new PngDamage("cut short");
    // An upper-case first letter: nobody can show the picture without the chunk.
    const isNeeded = (bytes[at + 4] & 0x20) === 0;
    const isIntact = () =>
      crc32(bytes.subarray(at + 4, end - 4)) === view.getUint32(end - 4);
    if (isNeeded && !isIntact()) {
      throw new PngDamage(`a wrong checksum of ${JSON.stringify(type)}`);
    }
    if (type === "IEND") break;
    const content = bytes.subarray(at + 8, end - 4);
    if (isNeeded) contents = readChunk(type, content, contents, where);
    else readPngOrientation(type, content, isIntact, orientations);
    at = end;
  }
  if (contents === undefined) throw new PngDamage("no header");
  if (contents.compressed.length === 0) throw new PngDamage("no pixels");
  if (contents.isIndexed && contents.palette === undefined) {
    throw new PngDamage("no palette");
  }
  const { chunk, profile, xmp } = orientations;
  return { ...contents, orientation: chunk ?? profile ?? xmp ?? 1 };
}

function readChunk(
  type: string,
  content: Uint8Array,
  contents: PngContents | undefined,
  where: string,
): PngContents {
  if (type === "CgBI") {
    throw unsupportedImage(where, "a PNG in Apple's own form", "a plain PNG");
  }
  if (type === "IHDR" && contents === undefined) return readHeader(content);
  if (contents === undefined || type === "IHDR") {
    throw new PngDamage("a header out of place");
  }
  switch (type) {
    case "PLTE":
      if (content.length % 3 !== 0 || content.length === 0) {
        throw new PngDamage(`a palette of ${content.length} bytes`);
      }
      return contents.palette === undefined
        ? { ...contents, palette: content }
        : contents;
    case "IDAT":
      contents.compressed.push(content);
      return contents;
    default:
      throw unsupportedImage(
        where,
        `a PNG with a chunk ${JSON.stringify(type)}`,
        "a plain PNG",
      );
  }
}

function readHeader(content: Uint8Array): PngContents {
  if (content.length !== 13) {
    throw new PngDamage(`a header of ${content.length} bytes`);
  }
  const view = new DataView(content.buffer, content.byteOffset, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, compression, filter, interlace] = content.subarray(
    8,
  );
  if (width === 0 || height === 0) {
    throw new PngDamage(`${width}×${height} pixels`);
  }
  if (!depthsOf[colourType]?.includes(depth)) {
    throw new PngDamage(`${depth} bits a sample of colour type ${colourType}`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw new PngDamage(
      `methods ${compression}, ${filter} and ${interlace} in its header`,
    );
  }
  return {
    width,
    height,
    depth,
    channels: channelsOf[colourType],
    isInterlaced: interlace === 1,
    isIndexed: colourType === 3,
    orientation: 1,
    compressed: [],
  };
}
