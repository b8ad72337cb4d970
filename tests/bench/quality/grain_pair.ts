import {
  focalSides,
  squareOntoImage,
  tiltedView,
} from "../../../data/photographs/camera.ts";
import { compressLikeJpeg } from "../../../data/photographs/compression.ts";
import { regionIsInside } from "../../../data/photographs/geometric_noise.ts";
import {
  applyPhotometricChange,
  drawPhotometricChange,
} from "../../../data/photographs/photometric.ts";
import type { RandomStream } from "../../../data/random.ts";
import {
  compose,
  type Homography,
  invert,
  rotation,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import type { GreyPicture } from "../../../features/images/grey_picture.ts";
import type { SamplingStack } from "../../../features/patches/sampling_stack.ts";

const sidePixels = 192;
/** Pixels of the photograph that one of the left picture's is wide: what is finer, its own grain above all, neither picture shows. */
const shrinking = 2;
/** Focal length in half sides of a picture. */
const focalHalves = 2 * focalSides;

/** Bounds of the right picture's view against the left one's. */
const mostTiltDegrees = 40;
const mostRollDegrees = 20;
const mostScaleOctaves = 0.25;
const mostShiftHalves = 0.15;

const photometricStrength = 1;
/** Bounds of each picture's own noise, in grey values, and of its compression's quality. */
const noise = { least: 1, most: 4 };
const quality = { least: 60, most: 95 };

/** Two pictures of a flat thing. */
export interface GrainPair {
  left: GreyPicture;
  right: GreyPicture;
  /** from pixels of the left picture to those of the right one */
  toRight: Homography;
}

/**
 * Draws two pictures of a part of a photograph as two cameras take them: each has pixels, light, blur, noise and compression of its own, and
 * each pixel covers two by two of the photograph or so, so the pictures have no grain in common.
 */
export function drawGrainPair(
  photograph: SamplingStack,
  stream: RandomStream,
): GrainPair {
  const size = { width: sidePixels, height: sidePixels };
  const [leftRegion, rightRegion] = drawRegions(photograph, stream);
  return {
    left: take(photograph, leftRegion, stream),
    right: take(photograph, rightRegion, stream),
    toRight: compose(
      squareOntoImage(size),
      invert(rightRegion),
      leftRegion,
      invert(squareOntoImage(size)),
    ),
  };
}

/** From the pictures' squares [−1, 1]² to the photograph, which has both whole. */
function drawRegions(
  { width, height }: { width: number; height: number },
  stream: RandomStream,
): [left: Homography, right: Homography] {
  const half = shrinking * sidePixels / 2;
  const radians = Math.PI / 180;
  const within = (bound: number) => stream.uniform(-bound, bound);
  for (;;) {
    const left = compose(
      translation(
        stream.uniform(half, width - half),
        stream.uniform(half, height - half),
      ),
      scaling(half),
    );
    const axis = stream.uniform(0, 2 * Math.PI);
    const tilt = stream.uniform(0, mostTiltDegrees) * radians;
    const view = compose(
      translation(within(mostShiftHalves), within(mostShiftHalves)),
      rotation(within(mostRollDegrees) * radians + axis),
      scaling(2 ** within(mostScaleOctaves)),
      tiltedView(tilt, focalHalves),
      rotation(-axis),
    );
    const right = compose(left, invert(view));
    if (
      [left, right].every((region) => regionIsInside(region, width, height))
    ) return [left, right];
  }
}

/** The picture that a camera takes of a region, in 8 bits. */
function take(
  photograph: SamplingStack,
  region: Homography,
  stream: RandomStream,
): GreyPicture {
  const change = {
    ...drawPhotometricChange(photometricStrength, stream),
    noise: stream.uniform(noise.least, noise.most),
  };
  const values = new Float32Array(sidePixels ** 2);
  photograph.sample(region, sidePixels, sidePixels, values, change.softness);
  const pixels = new Uint8Array(values.length);
  applyPhotometricChange(values, sidePixels, change, stream, pixels);
  const steps = quality.most - quality.least + 1;
  compressLikeJpeg(
    pixels,
    sidePixels,
    quality.least + stream.integer(steps),
    stream,
  );
  return { width: sidePixels, height: sidePixels, pixels };
}
