import { encode } from "jpeg-js";
import type { GreyImage } from "./grey_image.ts";

/**
 * A grey picture as a JPEG, the same bytes everywhere.
 * @param quality 1 … 100
 */
export function encodeJpeg(
  { width, height, pixels }: Pick<GreyImage, "width" | "height" | "pixels">,
  quality: number,
): Uint8Array {
  const data = new Uint8Array(4 * pixels.length);
  pixels.forEach((value, i) => data.fill(value, 4 * i, 4 * i + 3));
  return encode({ width, height, data }, quality).data;
}
