import { type GreyImage, type ImageSize, luma } from "./grey_image.ts";
import {
  damagedImage,
  requireFewPixels,
  unsupportedImage,
} from "./image_fault.ts";

const largestSample = 65535;
/** Digits of a number in the header, and in the text forms. */
const mostDigits = 10;

const newline = 10;
const hash = 35;
const zero = 48;

/** Whether a file begins as a Netpbm image does: P and a digit from 1 to 7, or Pf and PF of floats. */
export function isNetpbm(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && /[1-7fF]/.test(String.fromCharCode(bytes[1])) &&
    (isSpace(bytes[2]) || bytes[2] === hash);
}

/**
 * Decodes a PBM, PGM or PPM, as text or binary (P1 to P6), to grey: luma of colours, samples stretched to 0…255. Of several
 * images in a file it is the first.
 * Source: the manual pages pbm(5), pgm(5), ppm(5) of Netpbm.
 * @param where name of the file, for the message
 * @throws {DataError} when the file is truncated or damaged, or of a kind that is not supported (PAM, PFM)
 */
export function decodeNetpbm(bytes: Uint8Array, where: string): GreyImage {
  const { reader, kind, width, height, largest } = readHeader(bytes, where);
  const isBits = kind === 1 || kind === 4;
  requireFewPixels(width, height, where);
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  // At least a bit or a digit a sample: said before anything is made for them.
  const least = Math.floor(width * height * channels / 8);
  if (bytes.length < least) throw reader.damage("cut short");
  const next = kind <= 3
    ? isBits ? () => reader.digit() : () => reader.number("a sample")
    : isBits
    ? reader.bits(width)
    : reader.samples(largest > 255 ? 2 : 1);
  const levelOf = (sample: number) => {
    if (sample > largest) {
      throw reader.damage(`a sample of ${sample} above ${largest}`);
    }
    // A 1 of a bitmap is black.
    return isBits ? 255 - 255 * sample : Math.round(sample * 255 / largest);
  };
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = channels === 1
      ? levelOf(next())
      : luma(levelOf(next()), levelOf(next()), levelOf(next()));
  }
  return { width, height, pixels };
}

/**
 * The size that a Netpbm image's header says.
 * @throws {DataError} when it is damaged or of a kind that is not supported
 */
export function netpbmSize(bytes: Uint8Array, where: string): ImageSize {
  return readHeader(bytes, where);
}

function readHeader(bytes: Uint8Array, where: string) {
  const letter = String.fromCharCode(bytes[1]);
  const kind = Number(letter);
  if (!(kind >= 1 && kind <= 6)) {
    throw unsupportedImage(
      where,
      letter === "7" ? "a PAM image" : "a PFM image of floats",
      "a PBM, PGM or PPM",
    );
  }
  const reader = new NetpbmReader(bytes, where);
  const width = reader.number("a width");
  const height = reader.number("a height");
  const isBits = kind === 1 || kind === 4;
  const largest = isBits ? 1 : reader.number("a largest sample");
  if (width === 0 || height === 0) {
    throw reader.damage(`${width}×${height} pixels`);
  }
  if (largest === 0 || largest > largestSample) {
    throw reader.damage(`samples up to ${largest}`);
  }
  return { reader, kind, width, height, largest };
}

/** Reads the numbers of a Netpbm image, one after the other. */
class NetpbmReader {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  #at = 2;

  constructor(bytes: Uint8Array, where: string) {
    this.#bytes = bytes;
    this.#where = where;
  }

  /** A decimal number, blanks and comments before it passed over. */
  number(what: string): number {
    this.#skipBlanks();
    const start = this.#at;
    let value = 0;
    for (; isDigit(this.#bytes[this.#at]); this.#at++) {
      value = value * 10 + this.#bytes[this.#at] - zero;
    }
    const length = this.#at - start;
    if (length > 0 && length <= mostDigits) return value;
    throw this.damage(
      start >= this.#bytes.length ? "cut short" : `no number for ${what}`,
    );
  }

  /** A digit of a bitmap as text, which needs no blanks between. */
  digit(): number {
    this.#skipBlanks();
    if (this.#at >= this.#bytes.length) throw this.damage("cut short");
    const value = this.#bytes[this.#at++] - zero;
    if (value === 0 || value === 1) return value;
    throw this.damage("something else than 0 and 1");
  }

  /** Samples of one or two bytes, the first one byte behind the header. */
  samples(sizeBytes: 1 | 2): () => number {
    this.#at++;
    return () => {
      const at = this.#at;
      this.#at += sizeBytes;
      if (this.#at > this.#bytes.length) throw this.damage("cut short");
      return sizeBytes === 1
        ? this.#bytes[at]
        : this.#bytes[at] << 8 | this.#bytes[at + 1];
    };
  }

  /** Bits, of which each row begins with a byte of its own. */
  bits(width: number): () => number {
    this.#at++;
    let x = 0;
    return () => {
      if (this.#at >= this.#bytes.length) throw this.damage("cut short");
      const bit = this.#bytes[this.#at] >> (7 - x % 8) & 1;
      x++;
      if (x % 8 === 0 || x === width) this.#at++;
      if (x === width) x = 0;
      return bit;
    };
  }

  damage(what: string) {
    return damagedImage(
      this.#where,
      `a damaged Netpbm image (${what})`,
      "a readable PBM, PGM or PPM",
    );
  }

  #skipBlanks(): void {
    for (;;) {
      while (isSpace(this.#bytes[this.#at])) this.#at++;
      if (this.#bytes[this.#at] !== hash) return;
      const end = this.#bytes.indexOf(newline, this.#at);
      this.#at = end < 0 ? this.#bytes.length : end + 1;
    }
  }
}

function isSpace(byte: number): boolean {
  return byte === 32 || (byte >= 9 && byte <= 13);
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte < zero + 10;
}
