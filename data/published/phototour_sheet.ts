import { readBmpLayout } from "../images/bmp.ts";
import { DataError } from "../errors.ts";
import { patchSidePixels } from "../patches/packed_patches.ts";

const sheetSidePixels = 1024;
const patchesARow = sheetSidePixels / patchSidePixels;

/** Patches on a sheet; the last sheet of a set is padded. */
export const patchesASheet = patchesARow * patchesARow;

/** Name of a set's sheet number `index`. */
export function sheetName(index: number): string {
  return `patches${String(index).padStart(4, "0")}.bmp`;
}

/** One sheet of a PhotoTour set: 16 × 16 patches of 64 × 64 pixels, row by row. */
export interface PhototourSheet {
  /** Copies patch number `place`, 0 … 255, as u8 [64, 64] to the beginning of `into`. */
  copyPatch(place: number, into: Uint8Array): void;
}

/**
 * Reads a sheet: an uncompressed BMP of 1024 × 1024 pixels of 8 bits.
 * @param bytes the file; patches are copied straight out of it
 * @param where name of the file, for the message
 * @throws {DataError} when the file is damaged, of another size, or in colour
 */
export function readSheet(bytes: Uint8Array, where: string): PhototourSheet {
  const { width, height, bitsPerPixel, rowStart, levels } = readBmpLayout(
    bytes,
    where,
  );
  if (width !== sheetSidePixels || height !== sheetSidePixels) {
    throw malformed(where, `a sheet of ${width}×${height} pixels`, "1024×1024");
  }
  if (levels === undefined || bitsPerPixel !== 8) {
    throw malformed(
      where,
      `a sheet of ${bitsPerPixel} bits a pixel`,
      "8, a grey sheet",
    );
  }
  const isPlain = levels.every((level, index) => level === index);
  return {
    copyPatch(place, into) {
      const left = (place % patchesARow) * patchSidePixels;
      const top = Math.floor(place / patchesARow) * patchSidePixels;
      for (let y = 0; y < patchSidePixels; y++) {
        const from = rowStart(top + y) + left;
        const row = bytes.subarray(from, from + patchSidePixels);
        into.set(
          isPlain ? row : row.map((index) => levels[index]),
          y * patchSidePixels,
        );
      }
    },
  };
}

function malformed(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the PhotoTour set",
    where,
    found,
    wanted,
    remedy: "unpack the set's archive again",
  });
}
