import { applyTo, type Homography } from "../geometry/homography.ts";
import type { Rectangle } from "../images/plane_window.ts";

const corners = [[-1, -1], [-1, 1], [1, -1], [1, 1]] as const;

/**
 * The pixels of a picture that samples inside regions lie next to; the whole picture where a region reaches to infinity.
 * @param maps from the square [−1, 1]² to pixels of the picture
 */
export function surroundings(
  maps: readonly Homography[],
  { width, height }: { width: number; height: number },
): Rectangle {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const map of maps) {
    for (const [u, v] of corners) {
      if (!(map[6] * u + map[7] * v + map[8] > 0)) {
        return { left: 0, top: 0, width, height };
      }
      const { x, y } = applyTo(map, u, v);
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x);
      bottom = Math.max(bottom, y);
    }
  }
  const within = (value: number, size: number) =>
    Math.min(size - 1, Math.max(0, Math.floor(value)));
  left = within(left, width);
  top = within(top, height);
  right = within(right + 1, width);
  bottom = within(bottom + 1, height);
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}
