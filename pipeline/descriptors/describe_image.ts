import {
  cutPatches,
  type DetectionOptions,
  detectKeypoints,
  type GreyPicture,
  type Keypoint,
} from "../../features/mod.ts";

/** Pixels along a side of the patches that are cut; the network reduces them to 32 as it does in training. */
export const cutSidePixels = 64;

/** Which keypoints of an image are described, and how large their patches are. */
export interface DescribeImageOptions extends DetectionOptions {
  /** side of the square that a patch shows, in units of the keypoint's sigma; default 12 */
  sideSigmas?: number;
  /** told of every part of the work that is done */
  onPart?: OnPart;
}

/** An image's size and its keypoints. */
export interface KeypointImage {
  /** pixels */
  width: number;
  /** pixels */
  height: number;
  /** strongest first */
  keypoints: Keypoint[];
}

/** An image's keypoints and their descriptors. */
export interface DescribedImage extends KeypointImage {
  /** f32 [keypoints, dimension], rows of length 1 */
  descriptors: Float32Array;
  /** values in a descriptor */
  dimension: number;
}

/** What turns 8-bit patches [count, 64, 64] into descriptors [count, dimension]. */
export interface PatchDescriber {
  readonly dimension: number;
  describe(
    patches: Uint8Array<ArrayBuffer>,
    side: typeof cutSidePixels,
  ): Promise<Float32Array>;
}

/** Told of a part of the work that is done, by its name, and how many milliseconds it took. */
export type OnPart = (part: MatchingPart, timeMs: number) => void;

/** The parts of matching two images, in order. */
export const matchingParts = [
  "keypoints",
  "patches",
  "network",
  "matching",
  "geometry",
] as const;

/** A part of matching two images. */
export type MatchingPart = typeof matchingParts[number];

/**
 * Finds the strongest keypoints of an image, cuts the patch of each and describes it.
 *
 * The image and the network alone decide the result; an image without keypoints gives none.
 *
 * @throws {FeatureError} when the picture's size and pixels disagree or an option is out of its range; what `describer` throws
 */
export async function describeImage(
  picture: GreyPicture,
  describer: PatchDescriber,
  options: DescribeImageOptions = {},
): Promise<DescribedImage> {
  const { sideSigmas, onPart = () => {}, ...detection } = options;
  const keypoints = timed(
    "keypoints",
    onPart,
    () => detectKeypoints(picture, detection),
  );
  const patches = timed(
    "patches",
    onPart,
    () =>
      cutPatches(picture, keypoints, {
        sidePixels: cutSidePixels,
        ...(sideSigmas === undefined ? {} : { sideSigmas }),
      }),
  );
  const startMs = performance.now();
  // The first call of a network compiles its shaders, for seconds.
  const descriptors = keypoints.length === 0
    ? new Float32Array()
    : await describer.describe(patches, cutSidePixels);
  onPart("network", performance.now() - startMs);
  const { width, height } = picture;
  const { dimension } = describer;
  return { width, height, keypoints, descriptors, dimension };
}

/** Does a part of the work and tells how long it took. */
export function timed<T>(part: MatchingPart, onPart: OnPart, work: () => T): T {
  const startMs = performance.now();
  const result = work();
  onPart(part, performance.now() - startMs);
  return result;
}
