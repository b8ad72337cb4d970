import { fileURLToPath } from "node:url";
import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { WorkerPool } from "../worker_pool.ts";
import { decodeImage, imageSize, isJpeg } from "./decode_image.ts";
import type { GreyImage, ImageSize } from "./grey_image.ts";

/** A gigabyte: no image below the limit of pixels is larger. */
const mostFileBytes = 2 ** 30;

/**
 * Larger JPEGs are decoded in a thread of their own, with which the decoder's working space ends: some 25 bytes a pixel in small pieces,
 * which this thread would keep for as long as its collector sees no need.
 */
const mostPixelsHere = 2 ** 22;

/** A file's bytes, and what to call it in messages. */
export interface EncodedImage {
  bytes: Uint8Array<ArrayBuffer>;
  where: string;
}

/**
 * Reads a JPEG, PNG, BMP, PPM, PGM or PBM file as grey; the first bytes decide which it is, not the name.
 * @throws {DataError} when the file is missing, damaged, too large or of another format, which is named
 */
export async function readGreyImage(
  file: string | URL,
): Promise<GreyImage> {
  if (typeof file !== "string" && !((file as unknown) instanceof URL)) {
    throw new DataError({
      attempt: "read the image",
      found: file === undefined || file === null
        ? "nothing"
        : `a value of type ${typeof file}`,
      wanted: "a path or a file: URL",
    });
  }
  const where = file instanceof URL && file.protocol === "file:"
    ? fileURLToPath(file)
    : String(file);
  const bytes = await readImageBytes(where);
  if (!isJpeg(bytes)) return decodeImage(bytes, where);
  const { width, height } = imageSize(bytes, where);
  if (width * height <= mostPixelsHere) return decodeImage(bytes, where);
  using pool = new WorkerPool<EncodedImage, GreyImage>(
    new URL("./decode_worker.ts", import.meta.url),
    1,
    "decodes an image",
  );
  return await pool.do({ bytes, where }, [bytes.buffer]);
}

/**
 * The size of an image file's picture as it is stored, its pixels not decoded.
 * @throws {DataError} as {@linkcode readGreyImage}
 */
export async function readImageSize(path: string): Promise<ImageSize> {
  return imageSize(await readImageBytes(path), path);
}

function readImageBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return readBytes(path, {
    attempt: "read the image",
    mostBytes: mostFileBytes,
  });
}
