import { DataError } from "../errors.ts";
import { bmpSize, decodeBmp } from "./bmp.ts";
import type { GreyImage, ImageSize } from "./grey_image.ts";
import { requireFewPixels, unsupportedImage } from "./image_fault.ts";
import { decodeJpeg } from "./jpeg.ts";
import { readJpegSegments } from "./jpeg_segments.ts";
import { decodeNetpbm, isNetpbm, netpbmSize } from "./netpbm.ts";
import { otherFormatOf } from "./other_formats.ts";
import { decodePng, pngSize } from "./png.ts";

/** Names of image files that can be read end so (in lower or upper case). */
export const imageExtensions: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".bmp",
  ".ppm",
  ".pgm",
  ".pbm",
];

/** What can be read, for messages. */
export const imageFormats = "a JPEG, PNG, BMP, PPM or PGM";

/** One format: how its files are decoded, and how their size is read without that. */
interface Format {
  begins(bytes: Uint8Array): boolean;
  decode(bytes: Uint8Array, where: string): GreyImage;
  size(bytes: Uint8Array, where: string): ImageSize;
}

const formats: readonly Format[] = [
  {
    begins: isJpeg,
    decode: decodeJpeg,
    size: readJpegSegments,
  },
  {
    begins: (bytes) => bytes[0] === 0x89 && bytes[1] === 0x50,
    decode: decodePng,
    size: pngSize,
  },
  {
    begins: (bytes) => bytes[0] === 0x42 && bytes[1] === 0x4d,
    decode: decodeBmp,
    size: bmpSize,
  },
  { begins: isNetpbm, decode: decodeNetpbm, size: netpbmSize },
];

/**
 * Decodes a JPEG, PNG, BMP, PPM, PGM or PBM file as grey; the first bytes decide which it is, not the name.
 * @param where name of the file, for the message
 * @throws {DataError} when the file is damaged, too large or of another format, which is named
 */
export function decodeImage(bytes: Uint8Array, where: string): GreyImage {
  return formatOf(bytes, where).decode(bytes, where);
}

/**
 * The size of an image as it is stored, its pixels not decoded. What can be told without them is: a file cut short, and whatever is
 * not supported.
 * @throws {DataError} as {@linkcode decodeImage}
 */
export function imageSize(bytes: Uint8Array, where: string): ImageSize {
  const { width, height } = formatOf(bytes, where).size(bytes, where);
  requireFewPixels(width, height, where);
  return { width, height };
}

/** Whether a file says of itself that it is a JPEG. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function formatOf(bytes: Uint8Array, where: string): Format {
  const format = formats.find(({ begins }) => begins(bytes));
  if (format !== undefined) return format;
  const other = otherFormatOf(bytes);
  if (other !== undefined) throw unsupportedImage(where, other, imageFormats);
  throw new DataError({
    attempt: "read the image",
    where,
    found: bytes.length === 0 ? "an empty file" : "another format",
    wanted: imageFormats,
    remedy: "convert, replace or remove the file",
  });
}
