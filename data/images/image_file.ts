import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { decodeBmp } from "./bmp.ts";
import type { GreyImage } from "./grey_image.ts";
import { unsupportedImage } from "./image_fault.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodeNetpbm, isNetpbm } from "./netpbm.ts";
import { decodePng } from "./png.ts";

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

const wanted = "a JPEG, PNG, BMP, PPM or PGM";

/** A gigabyte: no image below the limit of pixels is larger. */
const mostFileBytes = 2 ** 30;

/** Formats that are known by their first bytes and not read. */
const otherFormats: readonly [name: string, start: RegExp][] = [
  ["a GIF", /^GIF8/],
  ["a WebP", /^RIFF....WEBP/s],
  ["a TIFF", /^(II[*+]\0|MM\0[*+])/],
  ["an AVIF", /^....ftypavi/s],
  ["a HEIC", /^....ftyp(hei|hev|mif|msf)/s],
  ["a JPEG 2000", /^(.{4}jP {2}|\xff\x4f\xff\x51)/s],
  ["a JPEG XL", /^(\xff\n|.{4}JXL )/s],
  ["a Photoshop file", /^8BPS/],
  ["a Radiance HDR", /^#\?RADIANCE/],
  ["an OS/2 bitmap array", /^BA/],
  ["a PDF", /^%PDF/],
  ["a PostScript file", /^%!/],
  ["an SVG or HTML page", /^\s*<(\?xml|svg|!doctype|html)/i],
];

/**
 * Reads a JPEG, PNG, BMP, PPM, PGM or PBM file as grey; the first bytes decide which it is, not the name.
 * @throws {DataError} when the file is missing, damaged, too large or of another format, which is named
 */
export async function readGreyImage(path: string): Promise<GreyImage> {
  const bytes = await readBytes(path, {
    attempt: "read the image",
    mostBytes: mostFileBytes,
  });
  return decodeImage(bytes, path);
}

/** As {@linkcode readGreyImage}, from bytes; `where` names them in messages. */
export function decodeImage(bytes: Uint8Array, where: string): GreyImage {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes, where);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePng(bytes, where);
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) return decodeBmp(bytes, where);
  if (isNetpbm(bytes)) return decodeNetpbm(bytes, where);
  const start = String.fromCharCode(...bytes.subarray(0, 32));
  const other = otherFormats.find(([, pattern]) => pattern.test(start));
  if (other !== undefined) throw unsupportedImage(where, other[0], wanted);
  throw new DataError({
    attempt: "read the image",
    where,
    found: bytes.length === 0 ? "an empty file" : "another format",
    wanted,
    remedy: "convert, replace or remove the file",
  });
}
