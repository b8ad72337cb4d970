/**
 * How far our detector's keypoints lie from where they should: the bundled photographs are rendered from known viewpoints under another
 * light, keypoints are found in both, and a keypoint is compared with the one that answers to it in the view.
 *
 *     deno run --allow-read --allow-env tests/bench/detector_jitter.ts
 *
 * Prints quantiles of shift (in sigma), scale (in octaves) and angle (in degrees) by tilt, and the share that found no partner.
 */
import { RandomStream } from "../../data/random.ts";
import { drawPhotometricChange } from "../../data/photographs/photometric.ts";
import {
  bundledPhotographs,
  listPhotographs,
  readPhotograph,
} from "../../data/photographs/photographs.ts";
import { applyPhotometricChange } from "../../data/photographs/photometric.ts";
import { drawViewpoint } from "../../data/photographs/target_images.ts";
import {
  applyTo,
  compose,
  type Homography,
  invert,
  localScale,
  scaling,
  translation,
} from "../../features/geometry/homography.ts";
import { planeOf } from "../../features/images/plane.ts";
import type { Keypoint } from "../../features/keypoint.ts";
import { detectKeypoints } from "../../features/keypoints/detect_keypoints.ts";
import { SamplingStack } from "../../features/patches/sampling_stack.ts";

const keypointsPerPhotograph = 2000;
/** What may be the same keypoint; wide, so that the errors and not the bounds decide. */
const widest = { sigmas: 3, octaves: 1, radians: Math.PI / 3 };

/** Error of a keypoint in the view against where the truth puts it. */
interface Jitter {
  /** In sigma of the true keypoint. */
  shiftSigmas: number;
  scaleOctaves: number;
  radians: number;
}

function turnedBy(map: Homography, { x, y, sigma, angle }: Keypoint): number {
  const from = applyTo(map, x, y);
  const to = applyTo(
    map,
    x + 0.01 * sigma * Math.cos(angle),
    y + 0.01 * sigma * Math.sin(angle),
  );
  return Math.atan2(to.y - from.y, to.x - from.x);
}

/** The difference of two directions in (−π, π]. */
function between(a: number, b: number): number {
  return Math.atan2(Math.sin(a - b), Math.cos(a - b));
}

/** The errors of the keypoints that were found again, and how many should have been. */
function jitterOf(
  photograph: readonly Keypoint[],
  view: readonly Keypoint[],
  toView: Homography,
  size: { width: number; height: number },
): { found: Jitter[]; wanted: number } {
  const found: Jitter[] = [];
  let wanted = 0;
  for (const keypoint of photograph) {
    const place = applyTo(toView, keypoint.x, keypoint.y);
    const sigma = keypoint.sigma * localScale(toView, keypoint.x, keypoint.y);
    const border = 10 * sigma;
    if (
      Math.min(place.x, size.width - 1 - place.x) < border ||
      Math.min(place.y, size.height - 1 - place.y) < border || sigma < 1
    ) continue;
    wanted++;
    const angle = turnedBy(toView, keypoint);
    let best: Jitter | undefined;
    let least = 1;
    for (const other of view) {
      const shiftSigmas = Math.hypot(other.x - place.x, other.y - place.y) /
        sigma;
      if (shiftSigmas > widest.sigmas) continue;
      const scaleOctaves = Math.log2(other.sigma / sigma);
      const radians = between(other.angle, angle);
      const distance = Math.hypot(
        shiftSigmas / widest.sigmas,
        scaleOctaves / widest.octaves,
        radians / widest.radians,
      );
      if (distance >= least) continue;
      least = distance;
      best = { shiftSigmas, scaleOctaves, radians };
    }
    if (best !== undefined) found.push(best);
  }
  return { found, wanted };
}

function quantiles(values: number[]): string {
  const sorted = values.map(Math.abs).sort((a, b) => a - b);
  return [0.5, 0.68, 0.8, 0.9, 0.95]
    .map((share) => sorted[Math.floor(share * (sorted.length - 1))].toFixed(2))
    .join(" ");
}

const { training, heldOut } = await listPhotographs("", 1);
const files = [...training, ...heldOut];
console.log(
  `${bundledPhotographs.length} photographs; quantiles 50 68 80 90 95 %`,
);
for (let number = 0; number <= 5; number++) {
  const all: Jitter[] = [];
  let wanted = 0;
  for (let image = 0; image < files.length; image++) {
    const plane = planeOf(await readPhotograph(files[image]));
    const { width, height } = plane;
    const stream = new RandomStream(211, "detector jitter", image, number);
    const toView = number === 0
      ? scaling(1)
      : drawViewpoint(width, height, number, stream);
    const values = new Float32Array(width * height);
    new SamplingStack(plane).sample(
      compose(
        invert(toView),
        translation((width - 1) / 2, (height - 1) / 2),
        scaling(width / 2, height / 2),
      ),
      width,
      height,
      values,
    );
    const pixels = new Uint8Array(values.length);
    const change = drawPhotometricChange(1, stream);
    applyPhotometricChange(values, width, change, stream, pixels);
    const options = { most: keypointsPerPhotograph };
    const result = jitterOf(
      detectKeypoints({ width, height, pixels: plane.values }, options),
      detectKeypoints({ width, height, pixels }, {
        most: 3 * keypointsPerPhotograph,
      }),
      toView,
      plane,
    );
    all.push(...result.found);
    wanted += result.wanted;
  }
  const degrees = all.map((jitter) => jitter.radians * 180 / Math.PI);
  console.log(
    `tilt ${number * 10}°: ${all.length} of ${wanted}; shift/σ ${
      quantiles(all.map((jitter) => jitter.shiftSigmas))
    }; octaves ${
      quantiles(all.map((jitter) => jitter.scaleOctaves))
    }; degrees ${quantiles(degrees)}`,
  );
}
