import {
  compose,
  type Homography,
  homography,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";

/** Focal length in longer sides of the image: that of a normal lens. */
export const focalSides = 1.2;

/**
 * From a flat picture about its middle to what a camera before it sees when tilted about the y axis: (x cos t, y) / (1 − x sin t / f).
 *
 * @param tilt t, in radians
 * @param focal f, in the units of x and y
 */
export function tiltedView(tilt: number, focal: number): Homography {
  return homography(
    Math.cos(tilt),
    0,
    0,
    0,
    1,
    0,
    -Math.sin(tilt) / focal,
    0,
    1,
  );
}

/** From the square [−1, 1]² to pixels of an image. */
export function squareOntoImage(
  { width, height }: { width: number; height: number },
): Homography {
  return compose(
    translation((width - 1) / 2, (height - 1) / 2),
    scaling(width / 2, height / 2),
  );
}
