import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { detectRegions } from "../../../data/photographs/detected_keypoints.ts";
import { regionIsInside } from "../../../data/photographs/geometric_noise.ts";
import { discOverlap } from "../../../data/photographs/keypoint_discs.ts";
import type { Homography } from "../../../features/geometry/homography.ts";
import { detectKeypoints } from "../../../features/keypoints/detect_keypoints.ts";
import { patchSideSigmas } from "../../../features/patches/patch_region.ts";
import { collage } from "../../helpers/data/test_images.ts";

const picture = collage(320, 280, 7);

function frameOf(region: Homography) {
  const half = Math.hypot(region[0], region[3]);
  return {
    x: region[2],
    y: region[5],
    sigma: 2 * half / patchSideSigmas,
    angle: Math.atan2(region[3], region[0]),
  };
}

const all = () => true;

describe("detected places", () => {
  it("are the detectors' keypoints, some with their angle, some upright", () => {
    const frames = detectRegions(picture, 211, 0, all).map(frameOf);
    const found = (["dog", "hessian"] as const).flatMap((detector) =>
      detectKeypoints(picture, { detector, most: 100_000 })
    );
    let upright = 0;
    for (const { x, y, sigma, angle } of frames) {
      const there = found.filter((keypoint) =>
        Math.hypot(keypoint.x - x, keypoint.y - y) < 1e-9 &&
        Math.abs(keypoint.sigma - sigma) < 1e-9
      );
      ok(there.length > 0, `nothing at ${x}, ${y}`);
      if (angle === 0) upright++;
      else {
        ok(
          there.some((keypoint) =>
            Math.abs(Math.sin((keypoint.angle - angle) / 2)) < 1e-9
          ),
        );
      }
    }
    ok(frames.length > 100, String(frames.length));
    ok(upright > 0.4 * frames.length && upright < 0.65 * frames.length);
  });

  it("are no two of one place, and lie inside the photograph", () => {
    const regions = detectRegions(picture, 211, 0, all);
    const frames = regions.map(frameOf);
    frames.forEach((frame, i) => {
      for (let j = 0; j < i; j++) ok(discOverlap(frame, frames[j]) <= 0.5);
    });
    ok(regions.every((region) => regionIsInside(region, 320, 280)));
  });

  it("put large scales first, of which there are few", () => {
    const sigmas = detectRegions(picture, 211, 0, all)
      .map((region) => frameOf(region).sigma);
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    const half = sigmas.length >> 1;
    ok(mean(sigmas.slice(0, half)) > 1.15 * mean(sigmas.slice(half)));
  });

  it("are a function of photograph, seed and its number, and only those accepted", () => {
    const first = detectRegions(picture, 211, 0, all);
    deepEqual(detectRegions(picture, 211, 0, all), first);
    notDeepEqual(detectRegions(picture, 212, 0, all), first);
    notDeepEqual(detectRegions(picture, 211, 1, all), first);
    const left = detectRegions(picture, 211, 0, (region) => region[2] < 100);
    ok(left.length > 10 && left.every((region) => region[2] < 100));
  });

  it("are none in a photograph without texture", () => {
    const pixels = new Uint8Array(300 * 300).fill(90);
    const flat = { width: 300, height: 300, pixels };
    equal(detectRegions(flat, 211, 0, all).length, 0);
  });
});
