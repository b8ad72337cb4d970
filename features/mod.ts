/**
 * Keypoints, and the patches that descriptors describe, of a grey picture. Nothing here knows files, a GPU or Deno: it runs in a browser.
 * Places, scales and angles follow one convention (docs/geometry.md).
 */
export { FeatureError, type FeatureErrorFacts } from "./errors.ts";
export type { Keypoint, KeypointFrame } from "./keypoint.ts";
export type { Homography } from "./geometry/homography.ts";
export type { GreyPicture } from "./images/grey_picture.ts";
export { detectKeypoints } from "./keypoints/detect_keypoints.ts";
export type { DetectionOptions } from "./keypoints/detection_options.ts";
export { cutPatches, type PatchOptions } from "./patches/cut_patches.ts";
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
