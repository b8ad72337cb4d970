import { toColmapRow } from "../../features/conventions/colmap.ts";
import type { DescribedPhotograph } from "./described_photograph.ts";
import { keypointsOf } from "./keypoint_rows.ts";
import { pressDescriptors } from "./pressed_descriptors.ts";
import { asStored } from "./stored_picture.ts";
import { singleText } from "./single_text.ts";

/**
 * What COLMAP's `feature_importer` reads of a photograph, `NAME.jpg.txt`: `COUNT DIMENSION`, then for each keypoint `X Y SCALE ORIENTATION`
 * and its descriptor as whole numbers 0 … 255.
 */
export function colmapText(upright: DescribedPhotograph): string {
  const photograph = asStored(upright);
  const { count, dimension, descriptors } = photograph;
  const pressed = pressDescriptors(descriptors, dimension);
  const lines = [`${count} ${dimension}`];
  for (const keypoint of keypointsOf(photograph)) {
    const place = toColmapRow(keypoint).map(singleText).join(" ");
    const start = (lines.length - 1) * dimension;
    const values = pressed.subarray(start, start + dimension).join(" ");
    lines.push(`${place} ${values}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * A pair in the list of matches that COLMAP's `matches_importer` reads: both names, a line for each match, an empty line.
 *
 * @param matches u32 [matches, 2]
 */
export function rawMatches(
  left: string,
  right: string,
  matches: Uint32Array,
): string {
  let text = `${left} ${right}\n`;
  for (let at = 0; at < matches.length; at += 2) {
    text += `${matches[at]} ${matches[at + 1]}\n`;
  }
  return `${text}\n`;
}
