import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { FeatureError } from "../../../features/errors.ts";
import type { Keypoint } from "../../../features/keypoint.ts";
import { detectKeypoints } from "../../../features/keypoints/detect_keypoints.ts";
import type { DetectionOptions } from "../../../features/keypoints/detection_options.ts";
import { compareKeypoints } from "../../../features/keypoints/strongest_keypoints.ts";
import { type Blob, pictureOfBlobs } from "../../helpers/features/blobs.ts";
import { collage } from "../../helpers/data/test_images.ts";

/** The keypoint nearest to a blob, and how far it is. */
function nearest(keypoints: readonly Keypoint[], blob: Blob) {
  const distance = (k: Keypoint) => Math.hypot(k.x - blob.x, k.y - blob.y);
  const [keypoint] = [...keypoints].sort((a, b) => distance(a) - distance(b));
  return { keypoint, distance: distance(keypoint) };
}

/** Shares of a blob's standard deviation at which the detectors answer most. */
const answersAt = { dog: 2 ** (-1 / 6), hessian: 1 };

describe("a blob", () => {
  const blobs = [1.5, 2, 3, 4.5, 7, 11].flatMap((deviation, i): Blob[] => [
    { x: 60.3 + 90 * i, y: 70.6, deviation, height: 90 },
    { x: 60.8 + 90 * i, y: 200.1, deviation, height: -80 },
  ]);
  const picture = pictureOfBlobs(600, 280, blobs);

  for (const detector of ["dog", "hessian"] as const) {
    for (const firstOctave of [-1, 0] as const) {
      const options = { detector, firstOctave, upright: true };
      it(`is found at its place and scale by ${detector} from octave ${firstOctave}`, () => {
        const keypoints = detectKeypoints(picture, options);
        for (const blob of blobs) {
          if (firstOctave === 0 && blob.deviation < 2.2) continue;
          const { keypoint, distance } = nearest(keypoints, blob);
          ok(distance < 0.04 * blob.deviation + 0.02, `${distance} px off`);
          const ratio = keypoint.sigma / blob.deviation / answersAt[detector];
          ok(Math.abs(ratio - 1) < 0.06, `${blob.deviation}: ${ratio}`);
        }
      });
    }
  }

  it("answers alike to both detectors, by its height", () => {
    const [dog, hessian] = (["dog", "hessian"] as const).map((detector) =>
      detectKeypoints(picture, { detector, upright: true })
    );
    for (const blob of blobs) {
      const a = nearest(dog, blob).keypoint.response * 255 /
        Math.abs(blob.height);
      const b = nearest(hessian, blob).keypoint.response * 255 /
        Math.abs(blob.height);
      ok(Math.abs(a - 0.115) < 0.012, String(a));
      ok(Math.abs(b / a - 1) < 0.2, `${a} ${b}`);
    }
  });

  it("is none where it is too faint, or too long for the edge test", () => {
    const faint = pictureOfBlobs(80, 80, [
      { x: 40, y: 40, deviation: 3, height: 20 },
    ]);
    equal(detectKeypoints(faint).length, 0);
    ok(detectKeypoints(faint, { leastResponse: 0.008 }).length > 0);
    const row = Array.from({ length: 7 }, (_, i): Blob => ({
      x: 34 + 2 * i,
      y: 40,
      deviation: 2.5,
      height: 30,
    }));
    const bar = pictureOfBlobs(80, 80, row);
    const onBar = (options: DetectionOptions) =>
      detectKeypoints(bar, { upright: true, ...options })
        .filter(({ x, y, sigma }) =>
          Math.hypot(x - 40, y - 40) < 3 && sigma < 4
        );
    equal(onBar({ edgeRatio: 4 }).length, 0);
    equal(onBar({ edgeRatio: 10 }).length, 1);
  });
});

describe("keypoints of a picture", () => {
  const picture = collage(300, 220, 7);

  for (const detector of ["dog", "hessian"] as const) {
    it(`are the same at every call and whatever the tiles (${detector})`, () => {
      const whole = detectKeypoints(picture, { detector, tileSide: 4096 });
      ok(whole.length > 300, String(whole.length));
      for (const tileSide of [97, 256, 1024]) {
        deepEqual(detectKeypoints(picture, { detector, tileSide }), whole);
      }
    });
  }

  it("are the same for bytes and real values", () => {
    const pixels = Float32Array.from(picture.pixels);
    deepEqual(
      detectKeypoints({ ...picture, pixels }),
      detectKeypoints(picture),
    );
  });

  it("are the strongest ones, strongest first, whatever is asked for", () => {
    const all = detectKeypoints(picture, { most: 100000 });
    deepEqual([...all].sort(compareKeypoints), all);
    ok(all.every(({ response }) => response >= 0.04 / 3));
    for (const most of [1, 50, 51, all.length, all.length + 1]) {
      deepEqual(detectKeypoints(picture, { most }), all.slice(0, most));
    }
  });

  it("upright are the places of the others with angle 0, each once", () => {
    const places = (keypoints: Keypoint[]) =>
      new Set(keypoints.map(({ x, y, sigma }) => `${x} ${y} ${sigma}`));
    const turned = detectKeypoints(picture, { most: 100000 });
    const upright = detectKeypoints(picture, { most: 100000, upright: true });
    deepEqual(places(upright), places(turned));
    equal(upright.length, places(upright).size);
    ok(turned.length > upright.length);
    ok(upright.every(({ angle }) => angle === 0));
    ok(turned.every(({ angle }) => angle >= 0 && angle < 2 * Math.PI));
  });

  it("that repeats itself tie, and are taken by place", () => {
    const blobs = [0, 1, 2, 3, 4, 5].map((i): Blob => ({
      x: 32 + 64 * (i % 3),
      y: 32 + 64 * Math.floor(i / 3),
      deviation: 3,
      height: 100,
    }));
    const tied = detectKeypoints(pictureOfBlobs(192, 128, blobs), {
      most: 4,
      upright: true,
    });
    deepEqual(
      tied.map(({ x, y }) => [Math.round(x), Math.round(y)]),
      [[32, 32], [96, 32], [160, 32], [32, 96]],
    );
    equal(tied[0].response, tied[3].response);
  });
});

describe("a picture without much", () => {
  it("gives no keypoints: blank, tiny, or of one pixel", () => {
    for (const [width, height] of [[300, 200], [20, 20], [5, 300], [1, 1]]) {
      for (const detector of ["dog", "hessian"] as const) {
        const pixels = new Uint8Array(width * height).fill(200);
        const blank = { width, height, pixels };
        deepEqual(detectKeypoints(blank, { detector }), []);
      }
    }
  });

  it("of 20 × 20 pixels gives the few that it has, inside it", () => {
    const picture = collage(20, 20, 3);
    const keypoints = detectKeypoints(picture);
    ok(keypoints.length < 40, String(keypoints.length));
    ok(keypoints.every(({ x, y }) => x > 0 && y > 0 && x < 19 && y < 19));
  });

  it("or with options out of range is refused in one line", () => {
    const picture = collage(20, 20, 3);
    const refused: [DetectionOptions, RegExp][] = [
      [{ most: 0 }, /^Cannot detect keypoints: most: found 0, wanted a whole/],
      [{ most: 2.5 }, /most: found 2.5/],
      [{ leastResponse: 0 }, /leastResponse: found 0/],
      [{ leastResponse: NaN }, /leastResponse: found NaN/],
      [{ edgeRatio: 0.5 }, /edgeRatio: found 0.5/],
      [{ tileSide: 3 }, /tileSide: found 3/],
      [{ firstOctave: 1 as 0 }, /firstOctave: found 1/],
      [{ detector: "sift" as "dog" }, /detector: found sift, wanted "dog"/],
    ];
    for (const [options, message] of refused) {
      throws(() => detectKeypoints(picture, options), (error) => {
        ok(error instanceof FeatureError && message.test(error.message));
        return true;
      });
    }
    throws(
      () => detectKeypoints({ ...picture, height: 21 }),
      /Cannot detect keypoints: the picture: found 400 values for 20×21/,
    );
    throws(
      () => detectKeypoints({ width: 0, height: 0, pixels: new Uint8Array() }),
      FeatureError,
    );
  });
});
