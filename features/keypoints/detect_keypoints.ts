import { checkPicture, type GreyPicture } from "../images/grey_picture.ts";
import {
  grow,
  type RealWindow,
  type Rectangle,
} from "../images/plane_window.ts";
import type { Keypoint } from "../keypoint.ts";
import { checkOptions, type DetectionOptions } from "./detection_options.ts";
import { borderSamples, findExtrema } from "./extrema.ts";
import { mainDirections, orientationReach } from "./orientation.ts";
import { mostMoves, type RefinedExtremum, refineExtremum } from "./refine.ts";
import {
  determinantOfHessian,
  differenceOfGaussians,
  responseLayers,
} from "./responses.ts";
import {
  doubledOctave,
  gaussianLayers,
  layerSigma,
  NextOctave,
  type Octave,
  pictureOctave,
} from "./scale_space.ts";
import { StrongestKeypoints } from "./strongest_keypoints.ts";

/** Samples around a tile that finding and refining its extrema can touch. */
const extremumReach = mostMoves + 2;
/** Samples around a tile that the orientation of its keypoints can touch. */
const reachOfOrientation = mostMoves +
  orientationReach(layerSigma(responseLayers - 1));
/** A sample may answer this much less than the keypoint beside it. */
const sampleShare = 0.5;

/**
 * Finds the strongest keypoints of a picture, strongest first: extrema over place and scale of the detector's response, refined by
 * the quadratic through 3×3×3 samples, without those of little contrast or on edges. With orientations, a place with several main
 * directions gives as many keypoints. Equally strong keypoints are taken by position; the same picture and options give the same
 * keypoints, bit for bit.
 *
 * The picture is worked through octave by octave and tile by tile, of which the result does not depend: beside the picture memory is
 * needed for a tile (about 80 MB at the default side) and at most 5 bytes a pixel for two octaves' first layers (1.3 bytes with
 * `firstOctave` 0). A picture of 100 million pixels is no exception.
 * @throws {FeatureError} when the picture's size and pixels disagree, or an option is out of its range
 */
export function detectKeypoints(
  picture: GreyPicture,
  options: DetectionOptions = {},
): Keypoint[] {
  checkPicture(picture, "detect keypoints");
  const settings = checkOptions(options);
  const strongest = new StrongestKeypoints(settings.most);
  let octave: Octave | undefined = settings.firstOctave < 0
    ? doubledOctave(picture)
    : pictureOctave(picture);
  while (octave !== undefined) {
    octave = detectInOctave(octave, settings, strongest);
  }
  return strongest.take();
}

function hasRoom(octave: { width: number; height: number }): boolean {
  return Math.min(octave.width, octave.height) > 2 * borderSamples;
}

/** Adds the keypoints of an octave and returns the next one; undefined when that is too small for any. */
function detectInOctave(
  octave: Octave,
  settings: Required<DetectionOptions>,
  strongest: StrongestKeypoints,
): NextOctave | undefined {
  if (!hasRoom(octave)) return undefined;
  const next = new NextOctave(octave);
  const wantsNext = hasRoom(next);
  const detector = settings.detector === "hessian"
    ? determinantOfHessian
    : differenceOfGaussians;
  const margins = Array.from(
    { length: detector.gaussianLayers },
    (_, layer) =>
      !settings.upright && layer > 0 && layer < responseLayers - 1
        ? reachOfOrientation
        : extremumReach + detector.margin,
  );
  const leastSample = detector.response(sampleShare * settings.leastResponse);
  for (const tile of tilesOf(octave, settings.tileSide)) {
    const gaussians = gaussianLayers(octave, tile, margins);
    if (wantsNext) next.collect(gaussians, tile);
    const around = grow(tile, extremumReach, octave.width, octave.height);
    const layers = Array.from(
      { length: responseLayers },
      (_, layer) => detector.respond(gaussians, layer, around),
    );
    const stack = { ...around, layers };
    const { minima } = detector;
    findExtrema(stack, tile, octave, leastSample, minima, (x, y, layer) => {
      const { edgeRatio } = settings;
      const extremum = refineExtremum(stack, octave, x, y, layer, edgeRatio);
      if (extremum === undefined) return;
      const response = detector.strength(extremum.response);
      if (response < settings.leastResponse) return;
      if (response < strongest.leastResponse) return;
      const directions = settings.upright
        ? [0]
        : directionsOf(extremum, gaussians);
      const step = octave.stepPixels;
      for (const angle of directions) {
        strongest.add({
          x: octave.originPixels + extremum.x * step,
          y: octave.originPixels + extremum.y * step,
          sigma: layerSigma(extremum.scale) * step,
          angle,
          response,
        });
      }
    });
  }
  return wantsNext ? next : undefined;
}

function directionsOf(
  extremum: RefinedExtremum,
  gaussians: readonly RealWindow[],
): number[] {
  const { x, y, scale, layer } = extremum;
  return mainDirections(gaussians[layer], x, y, layerSigma(scale));
}

/** Tiles of nearly equal sides, none longer than `side`, that cover an octave; an odd octave's are a little uneven. */
function* tilesOf(octave: Octave, side: number): Generator<Rectangle> {
  const columns = Math.ceil(octave.width / side);
  const rows = Math.ceil(octave.height / side);
  for (let row = 0; row < rows; row++) {
    const top = Math.floor(row * octave.height / rows);
    const bottom = Math.floor((row + 1) * octave.height / rows);
    for (let column = 0; column < columns; column++) {
      const left = Math.floor(column * octave.width / columns);
      const right = Math.floor((column + 1) * octave.width / columns);
      yield { left, top, width: right - left, height: bottom - top };
    }
  }
}
