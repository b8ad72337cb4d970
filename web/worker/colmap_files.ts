import { strToU8, zipSync } from "fflate";
import { colmapText, rawMatches } from "../../data/exchange/colmap_text.ts";
import {
  type DescribedPhotograph,
  keypointFields,
} from "../../data/exchange/described_photograph.ts";
import type { Orientation } from "../../data/images/grey_image.ts";
import type { Keypoint, Matches } from "../../features/mod.ts";
import { descriptorSize } from "../../gpu/mod.ts";

/** A photograph as COLMAP is told of it. */
export interface ColmapPhotograph {
  name: string;
  width: number;
  height: number;
  orientation: Orientation;
  keypoints: readonly Keypoint[];
  /** f32 [keypoints, 128] */
  descriptors: Float32Array;
}

/**
 * A zip with what `./run features --format colmap-text` writes of two photographs and their matches: keypoints and descriptors for
 * COLMAP's `feature_importer`, and all matches for its `matches_importer`.
 */
export function colmapZip(
  left: ColmapPhotograph,
  right: ColmapPhotograph,
  matches: Matches,
): Uint8Array<ArrayBuffer> {
  const [leftName, rightName] = colmapNames(left.name, right.name);
  const numbers = Uint32Array.from(
    { length: 2 * matches.left.length },
    (_, at) => (at % 2 === 0 ? matches.left : matches.right)[at >> 1],
  );
  return zipSync({
    [`${leftName}.txt`]: strToU8(colmapText(exchanged(left, leftName))),
    [`${rightName}.txt`]: strToU8(colmapText(exchanged(right, rightName))),
    "matches.txt": strToU8(rawMatches(leftName, rightName, numbers)),
  });
}

/** Names that differ, as they have to in a folder, and hold no blanks, which separate names in COLMAP's list of matches. */
export function colmapNames(left: string, right: string): [string, string] {
  const [a, b] = [left, right].map((name) => name.replaceAll(/\s/g, "_"));
  return [a, b === a ? `right-${b}` : b];
}

function exchanged(
  { width, height, orientation, keypoints, descriptors }: ColmapPhotograph,
  name: string,
): DescribedPhotograph {
  const rows = new Float64Array(keypoints.length * keypointFields);
  keypoints.forEach(({ x, y, sigma, angle, response }, number) => {
    rows.set([x, y, sigma, angle, response], number * keypointFields);
  });
  return {
    name,
    width,
    height,
    orientation,
    count: keypoints.length,
    keypoints: rows,
    descriptors,
    dimension: descriptorSize,
  };
}
