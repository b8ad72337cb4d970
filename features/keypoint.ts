/**
 * Where a keypoint is and how large and turned: the one convention of this project (docs/geometry.md). x goes right, y down, and
 * (0, 0) is the centre of the top left pixel.
 */
export interface KeypointFrame {
  /** Pixels from the centre of the top left pixel, to the right. */
  x: number;
  /** Pixels from the centre of the top left pixel, downwards. */
  y: number;
  /** Scale: standard deviation, in pixels, of the Gaussian at which the detector found it. */
  sigma: number;
  /** Radians from the x axis towards the y axis, so clockwise on the screen, in [0, 2π); 0 is upright. */
  angle: number;
}

/** A detected keypoint. */
export interface Keypoint extends KeypointFrame {
  /** How strongly the detector answered, as a share of the whole range of grey values; larger is stronger. */
  response: number;
}

const fullTurn = 2 * Math.PI;

/** The same direction in [0, 2π). */
export function normalizeAngle(radians: number): number {
  const rest = radians % fullTurn;
  const angle = rest < 0 ? rest + fullTurn : rest;
  return angle < fullTurn ? angle + 0 : 0;
}
