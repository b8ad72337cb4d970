import { normalizeAngle } from "../keypoint.ts";

/** Radians in [0, 2π) as degrees in [0, 360). */
export function toDegrees(radians: number): number {
  return radians * 180 / Math.PI;
}

/** Degrees of any turn as radians in [0, 2π). */
export function fromDegrees(degrees: number): number {
  return normalizeAngle(degrees * Math.PI / 180);
}
