import type { Keypoint } from "../../features/keypoint.ts";
import {
  type DescribedPhotograph,
  keypointFields,
} from "./described_photograph.ts";

/** A photograph's keypoints, one after the other. */
export function* keypointsOf(
  { keypoints }: DescribedPhotograph,
): Generator<Keypoint> {
  for (let at = 0; at < keypoints.length; at += keypointFields) {
    yield {
      x: keypoints[at],
      y: keypoints[at + 1],
      sigma: keypoints[at + 2],
      angle: keypoints[at + 3],
      response: keypoints[at + 4],
    };
  }
}

/** f32 [count, width]: what another program says for each keypoint. */
export function keypointRows(
  photograph: DescribedPhotograph,
  width: number,
  convert: (keypoint: Keypoint) => readonly number[],
): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(photograph.count * width);
  let at = 0;
  for (const keypoint of keypointsOf(photograph)) {
    rows.set(convert(keypoint), at);
    at += width;
  }
  return rows;
}
