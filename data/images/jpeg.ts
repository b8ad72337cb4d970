import { decode } from "jpeg-js";
import { greyFromChannels, type GreyImage } from "./grey_image.ts";
import { damagedImage, largeImage, requireFewPixels } from "./image_fault.ts";
import { greyOfSubsampled } from "./jpeg_chroma.ts";
import { readJpegSegments } from "./jpeg_segments.ts";
import { upright } from "./orientation.ts";

/** No JPEG says more pixels a byte; a damaged header that does would only cost memory. */
const mostPixelsAByte = 1000;

/** Memory that the decoder may ask for: enough for 60 megapixels as cameras store them. */
const mostMemoryMib = 1024;

/**
 * Decodes a JPEG to grey (luma of the decoded colours), turned upright as its Exif data say.
 * @param where name of the file, for the message
 * @throws {DataError} when the file is truncated or damaged, or of a kind that is not supported
 */
export function decodeJpeg(bytes: Uint8Array, where: string): GreyImage {
  // The decoder fills what is missing with grey and takes 12 bits for 8, and says nothing: all that is looked at beforehand.
  const { width, height, isRgb, chroma, orientation, bare } = readJpegSegments(
    bytes,
    where,
  );
  requireFewPixels(width, height, where);
  if (width * height > bytes.length * mostPixelsAByte) {
    throw damagedImage(
      where,
      `a damaged JPEG (${bytes.length} bytes for ${width}×${height} pixels)`,
      "a readable JPEG",
    );
  }
  try {
    const image = decode(bare, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      ...(isRgb || chroma !== undefined ? { colorTransform: false } : {}),
      maxResolutionInMP: Infinity,
      maxMemoryUsageInMB: mostMemoryMib,
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
    const { message } = error as Error;
    if (message.startsWith("maxMemoryUsageInMB")) {
      throw largeImage(
        where,
        `a JPEG of ${width}×${height} pixels that takes more than ${mostMemoryMib} MiB to decode`,
        "a smaller one",
      );
    }
    throw damagedImage(
      where,
      `a damaged JPEG (${message})`,
      "a readable JPEG",
    );
  }
}
