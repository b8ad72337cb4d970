import {
  compose,
  type Homography,
  invert,
  rotation,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import { focalSides, squareOntoImage, tiltedView } from "./camera.ts";
import {
  applyPhotometricChange,
  drawPhotometricChange,
} from "./photometric.ts";
import { type Plane, planeOf } from "../../features/images/plane.ts";
import type { RandomStream } from "../random.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";

/** Number of target images of a sequence, as in HPatches. */
export const targetImages = 5;

const tiltDegrees = 10;
const rollDegrees = 6;
const shrink = 0.06;

/** Another picture of a photograph, and the known map from the photograph's pixels to its own. */
export interface TargetImage {
  fromPhotograph: Homography;
  picture: SamplingStack;
}

/**
 * Draws the homography of viewpoint `number` (1 … 5): the photograph hangs flat before a camera that is tilted by number·10° about a
 * random axis in its plane, rolled by up to number·6°, and a little farther away each time.
 */
export function drawViewpoint(
  width: number,
  height: number,
  number: number,
  stream: RandomStream,
): Homography {
  const radians = Math.PI / 180;
  const axis = stream.uniform(0, 2 * Math.PI);
  const tilt = number * tiltDegrees * radians;
  const roll = stream.uniform(-number, number) * rollDegrees * radians;
  const focal = focalSides * Math.max(width, height);
  const centreX = (width - 1) / 2;
  const centreY = (height - 1) / 2;
  return compose(
    translation(centreX, centreY),
    scaling(1 - shrink * number),
    rotation(roll + axis),
    tiltedView(tilt, focal),
    rotation(-axis),
    translation(-centreX, -centreY),
  );
}

/**
 * The picture a camera takes of the photograph from another viewpoint: the photograph resampled through the homography, with a slight
 * change of light and camera noise, in 8 bits.
 */
export function renderViewpoint(
  photograph: SamplingStack,
  fromPhotograph: Homography,
  number: number,
  stream: RandomStream,
): TargetImage {
  const { width, height } = photograph;
  const values = new Float32Array(width * height);
  photograph.sample(
    compose(invert(fromPhotograph), squareOntoImage(photograph)),
    width,
    height,
    values,
  );
  const picture = expose({ width, height, values }, 0.2 + 0.1 * number, stream);
  return { fromPhotograph, picture };
}

/**
 * The photograph under another light, growing stranger with `number` (1 … 5): an uneven light field, then gain, gamma, bias, slope, camera
 * noise, in 8 bits. The map is the identity.
 */
export function renderIllumination(
  photograph: Plane,
  number: number,
  stream: RandomStream,
): TargetImage {
  const values = photograph.values.slice();
  const lit = { width: photograph.width, height: photograph.height, values };
  applyLightField(lit, 0.12 * number, stream);
  return {
    fromPhotograph: scaling(1),
    picture: expose(lit, 0.4 * number, stream),
  };
}

function expose(
  plane: Plane,
  strength: number,
  stream: RandomStream,
): SamplingStack {
  const pixels = new Uint8Array(plane.values.length);
  const change = drawPhotometricChange(strength, stream);
  applyPhotometricChange(plane.values, plane.width, change, stream, pixels);
  return new SamplingStack(
    planeOf({ width: plane.width, height: plane.height, pixels }),
  );
}

const fieldCells = 5;

/** Multiplies the picture by exp(amplitude·f), f being bilinear between standard normal numbers on a 6 × 6 grid. */
function applyLightField(
  plane: Plane,
  amplitude: number,
  stream: RandomStream,
) {
  const columns = fieldCells + 1;
  const grid = Float32Array.from(
    { length: columns * columns },
    () => amplitude * stream.normal(),
  );
  for (let y = 0, at = 0; y < plane.height; y++) {
    const gridY = y / plane.height * fieldCells;
    const row = Math.floor(gridY);
    const fy = gridY - row;
    for (let x = 0; x < plane.width; x++, at++) {
      const gridX = x / plane.width * fieldCells;
      const column = Math.floor(gridX);
      const fx = gridX - column;
      const corner = row * columns + column;
      const upper = grid[corner] + fx * (grid[corner + 1] - grid[corner]);
      const lower = grid[corner + columns] +
        fx * (grid[corner + columns + 1] - grid[corner + columns]);
      plane.values[at] *= Math.exp(upper + fy * (lower - upper));
    }
  }
}
