import { decode } from "jpeg-js";
import { greyFromChannels, type GreyImage } from "./grey_image.ts";
import { damagedImage, largeImage, requireFewPixels } from "./image_fault.ts";
import { greyOfSubsampled } from "./jpeg_chroma.ts";
import { type JpegContents, readJpegSegments } from "./jpeg_segments.ts";
import { upright } from "./orientation.ts";

/** No JPEG says more pixels a byte; a damaged header that does would only cost memory. */
const mostPixelsAByte = 1000;

/** Memory that a JPEG of any size may take: enough for 60 megapixels as cameras store them. */
const usualMemoryMib = 1024;

/** Memory that one may take at most: enough for 100 megapixels with colours at full resolution. */
const mostMemoryMib = 2048;

/** Above the usual, bytes of memory for each of the file's: photographs have enough, a small file of one colour does not. */
const memoryPerByte = 512;

/**
 * Decodes a JPEG to grey (luma of the decoded colours), turned upright as its Exif data or XMP say.
 * @param where name of the file, for the message
 * @throws {DataError} when the file is truncated or damaged, or of a kind that is not supported
 */
export function decodeJpeg(bytes: Uint8Array, where: string): GreyImage {
  // The decoder fills what is missing with grey and takes 12 bits for 8, and says nothing: all that is looked at beforehand.
  const contents = readJpegSegments(bytes, where);
  const { width, height, isRgb, chroma, orientation, bare } = contents;
  requireFewPixels(width, height, where);
  if (width * height > bytes.length * mostPixelsAByte) {
    throw damagedImage(
      where,
      `a damaged JPEG (${bytes.length} bytes for ${width}×${height} pixels)`,
      "a readable JPEG",
    );
  }
  requireLittleMemory(contents, where);
  try {
    const image = decode(bare, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      ...(isRgb || chroma !== undefined ? { colorTransform: false } : {}),
      maxResolutionInMP: Infinity,
      maxMemoryUsageInMB: Infinity,
    });
    if (image.data.length !== 3 * width * height) {
      throw new Error(
        `${image.data.length} bytes for ${width}×${height} pixels`,
      );
    }
    const grey = chroma === undefined
      ? greyFromChannels(image.data, width, height, 3)
      : greyOfSubsampled(image.data, width, height, chroma);
    return upright(grey, orientation);
  } catch (error) {
    // A mistake of the decoder's own, as over a table that nothing defines, has words about its code alone.
    const why = error instanceof TypeError || error instanceof RangeError
      ? "its parts do not fit together"
      : (error as Error).message;
    throw damagedImage(
      where,
      `a damaged JPEG (${why})`,
      "a readable JPEG",
    );
  }
}

/** Refuses before the decoder takes anything; the process takes about twice what is counted here. */
function requireLittleMemory(
  { width, height, samplesAPixel, components, bare }: JpegContents,
  where: string,
): void {
  // Of each sample a coefficient of 4 bytes and a byte, of each pixel a byte a component and 3 of the result.
  const bytesAPixel = 5 * samplesAPixel + components + 3;
  const neededMib = width * height * bytesAPixel / 2 ** 20;
  const earnedMib = bare.length * memoryPerByte / 2 ** 20;
  const limitMib = Math.floor(
    Math.min(Math.max(earnedMib, usualMemoryMib), mostMemoryMib),
  );
  if (neededMib <= limitMib) return;
  throw largeImage(
    where,
    `a JPEG of ${width}×${height} pixels in ${bare.length} bytes that takes ${
      Math.ceil(neededMib)
    } MiB to decode`,
    `at most ${limitMib} MiB`,
  );
}
