import { DataError } from "../errors.ts";

const attempt = "read the image";

/** Most pixels that an image may have: decoders need less than a gibibyte for it, that of JPEG up to four. */
export const mostPixels = 100_000_000;

/**
 * The error for bytes that are not what their format says: cut short, altered, contradictory.
 *
 * @param where name of the file
 */
export function damagedImage(
  where: string,
  found: string,
  wanted: string,
): DataError {
  return new DataError({
    attempt,
    where,
    found,
    wanted,
    remedy: "replace or remove the file",
  });
}

/** The error for a sound image of a kind that is not read here; the words never call it damaged. */
export function unsupportedImage(
  where: string,
  found: string,
  wanted: string,
): DataError {
  return new DataError({
    attempt,
    where,
    found: `${found}, which is not supported`,
    wanted,
    remedy: "convert or remove the file",
  });
}

/** The error for an image that would cost more memory than an image may. */
export function largeImage(
  where: string,
  found: string,
  wanted: string,
): DataError {
  return new DataError({
    attempt,
    where,
    found,
    wanted,
    remedy: "reduce or remove it",
  });
}

/** @throws {DataError} when an image has more than {@linkcode mostPixels} pixels, before anything is made for them */
export function requireFewPixels(
  width: number,
  height: number,
  where: string,
): void {
  if (width * height <= mostPixels) return;
  throw largeImage(
    where,
    `an image of ${width}×${height} pixels`,
    `at most ${mostPixels / 1e6} million pixels`,
  );
}
