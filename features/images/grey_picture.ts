import { FeatureError } from "../errors.ts";

/** A picture as one plane of grey values, nominally 0 … 255, row by row from the top left. */
export interface GreyPicture {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** Grey values, u8 or f32 [height, width]. */
  readonly pixels: Uint8Array | Float32Array;
}

/**
 * Passes a picture whose size and number of pixels agree.
 * @param attempt what the picture is for, after "Cannot"
 * @throws {FeatureError} when a side is not a positive integer, or there are more or fewer values than width · height
 */
export function checkPicture(picture: GreyPicture, attempt: string) {
  const { width, height, pixels } = (picture ?? {}) as Partial<GreyPicture>;
  const isSize = (side?: number) => Number.isSafeInteger(side) && side! > 0;
  if (!(pixels instanceof Uint8Array || pixels instanceof Float32Array)) {
    // A path, a canvas' ImageData, and what else callers without a compiler hand over.
    throw new FeatureError({
      attempt,
      where: "the picture",
      found: "no pixels as a Uint8Array or Float32Array",
      wanted: "{ width, height, pixels }, one grey value for each pixel",
    });
  }
  if (
    isSize(width) && isSize(height) && pixels.length === width! * height!
  ) return;
  throw new FeatureError({
    attempt,
    where: "the picture",
    found: `${pixels.length} values for ${width}×${height} pixels`,
    wanted: "one grey value for each pixel and at least one pixel",
  });
}
