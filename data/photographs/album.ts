import {
  applyTo,
  compose,
  type Homography,
  localScale,
  scaling,
} from "../../features/geometry/homography.ts";
import type { Plane } from "../../features/images/plane.ts";
import { halvePicture } from "../../features/patches/half_picture.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { encodeJpeg } from "../images/encode_jpeg.ts";
import { squareOntoImage } from "./camera.ts";
import type { PhotographFile } from "./photographs.ts";

/** What keypoints of a photograph are for. */
export type KeypointUse = "training" | "test pairs" | "test sequences";

/** Hears which regions of a photograph were taken. */
export type OnRegions = (
  photograph: number,
  plane: Plane,
  regions: readonly Homography[],
) => void;

/** A photograph at a size fit for a page, with its keypoints. */
export interface ShownPhotograph {
  name: string;
  /** of the photograph, in pixels */
  width: number;
  height: number;
  /** the reduced picture, as a JPEG in base64 */
  drawn: { width: number; height: number; jpeg: string };
  keypoints: ShownKeypoints[];
}

/** Keypoints of one use. */
export interface ShownKeypoints {
  use: KeypointUse;
  /** how many there are */
  count: number;
  /** of the first of them x, y and half the side of the region, in pixels of the reduced picture from its top left corner */
  places: [x: number, y: number, half: number][];
}

/** So an album stays below two megabytes, whatever it is made of. */
const most = { training: 8, heldOut: 4, places: 1000, sidePixels: 480 };
const quality = 70;

/** Collects photographs to be shown: the held-out ones and some that train, spread over their list. */
export class Album {
  readonly #shown = new Map<string, ShownPhotograph | undefined>();

  constructor(
    training: readonly PhotographFile[],
    heldOut: readonly PhotographFile[],
  ) {
    for (
      const { name } of [
        ...spread(training, most.training),
        ...spread(heldOut, most.heldOut),
      ]
    ) this.#shown.set(name, undefined);
  }

  /** Tells of the regions of photographs of a list that something is cut of. */
  collect(files: readonly PhotographFile[], use: KeypointUse): OnRegions {
    return (photograph, plane, regions) => {
      const { name } = files[photograph];
      if (!this.#shown.has(name)) return;
      const shown = this.#shown.get(name) ?? reduced(name, plane);
      this.#shown.set(name, shown);
      const factor = shown.drawn.width / plane.width;
      const places = regions.slice(0, most.places).map(
        (region): ShownKeypoints["places"][number] => {
          const { x, y } = applyTo(region, 0, 0);
          return [
            rounded((x + 0.5) * factor),
            rounded((y + 0.5) * factor),
            rounded(localScale(region, 0, 0) * factor),
          ];
        },
      );
      shown.keypoints.push({ use, count: regions.length, places });
    };
  }

  /** The photographs of which something was told, in the order of the lists. */
  get photographs(): ShownPhotograph[] {
    return [...this.#shown.values()].filter((shown) => shown !== undefined);
  }
}

/** At most so many of a list, from its first to its last. */
function spread<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(most, list.length);
  return Array.from(
    { length: count },
    (_, i) => list[Math.round(i * (list.length - 1) / Math.max(1, count - 1))],
  );
}

function rounded(value: number): number {
  return Math.round(10 * value) / 10;
}

function reduced(name: string, plane: Plane): ShownPhotograph {
  const { width, height, values } = plane;
  const shrink = Math.min(1, most.sidePixels / Math.max(width, height));
  const drawn = {
    width: Math.max(1, Math.round(width * shrink)),
    height: Math.max(1, Math.round(height * shrink)),
  };
  let half = { width, height, pixels: values };
  let toHalf = scaling(1);
  while (Math.max(half.width, half.height) > 2 * most.sidePixels) {
    const { width, height, pixels } = halvePicture(half);
    half = { width, height, pixels: Float32Array.from(pixels) };
    toHalf = compose(scaling(0.5), toHalf);
  }
  const sampled = new Float32Array(drawn.width * drawn.height);
  new SamplingStack({ ...half, values: half.pixels }).sample(
    compose(toHalf, squareOntoImage(plane)),
    drawn.width,
    drawn.height,
    sampled,
  );
  const pixels = Uint8Array.from(sampled, (value) => Math.round(value));
  const jpeg = encodeJpeg({ ...drawn, pixels }, quality).toBase64();
  return { name, width, height, drawn: { ...drawn, jpeg }, keypoints: [] };
}
