import type { NoModelReason } from "../../features/mod.ts";
import type { KeypointImage } from "../descriptors/describe_image.ts";
import type { MatchedImages } from "./match_images.ts";

const names = { homography: "homography", fundamental: "fundamental matrix" };

/** What it means for photographs that a geometry was not found, as it follows "no homography: ". */
const reasons: Record<NoModelReason, string> = {
  "too few pairs":
    "too few matches to tell; the photographs may show different scenes, or too little texture",
  "no consensus":
    "no more matches agree than chance would give; the photographs may show different scenes",
  "pairs on one line":
    "the matches that agree lie on a line, which leaves it free",
  "one plane":
    "one homography explains every match that agrees: the same photograph twice, a plane, or a camera that only turned",
};

/** What two images' matches come to, in one sentence. */
export function verdict(
  left: KeypointImage,
  right: KeypointImage,
  { matches: { left: { length: count } }, geometry }: MatchedImages,
): string {
  const bare = [["left", left], ["right", right]] as const;
  for (const [side, { keypoints, width, height }] of bare) {
    if (keypoints.length === 0) {
      return `0: the ${side} photograph (${width}×${height}) has no keypoints, so nothing to match`;
    }
  }
  if (geometry.kind === "none") return String(count);
  const name = names[geometry.kind];
  if (geometry.reason !== null) {
    return `${count}, no ${name}: ${reasons[geometry.reason]}`;
  }
  const { inliers, inlierPixels } = geometry;
  const share = Math.round(100 * inliers.length / count);
  return `${count}, of which ${inliers.length} (${share} %) agree with a ${name} within ${inlierPixels} ${
    inlierPixels === 1 ? "pixel" : "pixels"
  }`;
}
