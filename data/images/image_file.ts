import { fileURLToPath } from "node:url";
import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
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

/** A gigabyte: no image below the limit of pixels is larger. */
const mostFileBytes = 2 ** 30;

/** One format: how its files are decoded, and how their size is read without that. */
interface Format {
  begins(bytes: Uint8Array): boolean;
  decode(bytes: Uint8Array, where: string): GreyImage;
  size(bytes: Uint8Array, where: string): ImageSize;
}

const formats: readonly Format[] = [
  {
    begins: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8,
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
 * Reads a JPEG, PNG, BMP, PPM, PGM or PBM file as grey; the first bytes decide which it is, not the name.
 * @throws {DataError} when the file is missing, damaged, too large or of another format, which is named
 */
export async function readGreyImage(
  file: string | URL,
): Promise<GreyImage> {
  const path = file instanceof URL && file.protocol === "file:"
    ? fileURLToPath(file)
    : String(file);
  return decodeImage(await readImageBytes(path), path);
}

/** As {@linkcode readGreyImage}, from bytes; `where` names them in messages. */
export function decodeImage(bytes: Uint8Array, where: string): GreyImage {
  return formatOf(bytes, where).decode(bytes, where);
}

/**
 * The size of an image as it is stored, its pixels not decoded. What can be told without them is: a file cut short, and whatever is
 * not supported.
 * @throws {DataError} as {@linkcode readGreyImage}
 */
export async function readImageSize(path: string): Promise<ImageSize> {
  const bytes = await readImageBytes(path);
  const { width, height } = formatOf(bytes, path).size(bytes, path);
  requireFewPixels(width, height, path);
  return { width, height };
}

function readImageBytes(path: string): Promise<Uint8Array> {
  return readBytes(path, {
    attempt: "read the image",
    mostBytes: mostFileBytes,
  });
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
