import type {
  DescribedPhotograph,
  MatchedPair,
} from "./described_photograph.ts";
import { keypointsOf } from "./keypoint_rows.ts";
import { singleText } from "./single_text.ts";

/**
 * `NAME.csv`: a line for each keypoint, `x,y,sigma,angle,response` as docs/geometry.md has them, then its descriptor, `d0,…`. The values
 * are float32, except for the keypoints' float64.
 */
export function keypointsCsv(photograph: DescribedPhotograph): string {
  const { descriptors, dimension } = photograph;
  const names = Array.from({ length: dimension }, (_, k) => `d${k}`);
  const lines = [["x", "y", "sigma", "angle", "response", ...names].join()];
  let start = 0;
  for (const { x, y, sigma, angle, response } of keypointsOf(photograph)) {
    const row = Array.from(
      descriptors.subarray(start, start + dimension),
      singleText,
    );
    lines.push([x, y, sigma, angle, response, ...row].join());
    start += dimension;
  }
  return `${lines.join("\n")}\n`;
}

/** First line of `matches.csv`. */
export const matchesCsvHead =
  "left,right,left_keypoint,right_keypoint,distance,ratio,inlier\n";

/** A line for each match of a pair: both names, both numbers of keypoints from 0; `inlier` is empty where nothing was verified. */
export function matchesCsv(
  { left, right, matches, distances, ratios, geometry, inliers }: MatchedPair,
): string {
  const names = `${cell(left.name)},${cell(right.name)}`;
  const agreeing = new Set(inliers);
  let text = "";
  for (let i = 0; i < distances.length; i++) {
    const inlier = geometry === undefined ? "" : Number(agreeing.has(i));
    text += `${names},${matches[2 * i]},${matches[2 * i + 1]},${
      singleText(distances[i])
    },${singleText(ratios[i])},${inlier}\n`;
  }
  return text;
}

/** First line of `pairs.csv`. */
export const pairsCsvHead =
  "left,right,matches,inliers,geometry,m11,m12,m13,m21,m22,m23,m31,m32,m33\n";

/** A line for a pair: numbers of matches and of those that agree, what holds and its matrix; empty where nothing was found. */
export function pairCsv(
  { left, right, distances, inliers, geometry }: MatchedPair,
): string {
  const entries = geometry ? [...geometry.matrix] : new Array(9).fill("");
  return [
    cell(left.name),
    cell(right.name),
    distances.length,
    geometry === undefined ? "" : inliers.length,
    geometry?.kind ?? "",
    ...entries,
  ].join() + "\n";
}

/** A text as one cell: in quotes where it would be more (RFC 4180). */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
