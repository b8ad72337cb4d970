import { Buffer } from "node:buffer";
import { encodePng } from "../../data/mod.ts";
import { type GreyPicture, halvePicture } from "../../features/mod.ts";
import {
  type DrawnMatch,
  matchLines,
} from "../report/pictures/matched_pair.ts";
import { element, label, picture } from "../report/pictures/svg.ts";
import type { DescribedImage } from "../descriptors/describe_image.ts";
import type { MatchedImages } from "./match_images.ts";

/** Longest side, in pixels, of a photograph in the picture. */
const mostSidePixels = 1200;
const gap = 12;
const captionHeight = 52;

/** An image with its grey values, to be drawn. */
export interface PicturedImage extends DescribedImage {
  file: string;
  picture: GreyPicture;
}

/**
 * Both photographs side by side as SVG, the matches that agree with the geometry (all of them where there is none) joined by lines whose
 * colour follows the place in the left photograph.
 *
 * @param caption lines above the photographs
 */
export function pairPicture(
  left: PicturedImage,
  right: PicturedImage,
  { matches, geometry }: MatchedImages,
  caption: readonly [string, string],
): string {
  const [a, b] = [reduced(left.picture), reduced(right.picture)];
  const top = captionHeight;
  const shift = a.width + gap;
  const drawn = geometry.kind === "none"
    ? [...matches.left.keys()]
    : [...geometry.inliers];
  return picture(
    shift + b.width,
    top + Math.max(a.height, b.height),
    `matches of ${left.file} and ${right.file}`,
    label(8, 20, caption[0], { "font-size": 15, "font-weight": 600 }),
    label(8, 40, caption[1], { "font-size": 13 }),
    photograph(a, 0, top),
    photograph(b, shift, top),
    matchLines(
      drawn.map((index): DrawnMatch => {
        const from = left.keypoints[matches.left[index]];
        const to = right.keypoints[matches.right[index]];
        const hue = Math.round(
          300 * (from.x / left.width + from.y / left.height) / 2,
        );
        return {
          from: [(from.x + 0.5) / a.factor, (from.y + 0.5) / a.factor],
          to: [(to.x + 0.5) / b.factor, (to.y + 0.5) / b.factor],
          colour: `hsl(${hue} 90% 55%)`,
        };
      }),
      top,
      shift,
    ),
  );
}

interface Reduced {
  width: number;
  height: number;
  pixels: Uint8Array<ArrayBuffer>;
  /** pixels of the photograph for one of these */
  factor: number;
}

/** The photograph at the largest size, of halves, quarters and so on, that fits the picture. */
function reduced(original: GreyPicture): Reduced {
  let factor = 1;
  let grey = original;
  while (Math.max(grey.width, grey.height) > mostSidePixels) {
    grey = halvePicture(grey);
    factor *= 2;
  }
  const { width, height } = grey;
  const pixels = Uint8Array.from(grey.pixels, (value) => Math.round(value));
  return { width, height, pixels, factor };
}

function photograph(image: Reduced, x: number, y: number): string {
  const { width, height } = image;
  const href = `data:image/png;base64,${
    Buffer.from(encodePng(image)).toString("base64")
  }`;
  return element("image", { x, y, width, height, href });
}
