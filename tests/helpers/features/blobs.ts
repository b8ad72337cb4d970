import type { GreyPicture } from "../../../features/images/grey_picture.ts";

/** A round Gaussian blob: its centre in pixels, standard deviation, and height in grey values. */
export interface Blob {
  x: number;
  y: number;
  deviation: number;
  height: number;
}

/** Blobs on a grey of 100, as real values. */
export function pictureOfBlobs(
  width: number,
  height: number,
  blobs: readonly Blob[],
): GreyPicture {
  const pixels = Float32Array.from({ length: width * height }, (_, i) => {
    let value = 100;
    for (const blob of blobs) {
      const squared = (i % width - blob.x) ** 2 +
        (Math.floor(i / width) - blob.y) ** 2;
      value += blob.height * Math.exp(-squared / (2 * blob.deviation ** 2));
    }
    return value;
  });
  return { width, height, pixels };
}
