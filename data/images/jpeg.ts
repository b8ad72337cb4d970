import { decode } from "jpeg-js";
import { DataError } from "../errors.ts";
import { greyFromChannels, type GreyImage } from "./grey_image.ts";

/** No JPEG says more pixels a byte; a damaged header that does would only cost memory. */
const MOST_PIXELS_A_BYTE = 1000;
const START_OF_IMAGE = 0xd8;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/**
 * Decodes a JPEG to grey (luma of the decoded colours).
 * @param where name of the file, for the message
 * @throws DataError when the file is truncated or damaged, or of a kind the decoder does not know
 */
export function decodeJpeg(bytes: Uint8Array, where: string): GreyImage {
  // The decoder fills what is missing with grey and says nothing, so the end is looked for beforehand.
  if (!reachesEndOfImage(bytes)) {
    throw unreadable(
      where,
      "a truncated JPEG",
      "a JPEG that ends with its end marker",
    );
  }
  try {
    const image = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: Math.min(200, bytes.length * MOST_PIXELS_A_BYTE / 1e6),
      maxMemoryUsageInMB: 2048,
    });
    if (image.data.length !== 3 * image.width * image.height) {
      throw new Error(
        `${image.data.length} bytes for ${image.width}×${image.height} pixels`,
      );
    }
    return greyFromChannels(image.data, image.width, image.height, 3);
  } catch (error) {
    throw unreadable(
      where,
      `a damaged JPEG (${(error as Error).message})`,
      "a readable JPEG",
    );
  }
}

/**
 * Walks the marker segments from the first to the end marker. Segments carry their length, so that the end marker of a
 * thumbnail inside one is not mistaken for the picture's; entropy-coded data lasts until a marker other than a restart.
 */
function reachesEndOfImage(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== START_OF_IMAGE) return false;
  let at = 2;
  while (at + 1 < bytes.length) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1];
    if (marker === END_OF_IMAGE) return true;
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (at + 3 >= bytes.length) return false;
    const sizeBytes = bytes[at + 2] << 8 | bytes[at + 3];
    if (sizeBytes < 2) return false;
    at += 2 + sizeBytes;
    if (marker === START_OF_SCAN) at = endOfScan(bytes, at);
  }
  return false;
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

function unreadable(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the image",
    where,
    found,
    wanted,
    remedy: "replace or remove the file",
  });
}
