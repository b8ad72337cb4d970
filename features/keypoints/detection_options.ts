import { FeatureError } from "../errors.ts";

/** What counts as a keypoint and how many are wanted. */
export interface DetectionOptions {
  /** `"dog"`: difference of Gaussians (default); `"hessian"`: determinant of the Hessian. */
  detector?: "dog" | "hessian";
  /** Keypoints wanted at most; default 2,000. */
  most?: number;
  /**
   * Least response, as a share of the range of grey values; default 0.04/3. OpenCV's `contrastThreshold` is three times as large,
   * COLMAP's `peak_threshold` is the same (0.02/3 there).
   */
  leastResponse?: number;
  /** Largest ratio of the two curvatures of the response, above which it lies on an edge; default 10. */
  edgeRatio?: number;
  /** Whether keypoints get angle 0 instead of the main directions of their surroundings; default false. Better where cameras are upright. */
  upright?: boolean;
  /** −1: search a picture of twice the size first (default; the most and the smallest keypoints); 0: begin with the picture's own pixels, in a quarter of the time. */
  firstOctave?: -1 | 0;
  /** Longest side, in samples, of the tiles that are worked on one at a time; default 1024. Changes memory and time, never keypoints. */
  tileSide?: number;
}

const defaults: Required<DetectionOptions> = {
  detector: "dog",
  most: 2000,
  leastResponse: 0.04 / 3,
  edgeRatio: 10,
  upright: false,
  firstOctave: -1,
  tileSide: 1024,
};

/**
 * The options with defaults for those left out.
 * @throws {FeatureError} when one is out of its range
 */
export function checkOptions(
  options: DetectionOptions,
): Required<DetectionOptions> {
  check(
    typeof options === "object" && options !== null,
    "options",
    options,
    "an object with the options, or nothing",
  );
  const unknown = Object.keys(options).find((name) =>
    !Object.hasOwn(defaults, name)
  );
  check(
    unknown === undefined,
    "options",
    unknown,
    `one of ${Object.keys(defaults).join(", ")}`,
  );
  const given = Object.entries(options).filter(([, value]) =>
    value !== undefined
  );
  const settings = { ...defaults, ...Object.fromEntries(given) };
  const { detector, most, leastResponse, edgeRatio, firstOctave, tileSide } =
    settings;
  const isCount = (value: number, least: number) =>
    Number.isSafeInteger(value) && value >= least;
  check(
    detector === "dog" || detector === "hessian",
    "detector",
    detector,
    '"dog" or "hessian"',
  );
  check(isCount(most, 1), "most", most, "a whole number of at least 1");
  check(
    leastResponse > 0 && leastResponse < 1,
    "leastResponse",
    leastResponse,
    "a number between 0 and 1",
  );
  check(
    edgeRatio >= 1 && edgeRatio < Infinity,
    "edgeRatio",
    edgeRatio,
    "a number of at least 1",
  );
  check(
    firstOctave === -1 || firstOctave === 0,
    "firstOctave",
    firstOctave,
    "−1 or 0",
  );
  check(
    isCount(tileSide, 16),
    "tileSide",
    tileSide,
    "a whole number of at least 16",
  );
  return settings;
}

function check(holds: boolean, where: string, found: unknown, wanted: string) {
  if (holds) return;
  throw new FeatureError({
    attempt: "detect keypoints",
    where,
    found: String(found),
    wanted,
  });
}
