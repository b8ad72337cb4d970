import { samplesPerBlock } from "./labelled_descriptors.ts";
import {
  randomBits,
  randomBits4,
  randomPurpose,
  type RandomStream,
  randomStream,
  randomUnit,
} from "./random_bits.ts";

/** What one patch undergoes; pixels of the 70×70 frame, which is the patch with an edge of 3 pixels repeated. */
export interface AugmentParameters {
  /** Rotation about the frame's centre in degrees, U(−5, 5). */
  angle: number;
  /** Magnification, U(1, 1.14). */
  scale: number;
  /** Shear along x in degrees, U(−5, 5). */
  shear: number;
  /** Part of the frame that becomes the 32×32 output: area U(0.9, 1), aspect log-uniform in [0.9, 1.1]. */
  crop: { left: number; top: number; width: number; height: number };
  transpose: boolean;
  flip: boolean;
}

/** Which draws a batch gets: everything random about it follows from these. */
export interface AugmentKey {
  seed: number;
  stage: number;
  /** Epoch or annealing cycle. */
  cycle: number;
  step: number;
}

/** Pixels a side of the patch with its repeated edge. */
export const framePixels = 70;
/** Width of the repeated edge. */
export const edgePixels = 3;

const outputPixels = 32;
const drawsPerPatch = 16;
const cropAttempts = 10;

/**
 * The parameters of a batch's patches: rotation, scale, shear and crop per patch (torchvision's RandomAffine and
 * RandomResizedCrop), transpose and horizontal flip per set, each with probability ½.
 *
 * A crop that does not fit the frame is drawn again, at most ten times, then it is the frame itself.
 *
 * @param setIds set of each patch of the batch; patches of one set are transposed and flipped alike
 * @param flipRotate whether sets are transposed and flipped at all
 */
export function drawAugmentation(
  key: AugmentKey,
  setIds: Uint32Array,
  flipRotate: boolean,
): AugmentParameters[] {
  const draw = augmentationOf(key, flipRotate);
  return Array.from(setIds, (set, patch) => draw(patch, set));
}

/** What draws a patch's parameters, by its place in the batch and its set. */
function augmentationOf(
  key: AugmentKey,
  flipRotate: boolean,
): (patch: number, set: number) => AugmentParameters {
  const { seed, stage, cycle, step } = key;
  const { augmentPatch, augmentSet } = randomPurpose;
  const patches = randomStream(seed, augmentPatch, stage, cycle, step);
  const sets = randomStream(seed, augmentSet, stage, cycle, step);
  return (patch, set) => {
    const bits = randomBits4(patches, patch * drawsPerPatch);
    const coins = randomBits(sets, set);
    return {
      angle: 10 * randomUnit(bits[0]) - 5,
      scale: 1 + 0.14 * randomUnit(bits[1]),
      shear: 10 * randomUnit(bits[2]) - 5,
      crop: drawCrop(patches, patch),
      transpose: flipRotate && (coins & 0x8000_0000) !== 0,
      flip: flipRotate && (coins & 0x4000_0000) !== 0,
    };
  };
}

function drawCrop(
  stream: RandomStream,
  patch: number,
): AugmentParameters["crop"] {
  for (let attempt = 1; attempt <= cropAttempts; attempt++) {
    const bits = randomBits4(stream, patch * drawsPerPatch + attempt);
    const area = bits[0], aspect = bits[1], left = bits[2], top = bits[3];
    const pixels = (0.9 + 0.1 * randomUnit(area)) * framePixels ** 2;
    const ratio = 0.9 * (1.1 / 0.9) ** randomUnit(aspect);
    const width = Math.round(Math.sqrt(pixels * ratio));
    const height = Math.round(Math.sqrt(pixels / ratio));
    if (width <= framePixels && height <= framePixels) {
      return {
        left: Math.floor(randomUnit(left) * (framePixels - width + 1)),
        top: Math.floor(randomUnit(top) * (framePixels - height + 1)),
        width,
        height,
      };
    }
  }
  return { left: 0, top: 0, width: framePixels, height: framePixels };
}

/**
 * The affine map from an output pixel (column c, row r; whole numbers) to its centre's place in the patch, whose
 * first pixel has its centre at (½, ½): x = xc·c + xr·r + x0, y = yc·c + yr·r + y0, as [xc, xr, x0, yc, yr, y0].
 *
 *     output --flip, transpose--> crop --scale, shift--> frame --(scale·rotation·shear)⁻¹ about its centre--> patch
 */
export function augmentMatrix(parameters: AugmentParameters): number[] {
  const { crop, transpose, flip } = parameters;
  const angle = parameters.angle * Math.PI / 180;
  const shear = parameters.shear * Math.PI / 180;
  const shrink = 1 / (parameters.scale * Math.cos(shear));
  const xx = shrink * Math.cos(angle + shear);
  const xy = shrink * Math.sin(angle + shear);
  const yx = -shrink * Math.sin(angle);
  const yy = shrink * Math.cos(angle);
  // From crop pixels (u, v), numbered, to the patch.
  const stepX = crop.width / outputPixels;
  const stepY = crop.height / outputPixels;
  const centre = framePixels / 2;
  const firstX = crop.left + stepX / 2 - centre;
  const firstY = crop.top + stepY / 2 - centre;
  let xu = xx * stepX;
  let xv = xy * stepY;
  let yu = yx * stepX;
  let yv = yy * stepY;
  let x0 = xx * firstX + xy * firstY + centre - edgePixels;
  let y0 = yx * firstX + yy * firstY + centre - edgePixels;
  if (transpose) [xu, xv, yu, yv] = [xv, xu, yv, yu];
  if (flip) {
    x0 += (outputPixels - 1) * xu;
    y0 += (outputPixels - 1) * yu;
    xu = -xu;
    yu = -yu;
  }
  return [xu, xv, x0, yu, yv, y0];
}

/** Numbers that the kernel `augment` takes of a patch. */
export const transformFigures = 12;

/** Values of the transforms of so many patches: [⌈patches/32⌉, 12, 32]. */
export function transformsLength(patches: number): number {
  const blocks = Math.ceil(patches / samplesPerBlock);
  return blocks * transformFigures * samplesPerBlock;
}

/**
 * What the patches of a batch undergo, as the kernel `augment` takes it: the {@linkcode transformsOf} what
 * {@linkcode drawAugmentation} draws. It needs no device, so that whoever reads the patches can draw it meanwhile.
 *
 * @param setIds set of each patch of the batch; patches of one set are transposed and flipped alike
 * @param flipRotate whether sets are transposed and flipped at all
 * @returns [⌈rows/32⌉, 12, 32]
 */
export function augmentTransforms(
  key: AugmentKey,
  setIds: Uint32Array,
  flipRotate: boolean,
): Float32Array<ArrayBuffer> {
  const draw = augmentationOf(key, flipRotate);
  return transformsOf(setIds.length, (patch) => draw(patch, setIds[patch]));
}

/**
 * The transforms of patches with these parameters: of each the map of {@linkcode augmentMatrix}, the inverse of its linear
 * part, and how far a step of both along an axis goes at most, so (xc, xr, x0, yc, yr, y0, cx, cy, rx, ry, |xc| + |xr|,
 * |yc| + |yr|).
 *
 * @returns [⌈count/32⌉, 12, 32], 0 beyond the last patch
 */
export function transformsOf(
  count: number,
  parametersOf: (patch: number) => AugmentParameters,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(transformsLength(count));
  for (let patch = 0; patch < count; patch++) {
    const map = augmentMatrix(parametersOf(patch));
    const xc = map[0], xr = map[1], x0 = map[2];
    const yc = map[3], yr = map[4], y0 = map[5];
    const determinant = xc * yr - xr * yc;
    const lane = patch % samplesPerBlock;
    const at = (patch - lane) * transformFigures + lane;
    values[at] = xc;
    values[at + samplesPerBlock] = xr;
    values[at + 2 * samplesPerBlock] = x0;
    values[at + 3 * samplesPerBlock] = yc;
    values[at + 4 * samplesPerBlock] = yr;
    values[at + 5 * samplesPerBlock] = y0;
    values[at + 6 * samplesPerBlock] = yr / determinant;
    values[at + 7 * samplesPerBlock] = -xr / determinant;
    values[at + 8 * samplesPerBlock] = -yc / determinant;
    values[at + 9 * samplesPerBlock] = xc / determinant;
    values[at + 10 * samplesPerBlock] = Math.abs(xc) + Math.abs(xr);
    values[at + 11 * samplesPerBlock] = Math.abs(yc) + Math.abs(yr);
  }
  return values;
}
