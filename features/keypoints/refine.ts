import { borderSamples, type ResponseStack } from "./extrema.ts";
import { responseLayers } from "./responses.ts";

/** Times that an extremum may move to a neighbouring sample; each is by at most one sample. */
export const mostMoves = 5;

/**
 * Samples, or layers, that an extremum may lie from its sample. More than a half, or one half way between two would be sent from each to
 * the other for ever.
 */
const farthestOffset = 0.6;

/** An extremum between the samples of an octave. */
export interface RefinedExtremum {
  /** The sample next to it. */
  sampleX: number;
  sampleY: number;
  layer: number;
  /** Its own place, in samples and layers. */
  x: number;
  y: number;
  scale: number;
  /** Value of the quadratic there. */
  response: number;
}

/**
 * The extremum of the quadratic through the 3×3×3 responses about a sample, walking to the neighbour that it lies closer to; undefined
 * when it leaves the octave or does not settle, and when the responses are as an edge's, `(a + b)²/(a·b) ≥ (r + 1)²/r` of the two
 * curvatures a and b.
 * @param edgeRatio r, the largest ratio of the two curvatures
 */
export function refineExtremum(
  stack: ResponseStack,
  octave: { width: number; height: number },
  sampleX: number,
  sampleY: number,
  layer: number,
  edgeRatio: number,
): RefinedExtremum | undefined {
  const { width, layers } = stack;
  for (let move = 0; move <= mostMoves; move++) {
    const at = (sampleY - stack.top) * width + sampleX - stack.left;
    const d = layers[layer];
    const below = layers[layer - 1];
    const above = layers[layer + 1];
    const centre = 2 * d[at];
    const gx = (d[at + 1] - d[at - 1]) / 2;
    const gy = (d[at + width] - d[at - width]) / 2;
    const gs = (above[at] - below[at]) / 2;
    const xx = d[at + 1] + d[at - 1] - centre;
    const yy = d[at + width] + d[at - width] - centre;
    const ss = above[at] + below[at] - centre;
    const xy = (d[at + width + 1] - d[at + width - 1] - d[at - width + 1] +
      d[at - width - 1]) / 4;
    const xs = (above[at + 1] - above[at - 1] - below[at + 1] + below[at - 1]) /
      4;
    const ys = (above[at + width] - above[at - width] - below[at + width] +
      below[at - width]) / 4;
    const minorX = yy * ss - ys * ys;
    const minorY = xs * ys - xy * ss;
    const minorS = xy * ys - yy * xs;
    const determinant = xx * minorX + xy * minorY + xs * minorS;
    const dx = -(gx * minorX + gy * minorY + gs * minorS) / determinant;
    const dy = -(gx * minorY + gy * (xx * ss - xs * xs) +
      gs * (xy * xs - xx * ys)) / determinant;
    const ds = -(gx * minorS + gy * (xy * xs - xx * ys) +
      gs * (xx * yy - xy * xy)) / determinant;
    if (!Number.isFinite(dx + dy + ds)) return undefined;
    const farthest = Math.max(Math.abs(dx), Math.abs(dy), Math.abs(ds));
    if (farthest <= farthestOffset) {
      const trace = xx + yy;
      const flat = xx * yy - xy * xy;
      if (!(trace * trace * edgeRatio < (edgeRatio + 1) ** 2 * flat)) {
        return undefined;
      }
      return {
        sampleX,
        sampleY,
        layer,
        x: sampleX + dx,
        y: sampleY + dy,
        scale: layer + ds,
        response: d[at] + (gx * dx + gy * dy + gs * ds) / 2,
      };
    }
    sampleX += stepTowards(dx);
    sampleY += stepTowards(dy);
    layer += stepTowards(ds);
    if (
      layer < 1 || layer >= responseLayers - 1 ||
      sampleX < borderSamples || sampleX >= octave.width - borderSamples ||
      sampleY < borderSamples || sampleY >= octave.height - borderSamples
    ) return undefined;
  }
  return undefined;
}

function stepTowards(offset: number): number {
  return offset > farthestOffset ? 1 : offset < -farthestOffset ? -1 : 0;
}
