import type { Keypoint } from "../../features/mod.ts";
import type { MethodResult, PatchPlace, Side } from "../messages.ts";
import { type Placement, pointIn, type Size } from "./placement.ts";

/** A photograph as the page knows it. */
export interface ShownPhotograph extends Size {
  /** number of its file */
  id: number;
  name: string;
  bitmap: ImageBitmap;
  /** found so far; none while the worker looks for them */
  keypoints: Keypoint[];
}

/** What is drawn on two photographs. */
export interface Scene {
  left: ShownPhotograph;
  right: ShownPhotograph;
  /** keypoints of each that count */
  counts: Record<Side, number>;
  result: MethodResult | undefined;
  showsKeypoints: boolean;
  /** whether matches that do not agree with the geometry are drawn too */
  showsOthers: boolean;
}

/** A match as it is drawn. */
export interface Line {
  /** number of the match */
  match: number;
  agrees: boolean;
  /** places before zooming */
  from: { x: number; y: number };
  to: { x: number; y: number };
  colour: string;
}

/** What the lines of matches that disagree are drawn in. */
const otherColour = "rgb(255 92 72 / 55%)";

/** The lines of a scene: first those that disagree, so that the others lie above them. */
export function linesOf(scene: Scene, placement: Placement): Line[] {
  const { result, left, right } = scene;
  if (result === undefined) return [];
  const { matches, geometry } = result;
  const agreeing = geometry.kind === "none"
    ? undefined
    : new Set(geometry.inliers);
  const lines: Line[] = [];
  const others: Line[] = [];
  matches.left.forEach((number, match) => {
    const agrees = agreeing === undefined || agreeing.has(match);
    if (!agrees && !scene.showsOthers) return;
    const a = left.keypoints[number];
    const b = right.keypoints[matches.right[match]];
    const line = {
      match,
      agrees,
      from: pointIn(placement.left, a.x, a.y),
      to: pointIn(placement.right, b.x, b.y),
      colour: agrees ? colourAt(a, left) : otherColour,
    };
    (agrees ? lines : others).push(line);
  });
  return [...others, ...lines];
}

/** Where the patches of a match are: in the photographs that are shown, which need not be those chosen last. */
export function patchPlaces(
  { left, right }: Pick<Scene, Side>,
  { matches }: MethodResult,
  match: number,
): [left: PatchPlace, right: PatchPlace] {
  return [
    { photograph: left.id, keypoint: matches.left[match] },
    { photograph: right.id, keypoint: matches.right[match] },
  ];
}

/** A colour that follows the place in the left photograph, so that lines which cross can be told apart. */
function colourAt({ x, y }: Keypoint, { width, height }: Size): string {
  const hue = Math.round(65 + 190 * (0.7 * x / width + 0.3 * y / height));
  return `oklch(0.84 0.15 ${hue})`;
}

/** The line nearest to a point, no farther than `reach`, by the screen's measure; the best match of equally near ones. */
export function nearestLine(
  lines: readonly Line[],
  point: { x: number; y: number },
  reach: number,
): Line | undefined {
  let best: Line | undefined;
  let bestDistance = reach;
  for (const line of lines) {
    const distance = distanceTo(line, point);
    if (distance <= bestDistance) {
      best = line;
      bestDistance = distance;
    }
  }
  return best;
}

function distanceTo(
  { from, to }: Line,
  { x, y }: { x: number; y: number },
): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy || 1;
  const share = ((x - from.x) * dx + (y - from.y) * dy) / length;
  const at = Math.min(1, Math.max(0, share));
  return Math.hypot(x - from.x - at * dx, y - from.y - at * dy);
}
