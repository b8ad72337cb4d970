/**
 * Heights for labels that want to stand at given heights and must stay a distance apart: moved as little as the order
 * allows, from the top down and back up where the bottom is reached.
 *
 * @param wanted heights, any order
 * @param distance between two neighbours
 * @param bottom largest height allowed
 * @returns heights in the order of `wanted`
 */
export function spreadLabels(
  wanted: readonly number[],
  distance: number,
  bottom: number,
): number[] {
  const order = wanted.map((_, index) => index)
    .sort((a, b) => wanted[a] - wanted[b]);
  const placed = [...wanted];
  let least = -Infinity;
  for (const index of order) {
    placed[index] = Math.max(placed[index], least);
    least = placed[index] + distance;
  }
  let most = bottom;
  for (const index of order.toReversed()) {
    placed[index] = Math.min(placed[index], most);
    most = placed[index] - distance;
  }
  return placed;
}
