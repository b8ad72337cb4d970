import {
  estimateFundamental,
  estimateHomography,
  matchDescriptors,
  type Matches,
  type NoModelReason,
} from "../../features/mod.ts";
import { kindOf, requireOptions, requireParts } from "../config/arguments.ts";
import { PipelineError } from "../errors.ts";
import { type GeometryName, geometryNames } from "./geometry_names.ts";
import {
  type DescribedImage,
  type KeypointImage,
  type OnPart,
  timed,
} from "../descriptors/describe_image.ts";

const attempt = "match images";

/** How two described images are matched. */
export interface MatchImagesOptions {
  /** largest ratio of the distances to the nearest and second nearest descriptor, in (0, 1]; default 0.9 */
  ratio?: number;
  /** default `homography` */
  geometry?: GeometryName;
  /** how far a match may lie from the geometry and agree with it; default 3 pixels for a homography, 1.5 for a fundamental matrix */
  inlierPixels?: number;
  /** of the samples that the geometry is estimated from; default 0 */
  seed?: number;
}

/** What holds between the places of two images, or why nothing was found to. */
export type PairGeometry =
  | { kind: "none" }
  | {
    kind: Exclude<GeometryName, "none">;
    /** [9] row by row; null when there is none */
    matrix: readonly number[] | null;
    /** numbers of the matches that agree with it, rising */
    inliers: Uint32Array;
    /** why there is none */
    reason: NoModelReason | null;
    /** how far a match may lie from it and agree with it */
    inlierPixels: number;
  };

/** Matches of two images and the geometry between them. */
export interface MatchedImages {
  /** mutual nearest neighbours that pass the ratio test */
  matches: Matches;
  /** what most of them agree with */
  geometry: PairGeometry;
}

const estimators = {
  homography: estimateHomography,
  fundamental: estimateFundamental,
};

/** How far a match may lie from each geometry and agree with it unless told otherwise, in pixels. */
export const defaultInlierPixels: Readonly<
  Record<Exclude<GeometryName, "none">, number>
> = { homography: 3, fundamental: 1.5 };

/** Ratio of distances up to which a match is kept unless told otherwise. */
export const defaultRatio = 0.9;

/**
 * Matches the descriptors of two images, mutual nearest neighbours with the ratio test, and estimates the geometry that most of the
 * matches agree with. A pure function of its arguments.
 *
 * @throws {RangeError} when the dimensions differ or an option is out of its range; {PipelineError} when an argument is no described image, its
 * keypoints are not those of its descriptors, or an option is of another kind
 */
export function matchImages(
  left: DescribedImage,
  right: DescribedImage,
  options: MatchImagesOptions = {},
  onPart: OnPart = () => {},
): MatchedImages {
  for (const [where, image] of Object.entries({ left, right })) {
    requireParts(image, {
      attempt,
      where,
      wanted: "what describeImage() resolves to, after await",
    }, {
      dimension: Number.isInteger,
      keypoints: Array.isArray,
      descriptors: (rows) => rows instanceof Float32Array,
    });
  }
  requireOptions(options, attempt);
  requireRows("left", left);
  requireRows("right", right);
  requireKinds(options);
  if (left.dimension !== right.dimension) {
    throw new RangeError(
      `descriptors of ${left.dimension} and of ${right.dimension} numbers`,
    );
  }
  const { ratio = defaultRatio, geometry = "homography" } = options;
  const matches = timed(
    "matching",
    onPart,
    () =>
      matchDescriptors(left.descriptors, right.descriptors, left.dimension, {
        ratio,
      }),
  );
  return {
    matches,
    geometry: timed(
      "geometry",
      onPart,
      () => estimateGeometry(left, right, matches, geometry, options),
    ),
  };
}

/** Refuses keypoints some of which were left out, and their descriptors not. */
function requireRows(where: string, image: DescribedImage): void {
  const { keypoints, descriptors, dimension } = image;
  if (keypoints.length * dimension === descriptors.length) return;
  throw new PipelineError({
    attempt,
    where,
    found:
      `${keypoints.length} keypoints, and descriptors of ${descriptors.length} values`,
    wanted: `${dimension} values a keypoint`,
    remedy: "leave out a keypoint and its descriptor together",
  });
}

/** Refuses what a program without a compiler hands over in place of numbers and of a geometry. */
function requireKinds(
  { geometry = "homography", ratio, inlierPixels, seed }: MatchImagesOptions,
): void {
  const refuse = (where: string, found: unknown, wanted: string) => {
    throw new PipelineError({ attempt, where, found: kindOf(found), wanted });
  };
  for (const [where, value] of Object.entries({ ratio, inlierPixels, seed })) {
    if (value !== undefined && typeof value !== "number") {
      refuse(where, value, "a number");
    }
  }
  if (!geometryNames.includes(geometry)) {
    refuse("geometry", geometry, geometryNames.join(" or "));
  }
}

/**
 * What most matches of two images agree with. A pure function of its arguments.
 *
 * @throws {RangeError} when an option is out of its range
 */
export function estimateGeometry(
  left: KeypointImage,
  right: KeypointImage,
  matches: Matches,
  kind: GeometryName,
  options: Pick<MatchImagesOptions, "inlierPixels" | "seed">,
): PairGeometry {
  if (kind === "none") return { kind };
  const { inlierPixels = defaultInlierPixels[kind], seed = 0 } = options;
  const result = estimators[kind]({
    left: placesOf(left, matches.left),
    right: placesOf(right, matches.right),
  }, { thresholdPixels: inlierPixels, seed });
  return result.found
    ? {
      kind,
      matrix: [...result.matrix],
      inliers: result.inliers,
      reason: null,
      inlierPixels,
    }
    : {
      kind,
      matrix: null,
      inliers: new Uint32Array(),
      reason: result.reason,
      inlierPixels,
    };
}

/** [numbers, 2] x and y of keypoints. */
function placesOf(
  { keypoints }: KeypointImage,
  numbers: Uint32Array,
): Float64Array {
  const places = new Float64Array(2 * numbers.length);
  numbers.forEach((number, index) => {
    places[2 * index] = keypoints[number].x;
    places[2 * index + 1] = keypoints[number].y;
  });
  return places;
}
