import type { ChromaStep } from "./jpeg_chroma.ts";
import { damagedImage, unsupportedImage } from "./image_fault.ts";

/** Kinds of coding by their start-of-frame marker; the first three are read. */
const codings: Readonly<Record<number, string>> = {
  0xc0: "baseline",
  0xc1: "extended sequential",
  0xc2: "progressive",
  0xc3: "lossless",
  0xc5: "hierarchical",
  0xc6: "hierarchical",
  0xc7: "hierarchical",
  // Kept for extensions, of which there are none.
  0xc8: "reserved",
  0xc9: "arithmetic",
  0xca: "arithmetic",
  0xcb: "lossless arithmetic",
  0xcd: "hierarchical arithmetic",
  0xce: "hierarchical arithmetic",
  0xcf: "hierarchical arithmetic",
  // JPEG-LS, which has the markers of JPEG and another coding altogether.
  0xf7: "JPEG-LS",
};
const progressive = 0xc2;

/** The frame of a JPEG: its size, and the names of its components. */
export interface JpegFrame {
  width: number;
  height: number;
  ids: number[];
  /** whether a scan brings a part of the coefficients, or of their bits */
  isProgressive: boolean;
  /** how many pixels across and down share a sample, by component; whole numbers but for factors that do not divide */
  steps: ChromaStep[];
}

/** Whether a marker begins a frame, of whatever coding. */
export function isFrameMarker(marker: number): boolean {
  return marker in codings;
}

/**
 * Reads the content of a start-of-frame segment.
 * @throws {DataError} when it is damaged, or the decoder would turn such a picture into wrong pixels
 */
export function readJpegFrame(
  marker: number,
  content: Uint8Array,
  where: string,
): JpegFrame {
  if (marker > progressive) {
    throw unsupportedImage(
      where,
      `a JPEG of ${codings[marker]} coding`,
      "a baseline or progressive JPEG",
    );
  }
  const [precision, heightHigh, heightLow, widthHigh, widthLow, count] =
    content;
  if (!(content.length >= 6 + 3 * count)) {
    throw damagedImage(
      where,
      "a damaged JPEG (a frame cut short)",
      "a readable JPEG",
    );
  }
  if (precision !== 8) {
    throw unsupportedImage(
      where,
      `a JPEG of ${precision} bits a sample`,
      "a JPEG of 8 bits a sample",
    );
  }
  const height = heightHigh << 8 | heightLow;
  const width = widthHigh << 8 | widthLow;
  if (height === 0) {
    throw unsupportedImage(
      where,
      "a JPEG that tells its height only after its first scan",
      "one that tells it before",
    );
  }
  const ids = Array.from({ length: count }, (_, i) => content[6 + 3 * i]);
  const factors = Array.from({ length: count }, (_, i) => content[7 + 3 * i]);
  requireFullLuma(factors, where);
  const fault = width === 0
    ? "a width of 0"
    : new Set(ids).size < count
    ? "a component twice"
    : factors.some((factor) => factor >> 4 === 0 || (factor & 15) === 0)
    ? "a component without samples"
    : undefined;
  if (fault !== undefined) {
    throw damagedImage(where, `a damaged JPEG (${fault})`, "a readable JPEG");
  }
  const most = (shift: number) => largestFactor(factors, shift);
  const steps = factors.map((factor) => ({
    x: most(4) / (factor >> 4),
    y: most(0) / (factor & 15),
  }));
  return { width, height, ids, isProgressive: marker === progressive, steps };
}

/** The largest horizontal (`shift` 4) or vertical (0) sampling factor. */
function largestFactor(factors: readonly number[], shift: number): number {
  return Math.max(...factors.map((factor) => factor >> shift & 15));
}

/** The decoder repeats samples of a component that has fewer: harmless for colour, steps for what becomes grey. */
function requireFullLuma(factors: readonly number[], where: string): void {
  if (
    factors.length === 0 ||
    (factors[0] >> 4 === largestFactor(factors, 4) &&
      (factors[0] & 15) === largestFactor(factors, 0))
  ) return;
  throw unsupportedImage(
    where,
    "a JPEG with luma of a lower resolution",
    "luma at full resolution",
  );
}
