import { decode, type DecodedPng, encode } from "fast-png";
import { DataError } from "../errors.ts";
import { greyFromChannels, type GreyImage, luma } from "./grey_image.ts";

/**
 * Decodes a PNG to grey: luma of colours and palettes, the high byte of 16-bit values, low bit depths stretched to 0…255;
 * alpha is ignored.
 * @param where name of the file, for the message
 * @throws DataError when the file is truncated or damaged
 */
export function decodePng(bytes: Uint8Array, where: string): GreyImage {
  try {
    const image = decode(bytes, { checkCrc: true });
    const { width, height, channels, depth, palette } = image;
    if (palette === undefined && depth === 8) {
      return greyFromChannels(image.data, width, height, channels);
    }
    const values = unpackSamples(image);
    if (palette === undefined) {
      return greyFromChannels(values, width, height, channels);
    }
    const levels = Uint8Array.from(
      palette,
      ([red, green, blue]) => luma(red, green, blue),
    );
    if (values.some((index) => index >= levels.length)) {
      throw new Error(`a colour outside its palette of ${levels.length}`);
    }
    return greyFromChannels(
      values.map((index) => levels[index]),
      width,
      height,
      1,
    );
  } catch (error) {
    throw new DataError({
      attempt: "read the image",
      where,
      found: `a damaged PNG (${(error as Error).message})`,
      wanted: "a readable PNG",
      remedy: "replace or remove the file",
    });
  }
}

/** One byte a sample: 16-bit values lose their low byte, packed ones are spread (and stretched unless palette indices). */
function unpackSamples(image: DecodedPng): Uint8Array {
  const { width, height, channels, depth, data } = image;
  const rowSamples = width * channels;
  const values = new Uint8Array(rowSamples * height);
  if (depth >= 8) {
    for (let i = 0; i < values.length; i++) {
      values[i] = depth === 16 ? data[i] >> 8 : data[i];
    }
    return values;
  }
  const rowBytes = Math.ceil(rowSamples * depth / 8);
  const largest = (1 << depth) - 1;
  const stretch = image.palette === undefined ? 255 / largest : 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < rowSamples; x++) {
      const byte = data[y * rowBytes + (x * depth >> 3)];
      values[y * rowSamples + x] =
        (byte >> (8 - depth - (x * depth & 7)) & largest) * stretch;
    }
  }
  return values;
}

/** Encodes a grey image as an 8-bit grey PNG; equal images give equal bytes. */
export function encodePng(image: GreyImage): Uint8Array {
  const { width, height, pixels } = image;
  // Patches are noise to a compressor: level 1 is six times faster than the default and costs 3 % in size.
  return encode({ width, height, data: pixels, depth: 8, channels: 1 }, {
    zlib: { level: 1 },
  });
}
