/** How a camera stored a picture; 1 is upright. Source: Exif 2.3, tag 0x0112. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Width and height in pixels. */
export type ImageSize = { width: number; height: number };

/** A picture as one plane of grey values of 8 bits, row by row from the top left. */
export interface GreyImage {
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  /** Grey values, u8 [height, width]. */
  pixels: Uint8Array<ArrayBuffer>;
  /** How its file stores the picture that was turned upright for this; absent where it is stored so. */
  orientation?: Orientation;
}

/**
 * The luma of a colour, `round(0.299·R + 0.587·G + 0.114·B)` on 0…255 values; equal channels keep their value.
 * Source: ITU-R BT.601.
 */
export function luma(red: number, green: number, blue: number): number {
  return Math.floor((299 * red + 587 * green + 114 * blue + 500) / 1000);
}

/**
 * Grey plane of interleaved 8-bit channels, u8 [height, width, channels].
 * One or two channels are grey (and alpha), three or four are red, green, blue (and alpha); alpha is ignored.
 */
export function greyFromChannels(
  data: ArrayLike<number>,
  width: number,
  height: number,
  channels: number,
): GreyImage {
  const pixels = new Uint8Array(width * height);
  for (let i = 0, at = 0; i < pixels.length; i++, at += channels) {
    pixels[i] = channels < 3
      ? data[at]
      : luma(data[at], data[at + 1], data[at + 2]);
  }
  return { width, height, pixels };
}
