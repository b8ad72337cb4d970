import type { Keypoint } from "../keypoint.ts";
import { fromDegrees, toDegrees } from "./degrees.ts";

/** OpenCV's `KeyPoint` as its SIFT fills it. */
export interface OpenCvKeypoint {
  /** Pixels from the centre of the first pixel, to the right. */
  x: number;
  /** Pixels from the centre of the first pixel, downwards. */
  y: number;
  /** Diameter: 2·sigma. */
  size: number;
  /** Degrees clockwise in [0, 360); −1 means none. */
  angle: number;
  /** How strongly the detector answered. */
  response: number;
  /** Number of the octave; 0 here, where no detector's own octaves are told. */
  octave: number;
  /** −1: of no class. */
  class_id: number;
}

/** OpenCV's seven fields. */
export function toOpenCv(keypoint: Keypoint): OpenCvKeypoint {
  const { x, y, sigma, angle, response } = keypoint;
  return {
    x,
    y,
    size: 2 * sigma,
    angle: toDegrees(angle),
    response,
    octave: 0,
    class_id: -1,
  };
}

/** A keypoint from OpenCV's fields; an angle of −1 is upright. */
export function fromOpenCv(
  { x, y, size, angle, response }: Pick<
    OpenCvKeypoint,
    "x" | "y" | "size" | "angle" | "response"
  >,
): Keypoint {
  return {
    x,
    y,
    sigma: size / 2,
    angle: angle === -1 ? 0 : fromDegrees(angle),
    response,
  };
}
