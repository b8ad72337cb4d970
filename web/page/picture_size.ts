import { placePair, type Size } from "./placement.ts";

/**
 * The size of a picture of two photographs that leaves nothing blank around them.
 *
 * @param widthPixels how wide it may be; as high it may be as two of half that width beside each other are
 * @param mostPixels longest side
 */
export function pictureSize(
  left: Size,
  right: Size,
  widthPixels: number,
  mostPixels: number,
): Size {
  const width = Math.min(widthPixels, mostPixels);
  const height = Math.min(
    width * Math.max(left.height / left.width, right.height / right.width) / 2,
    mostPixels,
  );
  const { left: a, right: b } = placePair(left, right, { width, height });
  // Where they lie beside each other, or one above the other, the right one ends last.
  return {
    width: Math.max(1, Math.round(Math.max(a.width, b.x + b.width - a.x))),
    height: Math.max(1, Math.round(Math.max(a.height, b.y + b.height - a.y))),
  };
}
