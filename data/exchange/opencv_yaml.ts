import { toOpenCv } from "../../features/conventions/opencv.ts";
import type { DescribedPhotograph } from "./described_photograph.ts";
import { keypointsOf } from "./keypoint_rows.ts";
import { singleText } from "./single_text.ts";

/** OpenCV writes lines of about this many characters. */
const lineCharacters = 76;

/**
 * What OpenCV's `FileStorage` reads of a photograph, YAML: `image_size` (width, height), `keypoints` as OpenCV's own `write` lists them
 * (seven numbers each: x, y, size, angle, response, octave, class_id), `descriptors` as a matrix of floats [count, dimension].
 */
export function openCvYaml(photograph: DescribedPhotograph): string {
  const { width, height, count, dimension, descriptors } = photograph;
  const keypoints: string[] = [];
  for (const keypoint of keypointsOf(photograph)) {
    const { x, y, size, angle, response, octave, class_id } = toOpenCv(
      keypoint,
    );
    keypoints.push(
      ...[x, y, size, angle, response].map(realText),
      String(octave),
      String(class_id),
    );
  }
  const values = Array.from(descriptors, realText);
  return [
    "%YAML:1.0",
    "---",
    `image_size: [ ${width}, ${height} ]`,
    flowList("keypoints: ", keypoints, "   "),
    "descriptors: !!opencv-matrix",
    `   rows: ${count}`,
    `   cols: ${dimension}`,
    "   dt: f",
    flowList("   data: ", values, "       "),
    "",
  ].join("\n");
}

/** A number that reads as a real one: `3` is written `3.`. */
function realText(value: number): string {
  const text = singleText(value);
  return /[.e]/.test(text) ? text : `${text}.`;
}

/** `label[ a, b, … ]`, in lines that go on with `indent`. */
function flowList(
  label: string,
  items: readonly string[],
  indent: string,
): string {
  if (items.length === 0) return `${label}[ ]`;
  const lines: string[] = [];
  let line = `${label}[ `;
  items.forEach((item, index) => {
    if (line.length + item.length > lineCharacters) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += index === items.length - 1 ? `${item} ]` : `${item}, `;
  });
  return [...lines, line].join("\n");
}
