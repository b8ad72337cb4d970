import { damagedImage, unsupportedImage } from "./image_fault.ts";
import { isFrameMarker, type JpegFrame, readJpegFrame } from "./jpeg_frame.ts";
import type { ChromaStep } from "./jpeg_chroma.ts";
import type { Orientation } from "./grey_image.ts";
import { ScanCoverage } from "./jpeg_scans.ts";
import { exifOrientation, xmpOrientation } from "./orientation.ts";

const startOfImage = 0xd8;
const endOfImage = 0xd9;
const startOfScan = 0xda;
const quantizationTables = 0xdb;
const huffmanTables = 0xc4;
const restartInterval = 0xdd;
const adobeMarker = 0xee;
const exifStart = "Exif\0";
const xmpStart = "http://ns.adobe.com/xap/1.0/\0";

/** What a JPEG says about its pixels. */
export interface JpegContents {
  width: number;
  height: number;
  components: 1 | 3 | 4;
  /** of all components: 3 for colours at full resolution, 1.5 where they have half of it */
  samplesAPixel: number;
  /** whether three components are red, green and blue rather than luma and two colour differences */
  isRgb: boolean;
  /** of luma and chroma whose chroma has fewer samples, the pixels that share one */
  chroma: [blue: ChromaStep, red: ChromaStep] | undefined;
  orientation: Orientation;
  /** the picture alone: tables, frame and scans, without what else stood among them */
  bare: Uint8Array;
}

/** What the segments have said so far. */
interface Reading {
  frame?: JpegFrame;
  hasJfif: boolean;
  adobeTransform?: number;
  /** as Exif says, and as XMP says */
  exif?: Orientation | undefined;
  xmp?: Orientation | undefined;
  scans?: ScanCoverage;
  hasHuffmanTables: boolean;
  /** tables by index, as text */
  quantization: Map<number, string>;
  parts: Uint8Array[];
}

/**
 * Walks the marker segments to the end marker, refuses by name what the decoder would turn into wrong pixels, and leaves out
 * what it does not need: comments, applications' data, and stray bytes between segments.
 *
 * Segments carry their length, so that the end marker of a thumbnail inside one is not mistaken for the picture's.
 *
 * @throws {DataError} when the end is missing, or the kind is not supported
 */
export function readJpegSegments(
  bytes: Uint8Array,
  where: string,
): JpegContents {
  const reading: Reading = {
    hasJfif: false,
    hasHuffmanTables: false,
    quantization: new Map(),
    parts: [],
  };
  if (!walk(bytes, where, reading)) {
    throw damagedImage(
      where,
      "a truncated JPEG",
      "a JPEG that ends with its end marker",
    );
  }
  const { frame, scans, parts, adobeTransform } = reading;
  if (frame === undefined || scans === undefined) {
    throw damagedImage(
      where,
      "a damaged JPEG (no picture in it)",
      "a readable JPEG",
    );
  }
  if (reading.quantization.size === 0 || !reading.hasHuffmanTables) {
    throw unsupportedImage(
      where,
      "a JPEG that leaves its tables out, as frames of films do",
      "one with its quantization and Huffman tables",
    );
  }
  if (!scans.isWhole()) {
    throw damagedImage(where, "a JPEG without all of its scans", "a whole one");
  }
  const components = frame.ids.length;
  if (components !== 1 && components !== 3 && components !== 4) {
    throw unsupportedImage(
      where,
      `a JPEG of ${components} components`,
      "grey, colour or CMYK",
    );
  }
  if (components === 4 && adobeTransform === undefined) {
    throw unsupportedImage(
      where,
      "a JPEG of four components without Adobe's marker",
      "one that says what they are",
    );
  }
  const marker = components === 4 ? [adobeSegment(adobeTransform!)] : [];
  const { width, height, steps } = frame;
  const isColour = components === 3 && !isRgb(reading, frame.ids);
  const isSubsampled = steps.some(({ x, y }) => x > 1 || y > 1);
  if (isSubsampled && components > 1 && !isColour) {
    // The decoder repeats the samples where libjpeg blends them: harmless only where luma has all of its own.
    throw unsupportedImage(
      where,
      `a JPEG of ${
        components === 3 ? "red, green and blue" : "four components"
      }, some of lower resolution`,
      "all at full resolution",
    );
  }
  return {
    width,
    height,
    components,
    samplesAPixel: steps.reduce((sum, { x, y }) => sum + 1 / (x * y), 0),
    isRgb: components === 3 && !isColour,
    chroma: isColour && isSubsampled ? [steps[1], steps[2]] : undefined,
    orientation: reading.exif ?? reading.xmp ?? 1,
    bare: joined([
      Uint8Array.of(0xff, startOfImage),
      ...marker,
      ...parts,
      Uint8Array.of(0xff, endOfImage),
    ]),
  };
}

/** As every program built on libjpeg decides: JFIF means YCbCr, else Adobe's marker says, else the components' names. */
function isRgb(
  { hasJfif, adobeTransform }: Reading,
  ids: readonly number[],
): boolean {
  if (hasJfif) return false;
  if (adobeTransform !== undefined) return adobeTransform === 0;
  return String.fromCharCode(...ids) === "RGB";
}

/** @returns whether the end marker was reached */
function walk(bytes: Uint8Array, where: string, reading: Reading): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return false;
  for (let at = 2;;) {
    at = nextMarker(bytes, at);
    if (at + 1 >= bytes.length) return false;
    const marker = bytes[at + 1];
    if (marker === endOfImage) return true;
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    if (isAlone) {
      at += 2;
      continue;
    }
    if (at + 3 >= bytes.length) return false;
    const sizeBytes = bytes[at + 2] << 8 | bytes[at + 3];
    let end = at + 2 + sizeBytes;
    if (sizeBytes < 2) {
      // Not a segment: whatever it is, the next marker is looked for behind it.
      at += 2;
      continue;
    }
    if (end > bytes.length) return false;
    readSegment(marker, bytes.subarray(at + 4, end), where, reading);
    if (marker === startOfScan) end = endOfScan(bytes, end);
    if (isNeeded(marker)) reading.parts.push(bytes.subarray(at, end));
    at = end;
  }
}

/** The next 0xff that a marker follows: fill bytes and stray ones are passed over, as other decoders do. */
function nextMarker(bytes: Uint8Array, at: number): number {
  for (; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1];
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff) return at;
  }
  return bytes.length;
}

function isNeeded(marker: number): boolean {
  return isFrameMarker(marker) || marker === huffmanTables ||
    marker === quantizationTables || marker === restartInterval ||
    marker === startOfScan;
}

function readSegment(
  marker: number,
  content: Uint8Array,
  where: string,
  reading: Reading,
): void {
  if (isFrameMarker(marker)) {
    if (reading.frame !== undefined) {
      throw damagedImage(
        where,
        "a damaged JPEG (several frames)",
        "a readable JPEG",
      );
    }
    reading.frame = readJpegFrame(marker, content, where);
  } else if (marker === startOfScan && reading.frame !== undefined) {
    const { ids, isProgressive } = reading.frame;
    reading.scans ??= new ScanCoverage(ids, isProgressive);
    reading.scans.add(content);
  } else if (marker === quantizationTables) {
    readQuantization(content, where, reading);
  } else if (marker === huffmanTables) {
    reading.hasHuffmanTables = true;
  } else if (marker === 0xe0 && startsWith(content, "JFIF\0")) {
    reading.hasJfif = true;
  } else if (marker === 0xe1 && startsWith(content, exifStart)) {
    reading.exif ??= exifOrientation(content);
  } else if (marker === 0xe1 && startsWith(content, xmpStart)) {
    reading.xmp ??= xmpOrientation(content);
  } else if (
    marker === adobeMarker && startsWith(content, "Adobe") &&
    content.length >= 12
  ) {
    reading.adobeTransform = content[11];
  }
}

/** The decoder goes by the tables that stand last, so they may not change once a scan has used them. */
function readQuantization(
  content: Uint8Array,
  where: string,
  reading: Reading,
): void {
  for (let at = 0; at < content.length;) {
    const index = content[at] & 15;
    const end = at + 1 + (content[at] >> 4 === 0 ? 64 : 128);
    const table = content.subarray(at, end).join();
    const before = reading.quantization.get(index);
    if (
      reading.scans !== undefined && before !== undefined && before !== table
    ) {
      throw unsupportedImage(
        where,
        "a JPEG that changes its quantization between scans",
        "one set of tables",
      );
    }
    reading.quantization.set(index, table);
    at = end;
  }
}

function endOfScan(bytes: Uint8Array, at: number): number {
  for (; at + 1 < bytes.length; at++) {
    const next = bytes[at + 1];
    const isRestart = next >= 0xd0 && next <= 0xd7;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !isRestart) {
      return at;
    }
  }
  return bytes.length;
}

function adobeSegment(transform: number): Uint8Array {
  const name = new TextEncoder().encode("Adobe");
  return Uint8Array.of(
    ...[0xff, adobeMarker, 0, 14],
    ...name,
    ...[0, 100, 0, 0, 0, 0, transform],
  );
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (bytes[at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(
    parts.reduce((total, { length }) => total + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
