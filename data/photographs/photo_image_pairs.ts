import { join } from "@std/path";
import {
  compose,
  type Homography,
  invert,
  rotation,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import { planeOf } from "../../features/images/plane.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";
import { encodePng } from "../images/png.ts";
import { RandomStream } from "../random.ts";
import { focalSides, squareOntoImage, tiltedView } from "./camera.ts";
import { regionIsInside } from "./geometric_noise.ts";
import {
  applyPhotometricChange,
  drawPhotometricChange,
} from "./photometric.ts";
import type { OnProgress } from "./photo_training.ts";
import { type PhotographFile, readPhotograph } from "./photographs.ts";

/** What decides the image pairs. */
export interface ImagePairOptions {
  seed: number;
  /** other views of each photograph, each a pair with the first; 0 makes none */
  pairsPerPhotograph: number;
}

/** Longest side of an image. */
const mostSidePixels = 640;

/** Share of the photograph's sides that the first image shows, so that the others see something beyond it. */
const shownShare = 0.5;

/** An image is at most so many times as wide as high, or as high as wide: of a narrow one no turned view lies in the photograph. */
const mostAspect = 4 / 3;

/** Bounds of a view's change at difficulty 1. */
const mostTiltDegrees = 65;
const mostRollDegrees = 90;
const mostScaleOctaves = 1;

/** By how much a view that does not fit the photograph moves nearer before it is tried again. */
const approach = 1.03;

/** An image's size, and the map from its pixels to the photograph's. */
interface Frame {
  width: number;
  height: number;
  toPhotograph: Homography;
}

/**
 * Writes each photograph as a sequence of the HPatches layout for whole images: `<name>/1.png`, the middle of the photograph at 640
 * pixels or less, and other views `2.png` … with the homographies `H_1_2` … from pixels of image 1 to theirs ((0, 0) is the centre
 * of the first pixel). View k of n is tilted by k/n·32° to k/n·65°, turned by up to k/n·90°, up to k/n octaves farther or nearer (nearer
 * where it would else look beyond the photograph), and has light, noise and blur of `drawPhotometricChange` at strength 1 + 2k/n.
 *
 * A pure function of photographs and options.
 *
 * @param purpose of the random numbers: two sets of equal photographs and different purposes are different
 * @throws {DataError} when a photograph cannot be read
 */
export async function writeImagePairs(
  directory: string,
  photographs: readonly PhotographFile[],
  { seed, pairsPerPhotograph }: ImagePairOptions,
  purpose: string,
  onProgress: OnProgress = () => {},
): Promise<void> {
  if (pairsPerPhotograph === 0) return;
  const total = photographs.length * (pairsPerPhotograph + 1);
  let done = 0;
  for (const [number, file] of photographs.entries()) {
    const folder = join(directory, file.name);
    await Deno.mkdir(folder, { recursive: true });
    const photograph = new SamplingStack(planeOf(await readPhotograph(file)));
    const first = firstFrame(photograph);
    for (let view = 0; view <= pairsPerPhotograph; view++) {
      const difficulty = view / pairsPerPhotograph;
      const stream = new RandomStream(seed, purpose, number, view);
      const fromFirst = view === 0
        ? scaling(1)
        : drawView(photograph, first, difficulty, stream);
      const strength = view === 0 ? 0 : 1 + 2 * difficulty;
      const pixels = take(
        photograph,
        {
          ...first,
          toPhotograph: compose(first.toPhotograph, invert(fromFirst)),
        },
        strength,
        stream,
      );
      const { width, height } = first;
      await Deno.writeFile(
        join(folder, `${view + 1}.png`),
        encodePng({ width, height, pixels }),
      );
      if (view > 0) {
        await Deno.writeTextFile(
          join(folder, `H_1_${view + 1}`),
          rowsOf(fromFirst),
        );
      }
      onProgress(++done, total);
    }
  }
}

/** The middle of the photograph. */
function firstFrame(photograph: { width: number; height: number }): Frame {
  const shown = [photograph.width, photograph.height].map((side) =>
    shownShare * side
  );
  const short = Math.min(...shown);
  const sides = shown.map((side) => Math.min(side, mostAspect * short));
  const step = Math.max(1, Math.max(...sides) / mostSidePixels);
  const [width, height] = sides.map((side) => Math.round(side / step));
  const toPhotograph = compose(
    translation((photograph.width - 1) / 2, (photograph.height - 1) / 2),
    scaling(step),
    translation(-(width - 1) / 2, -(height - 1) / 2),
  );
  return { width, height, toPhotograph };
}

/** From pixels of the first image to those of another view that lies in the photograph whole. */
function drawView(
  photograph: { width: number; height: number },
  first: Frame,
  difficulty: number,
  stream: RandomStream,
): Homography {
  const radians = Math.PI / 180;
  const within = (bound: number) =>
    stream.uniform(-bound * difficulty, bound * difficulty);
  const axis = stream.uniform(0, 2 * Math.PI);
  const tilt = stream.uniform(0.5, 1) * difficulty * mostTiltDegrees * radians;
  const roll = within(mostRollDegrees) * radians;
  const focal = focalSides * Math.max(first.width, first.height);
  const [x, y] = [(first.width - 1) / 2, (first.height - 1) / 2];
  const shape = compose(
    rotation(roll + axis),
    tiltedView(tilt, focal),
    rotation(-axis),
  );
  for (let scale = 2 ** within(mostScaleOctaves);; scale *= approach) {
    const view = compose(
      translation(x, y),
      scaling(scale),
      shape,
      translation(-x, -y),
    );
    const seen = compose(
      first.toPhotograph,
      invert(view),
      squareOntoImage(first),
    );
    if (regionIsInside(seen, photograph.width, photograph.height)) return view;
  }
}

/** The picture that a camera takes of the photograph, in 8 bits. */
function take(
  photograph: SamplingStack,
  frame: Frame,
  strength: number,
  stream: RandomStream,
): Uint8Array<ArrayBuffer> {
  const { width, height, toPhotograph } = frame;
  const change = drawPhotometricChange(strength, stream);
  const values = new Float32Array(width * height);
  photograph.sample(
    compose(toPhotograph, squareOntoImage(frame)),
    width,
    height,
    values,
    change.softness,
  );
  const pixels = new Uint8Array(width * height);
  applyPhotometricChange(values, width, change, stream, pixels);
  return pixels;
}

/** A matrix as HPatches writes it. */
function rowsOf(matrix: Homography): string {
  return [0, 3, 6].map((at) => `${matrix.subarray(at, at + 3).join(" ")}\n`)
    .join("");
}
