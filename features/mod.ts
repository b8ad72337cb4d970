/**
 * Keypoints, and the patches that descriptors describe, of a grey picture; matches of two and the geometry behind them. Nothing here
 * knows files or Deno or opens a GPU: it runs in a browser.
 * Places, scales and angles follow one convention (docs/geometry.md).
 *
 * @example
 * ```ts ignore
 * import { cutPatches, detectKeypoints } from "@self-tnet/self-tnet/features";
 *
 * const keypoints = detectKeypoints({ width, height, pixels });
 * const patches = cutPatches({ width, height, pixels }, keypoints, { sidePixels: 32 });
 * ```
 *
 * @module
 */
export { FeatureError, type FeatureErrorFacts } from "./errors.ts";
export type { Keypoint, KeypointFrame } from "./keypoint.ts";
export type { Homography } from "./geometry/homography.ts";
export type { GreyPicture } from "./images/grey_picture.ts";
export { detectKeypoints } from "./keypoints/detect_keypoints.ts";
export type { DetectionOptions } from "./keypoints/detection_options.ts";
export { cutPatches, type PatchOptions } from "./patches/cut_patches.ts";
export { halvePicture } from "./patches/half_picture.ts";
export { patchRegion, patchSideSigmas } from "./patches/patch_region.ts";
export {
  type ColmapAffineRow,
  type ColmapRow,
  fromColmapRow,
  toColmapAffineRow,
  toColmapRow,
} from "./conventions/colmap.ts";
export { fromHloc, type HlocKeypoints, toHloc } from "./conventions/hloc.ts";
export {
  fromLocalAffineFrame,
  type LocalAffineFrame,
  toLocalAffineFrame,
} from "./conventions/kornia.ts";
export {
  fromOpenCv,
  type OpenCvKeypoint,
  toOpenCv,
} from "./conventions/opencv.ts";
export {
  fromVlFeat,
  toVlFeat,
  type VlFeatFrame,
} from "./conventions/vlfeat.ts";
export {
  matchDescriptors,
  type Matches,
  type MatchOptions,
} from "./matching/match_descriptors.ts";
export { NestedMatcher } from "./matching/nested_matcher.ts";
export type {
  EstimatedModel,
  EstimationOptions,
  NoModel,
  NoModelReason,
} from "./geometry/estimation.ts";
export { estimateEssential } from "./geometry/estimate_essential.ts";
export {
  type EstimatedFundamental,
  estimateFundamental,
} from "./geometry/estimate_fundamental.ts";
export { estimateHomography } from "./geometry/estimate_homography.ts";
export type { RobustOptions } from "./geometry/robust_fit.ts";
export type { Matrix3 } from "./geometry/matrix3.ts";
export { choosePairs, type PointPairs } from "./geometry/point_pairs.ts";
export { type RelativePose, relativePose } from "./geometry/relative_pose.ts";
