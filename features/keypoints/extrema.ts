import type { Rectangle } from "../images/plane_window.ts";
import { responseLayers } from "./responses.ts";

/** Keypoints keep this many samples from an octave's border, where the blur knows the picture from one side only. */
export const borderSamples = 5;

/** The responses of one octave around a tile. */
export interface ResponseStack extends Rectangle {
  /** Response layers 0 … 4, f32 [height, width] each. */
  layers: Float32Array[];
}

/**
 * Calls back at every sample of the tile whose response, in a layer that has one before and after, is larger than those of its 26
 * neighbours (or smaller, where minima count) and at least `least` in magnitude. Of equal neighbours the first in order of layer, row
 * and column counts.
 */
export function findExtrema(
  stack: ResponseStack,
  tile: Rectangle,
  octave: { width: number; height: number },
  least: number,
  minima: boolean,
  found: (x: number, y: number, layer: number) => void,
) {
  const { width } = stack;
  const firstX = Math.max(borderSamples, tile.left);
  const firstY = Math.max(borderSamples, tile.top);
  const endX = Math.min(octave.width - borderSamples, tile.left + tile.width);
  const endY = Math.min(octave.height - borderSamples, tile.top + tile.height);
  for (let layer = 1; layer < responseLayers - 1; layer++) {
    const [below, same, above] = stack.layers.slice(layer - 1, layer + 2);
    for (let y = firstY; y < endY; y++) {
      let at = (y - stack.top) * width + firstX - stack.left;
      for (let x = firstX; x < endX; x++, at++) {
        const value = same[at];
        if (value >= least) {
          if (
            isMaximum(value, same, at, width, 0) &&
            isMaximum(value, below, at, width, -1) &&
            isMaximum(value, above, at, width, 1)
          ) found(x, y, layer);
        } else if (
          minima && value <= -least &&
          isMinimum(value, same, at, width, 0) &&
          isMinimum(value, below, at, width, -1) &&
          isMinimum(value, above, at, width, 1)
        ) found(x, y, layer);
      }
    }
  }
}

/** Whether a value exceeds its neighbours in a layer; those that come later in order (`side` 1, or the later half of its own) may equal it. */
function isMaximum(
  value: number,
  layer: Float32Array,
  at: number,
  width: number,
  side: number,
): boolean {
  const up = at - width;
  const down = at + width;
  if (side === 0) {
    return value >= layer[at + 1] && value > layer[at - 1] &&
      value >= layer[down] && value > layer[up] &&
      value >= layer[down - 1] && value >= layer[down + 1] &&
      value > layer[up - 1] && value > layer[up + 1];
  }
  const largest = Math.max(
    layer[at],
    layer[at - 1],
    layer[at + 1],
    layer[up],
    layer[up - 1],
    layer[up + 1],
    layer[down],
    layer[down - 1],
    layer[down + 1],
  );
  return side < 0 ? value > largest : value >= largest;
}

function isMinimum(
  value: number,
  layer: Float32Array,
  at: number,
  width: number,
  side: number,
): boolean {
  const up = at - width;
  const down = at + width;
  if (side === 0) {
    return value <= layer[at + 1] && value < layer[at - 1] &&
      value <= layer[down] && value < layer[up] &&
      value <= layer[down - 1] && value <= layer[down + 1] &&
      value < layer[up - 1] && value < layer[up + 1];
  }
  const smallest = Math.min(
    layer[at],
    layer[at - 1],
    layer[at + 1],
    layer[up],
    layer[up - 1],
    layer[up + 1],
    layer[down],
    layer[down - 1],
    layer[down + 1],
  );
  return side < 0 ? value < smallest : value <= smallest;
}
