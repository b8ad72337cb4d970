import type { KeypointImage } from "../descriptors/describe_image.ts";
import type { MatchedImages } from "./match_images.ts";

/** An image as files tell of it. */
export interface NamedImage extends KeypointImage {
  /** path as it was given */
  file: string;
}

/**
 * `matches.json`: both images with their keypoints `[x, y, sigma, angle, response]` (docs/geometry.md), the matches
 * `[left, right, distance, ratio]` by number of keypoint, and the geometry with the numbers of the matches that agree with it.
 */
export function matchesJson(
  left: NamedImage,
  right: NamedImage,
  { matches, geometry }: MatchedImages,
  model: { file: string; sha256: string },
): string {
  const parts = {
    model,
    left: imageJson(left),
    right: imageJson(right),
    matches: rows(matches.left.length, (i) => [
      matches.left[i],
      matches.right[i],
      matches.distances[i],
      matches.ratios[i],
    ]),
    geometry: geometry.kind === "none"
      ? geometry
      : { ...geometry, inliers: [...geometry.inliers] },
  };
  const lines = Object.entries(parts).map(([name, value]) =>
    `${JSON.stringify(name)}: ${JSON.stringify(value)}`
  );
  return `{\n${lines.join(",\n")}\n}\n`;
}

function imageJson({ file, width, height, keypoints }: NamedImage) {
  return {
    file,
    width,
    height,
    keypoints: keypoints.map((
      { x, y, sigma, angle, response },
    ) => [x, y, sigma, angle, response]),
  };
}

function rows(count: number, row: (index: number) => number[]): number[][] {
  return Array.from({ length: count }, (_, index) => row(index));
}

/** `matches.csv`: a line for each match, `left_x,left_y,right_x,right_y,distance,ratio,inlier`; without a geometry `inlier` is empty. */
export function matchesCsv(
  left: KeypointImage,
  right: KeypointImage,
  { matches, geometry }: MatchedImages,
): string {
  const inliers = geometry.kind === "none" || geometry.matrix === null
    ? undefined
    : new Set(geometry.inliers);
  let text = "left_x,left_y,right_x,right_y,distance,ratio,inlier\n";
  matches.left.forEach((number, index) => {
    const a = left.keypoints[number];
    const b = right.keypoints[matches.right[index]];
    const values = [
      a.x,
      a.y,
      b.x,
      b.y,
      matches.distances[index],
      matches.ratios[index],
      inliers === undefined ? "" : Number(inliers.has(index)),
    ];
    text += `${values.join()}\n`;
  });
  return text;
}
