import type { GreyPicture } from "../images/grey_picture.ts";
import { gaussianCut } from "../images/plane.ts";
import { blurWindow, wholeWindow } from "../images/plane_window.ts";
import { levelSigma } from "./sampling.ts";

/** Rows of the half picture that are made at a time, so that no blurred copy of the whole is needed. */
const bandRows = 128;

/**
 * The picture at half the size, blurred as level 2 wants it; its pixel (x, y) lies at (2x, 2y) of the picture. Level n of it has the
 * blur of level n + 2 of the picture.
 */
export function halvePicture(picture: GreyPicture): GreyPicture {
  const whole = wholeWindow(picture);
  const width = (picture.width + 1) >> 1;
  const height = (picture.height + 1) >> 1;
  const pixels = new Float32Array(width * height);
  for (let start = 0; start < height; start += bandRows) {
    const rows = Math.min(bandRows, height - start);
    const band = blurWindow(
      whole,
      levelSigma(2),
      {
        left: 0,
        top: 2 * start,
        width: picture.width,
        height: 2 * rows - 1,
      },
      gaussianCut,
    );
    for (let y = 0; y < rows; y++) {
      const from = 2 * y * band.width;
      const to = (start + y) * width;
      for (let x = 0; x < width; x++) {
        pixels[to + x] = band.values[from + 2 * x];
      }
    }
  }
  return { width, height, pixels };
}
