import type { Keypoint } from "../../features/mod.ts";
import { type Place, type Placement, pointIn } from "./placement.ts";
import type { Line, Scene, ShownPhotograph } from "./scene.ts";

/** What a drawing is made on; a page's canvas and one of its own alike. */
export type Context =
  | CanvasRenderingContext2D
  | OffscreenCanvasRenderingContext2D;

/**
 * Draws two photographs, their keypoints and the lines of their matches.
 *
 * @param context scaled so that the placement's pixels are its own, enlarged by `zoom`
 * @param chosen the match that stands out; the others step back
 */
export function drawScene(
  context: Context,
  scene: Scene,
  placement: Placement,
  lines: readonly Line[],
  { zoom, chosen }: { zoom: number; chosen?: number | undefined },
): void {
  const sides = [
    [scene.left, placement.left, scene.counts.left],
    [scene.right, placement.right, scene.counts.right],
  ] as const;
  context.imageSmoothingEnabled = zoom < 4;
  context.imageSmoothingQuality = "high";
  for (const [photograph, place, count] of sides) {
    drawPhotograph(context, photograph, place);
    if (scene.showsKeypoints) {
      drawKeypoints(context, photograph.keypoints.slice(0, count), place, zoom);
    }
  }
  context.globalAlpha = chosen === undefined ? lineAlpha(lines.length) : 0.18;
  context.lineWidth = 1.25 / zoom;
  for (const line of lines) drawLine(context, line, zoom);
  const standing = lines.find(({ match }) => match === chosen);
  if (standing !== undefined) {
    drawChosen(context, standing, scene, placement, zoom);
  }
  context.globalAlpha = 1;
}

/** Many lines hide what they join. */
function lineAlpha(count: number): number {
  return Math.max(0.35, Math.min(0.9, 18 / Math.sqrt(count + 1)));
}

function drawPhotograph(
  context: Context,
  { bitmap }: ShownPhotograph,
  { x, y, width, height }: Place,
): void {
  context.drawImage(bitmap, x, y, width, height);
}

function drawKeypoints(
  context: Context,
  keypoints: readonly Keypoint[],
  place: Place,
  zoom: number,
): void {
  context.strokeStyle = "rgb(255 214 90 / 75%)";
  context.lineWidth = 1 / zoom;
  context.beginPath();
  for (const { x, y, sigma } of keypoints) {
    const at = pointIn(place, x, y);
    const radius = Math.max(1.5 / zoom, 2 * sigma * place.scale);
    context.moveTo(at.x + radius, at.y);
    context.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  }
  context.stroke();
}

function drawLine(context: Context, { from, to, colour }: Line, zoom: number) {
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  context.stroke();
  for (const { x, y } of [from, to]) {
    context.fillRect(x - 1.5 / zoom, y - 1.5 / zoom, 3 / zoom, 3 / zoom);
  }
}

/** The chosen match, with the squares that were described. */
function drawChosen(
  context: Context,
  line: Line,
  { left, right, result }: Scene,
  placement: Placement,
  zoom: number,
): void {
  if (result === undefined) return;
  context.globalAlpha = 1;
  for (
    const [colour, width] of [["rgb(0 0 0 / 70%)", 5], ["white", 2]] as const
  ) {
    context.strokeStyle = colour;
    context.lineWidth = width / zoom;
    context.beginPath();
    context.moveTo(line.from.x, line.from.y);
    context.lineTo(line.to.x, line.to.y);
    const { matches } = result;
    square(context, left.keypoints[matches.left[line.match]], placement.left);
    square(
      context,
      right.keypoints[matches.right[line.match]],
      placement.right,
    );
    context.stroke();
  }
}

/** Half the side of a described square in units of its keypoint's sigma. */
const halfSideSigmas = 6;

function square(
  context: Context,
  { x, y, sigma, angle }: Keypoint,
  place: Place,
): void {
  const [cos, sin] = [
    halfSideSigmas * sigma * Math.cos(angle),
    halfSideSigmas * sigma * Math.sin(angle),
  ];
  const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([u, v]) =>
    pointIn(place, x + u * cos - v * sin, y + u * sin + v * cos)
  );
  corners.forEach((corner, at) => {
    if (at === 0) context.moveTo(corner.x, corner.y);
    else context.lineTo(corner.x, corner.y);
  });
  context.closePath();
}
