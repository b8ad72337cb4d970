import { join } from "@std/path";
import { decodeBmp } from "./bmp.ts";
import { DataError } from "./errors.ts";
import { PATCH_SIDE_PIXELS, PATCH_SIZE_BYTES } from "./packed_patches.ts";
import { PackedPatchesWriter } from "./packed_patches_writer.ts";

/** Name of the match file that FPR95 is measured on. */
export const MATCH_FILE = "m50_100000_100000_0.txt";

const SHEET_SIDE_PIXELS = 1024;
const PATCHES_A_ROW = SHEET_SIDE_PIXELS / PATCH_SIDE_PIXELS;
const PATCHES_A_SHEET = PATCHES_A_ROW * PATCHES_A_ROW;

/**
 * Packs an unpacked PhotoTour set: `info.txt` (a line a patch, first column the 3D point = label) and `patches0000.bmp` … (1024 × 1024,
 * 16 × 16 patches row by row; the last sheet is padded). One sheet is in memory at a time.
 * Source: the UBC/Brown patch data.
 * @throws DataError naming the file (and line) that is missing, malformed or of another size
 */
export async function packPhotoTour(
  directory: string,
  targetPath: string,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<{ patches: number; labels: number }> {
  const labels = await readInfo(join(directory, "info.txt"));
  using writer = await PackedPatchesWriter.create(targetPath);
  const patch = new Uint8Array(PATCH_SIZE_BYTES);
  for (
    let start = 0, sheet = 0;
    start < labels.length;
    start += PATCHES_A_SHEET, sheet++
  ) {
    const pixels = await readSheet(
      join(directory, `patches${String(sheet).padStart(4, "0")}.bmp`),
    );
    const end = Math.min(labels.length, start + PATCHES_A_SHEET);
    for (let index = start; index < end; index++) {
      copyPatch(pixels, index - start, patch);
      writer.append(patch, labels[index]);
    }
    onProgress(end, labels.length);
  }
  await writer.finish();
  return { patches: labels.length, labels: new Set(labels).size };
}

function copyPatch(sheet: Uint8Array, place: number, into: Uint8Array) {
  const left = (place % PATCHES_A_ROW) * PATCH_SIDE_PIXELS;
  const top = Math.floor(place / PATCHES_A_ROW) * PATCH_SIDE_PIXELS;
  for (let y = 0; y < PATCH_SIDE_PIXELS; y++) {
    const from = (top + y) * SHEET_SIDE_PIXELS + left;
    into.set(
      sheet.subarray(from, from + PATCH_SIDE_PIXELS),
      y * PATCH_SIDE_PIXELS,
    );
  }
}

async function readSheet(path: string): Promise<Uint8Array> {
  const { width, height, pixels } = decodeBmp(await readBytes(path), path);
  if (width !== SHEET_SIDE_PIXELS || height !== SHEET_SIDE_PIXELS) {
    throw malformed(path, `a sheet of ${width}×${height} pixels`, "1024×1024");
  }
  return pixels;
}

async function readInfo(path: string): Promise<Uint32Array> {
  return parseInfo(new TextDecoder().decode(await readBytes(path)), path);
}

/**
 * Labels out of `info.txt`: the first column of each line, an integer in [0, 2³²).
 * @throws DataError with file and line
 */
export function parseInfo(text: string, where: string): Uint32Array {
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  if (lines.length === 0) {
    throw malformed(where, "an empty file", "one patch a line");
  }
  return Uint32Array.from(lines, (line, number) => {
    const [column] = line.trim().split(/[ \t]+/, 1);
    const label = /^\d{1,10}$/.test(column) ? Number(column) : NaN;
    if (!(label <= 0xffffffff)) {
      throw malformed(
        `${where}:${number + 1}`,
        column === ""
          ? "an empty line"
          : `label ${JSON.stringify(column.slice(0, 40))}`,
        "an integer from 0 to 4294967295",
      );
    }
    return label;
  });
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw malformed(path, (error as Error).message, "a readable file");
  }
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
