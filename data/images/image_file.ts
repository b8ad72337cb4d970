import { decodeBmp } from "./bmp.ts";
import { DataError } from "../errors.ts";
import type { GreyImage } from "./grey_image.ts";
import { decodeJpeg } from "./jpeg.ts";
import { decodePng } from "./png.ts";

/** Names of image files that can be read end so (in lower or upper case). */
export const IMAGE_EXTENSIONS: readonly string[] = [
  ".jpg",
  ".jpeg",
  ".png",
  ".bmp",
];

/**
 * Reads a JPEG, PNG or BMP file as grey; the first bytes decide which it is, not the name.
 * @throws DataError when the file is missing, damaged or of another format
 */
export async function readGreyImage(path: string): Promise<GreyImage> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new DataError({
      attempt: "read the image",
      where: path,
      found: (error as Error).message,
      wanted: "a readable file",
    });
  }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg(bytes, path);
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePng(bytes, path);
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) return decodeBmp(bytes, path);
  throw new DataError({
    attempt: "read the image",
    where: path,
    found: bytes.length === 0 ? "an empty file" : "another format",
    wanted: "a JPEG, PNG or BMP",
    remedy: "convert, replace or remove the file",
  });
}
