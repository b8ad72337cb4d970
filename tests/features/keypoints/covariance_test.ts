import { ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  applyTo,
  compose,
  invert,
  rotation,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import { planeOf } from "../../../features/images/plane.ts";
import type { Keypoint } from "../../../features/keypoint.ts";
import { detectKeypoints } from "../../../features/keypoints/detect_keypoints.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { bundledPhotograph } from "../../helpers/features/golden_photographs.ts";
import { repeatability } from "../../helpers/features/repeatability.ts";

/** Other pictures of a photograph: turned by degrees, then grown. */
const views = [
  { degrees: 0, scale: 0.6 },
  { degrees: 90, scale: 1 },
  { degrees: 30, scale: 0.8 },
  { degrees: -140, scale: 1.3 },
];

type Detector = "dog" | "hessian";

const most = 20000;
const detected = new Map<string, Keypoint[]>();

/** What a detector finds in a whole photograph, looked for once. */
async function keypointsOf(
  name: string,
  detector: Detector,
): Promise<Keypoint[]> {
  const key = `${name} ${detector}`;
  const found = detected.get(key) ??
    detectKeypoints(await bundledPhotograph(name), { detector, most });
  detected.set(key, found);
  return found;
}

describe("keypoints of a photograph", () => {
  for (const name of ["dust-bowl-home", "nagasaki-boats"]) {
    for (const { degrees, scale } of views) {
      it(`turn and grow with it: ${name}, ${degrees}°, ×${scale}`, async () => {
        const photograph = await bundledPhotograph(name);
        const side = 480;
        const turn = degrees * Math.PI / 180;
        // From the view's pixels to the photograph's, centre to centre.
        const fromView = compose(
          translation(
            (photograph.width - 1) / 2,
            (photograph.height - 1) / 2,
          ),
          scaling(1 / scale),
          rotation(-turn),
          translation(-(side - 1) / 2, -(side - 1) / 2),
        );
        const fromSquare = compose(
          fromView,
          translation((side - 1) / 2, (side - 1) / 2),
          scaling(side / 2),
        );
        const pixels = new Float32Array(side * side);
        new SamplingStack(planeOf(photograph))
          .sample(fromSquare, side, side, pixels);
        const toView = invert(fromView);
        for (const detector of ["dog", "hessian"] as const) {
          const view = { width: side, height: side, pixels };
          const found = detectKeypoints(view, { detector, most });
          const wanted = (await keypointsOf(name, detector))
            .map((keypoint): Keypoint => ({
              ...keypoint,
              ...applyTo(toView, keypoint.x, keypoint.y),
              sigma: keypoint.sigma * scale,
              angle: keypoint.angle + turn,
            }))
            .filter(({ x, y, sigma, response }) =>
              Math.min(x, y, side - 1 - x, side - 1 - y) > 8 * sigma &&
              sigma > 2 && response > 0.02
            );
          ok(wanted.length > 60, String(wanted.length));
          const shares = repeatability(wanted, found, {
            pixels: 2,
            scale: 1.2,
            radians: 0.25,
          });
          const { place, scale: alike, angle } = shares;
          const figures = `${detector} ${place} ${alike} ${angle}`;
          ok(place >= 0.7 && alike >= 0.68 && angle >= 0.62, figures);
        }
      });
    }
  }
});
