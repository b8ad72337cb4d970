import { join } from "@std/path";
import { DataError, fileFault } from "../errors.ts";
import { countLines, textLines } from "../text_lines.ts";
import { patchSizeBytes } from "../patches/packed_patches.ts";
import { PackedPatchesWriter } from "../patches/packed_patches_writer.ts";
import { patchesASheet, readSheet, sheetName } from "./phototour_sheet.ts";

/** Name of the match file that FPR95 is measured on. */
export const matchFileName = "m50_100000_100000_0.txt";

/** Patches in each published set. Source: the UBC/Brown patch data. */
export const publishedPatchCounts: Readonly<Record<string, number>> = {
  liberty: 450_092,
  notredame: 468_159,
  yosemite: 633_587,
  liberty_harris: 379_587,
  notredame_harris: 325_295,
  yosemite_harris: 450_912,
};

/** What a packed PhotoTour set holds. */
export interface PackedPhotoTour {
  /** [patches] the 3D point that each shows */
  labels: Uint32Array;
  labelCount: number;
}

/**
 * Packs an unpacked PhotoTour set: `info.txt` (a line a patch, first column the 3D point = label) and `patches0000.bmp` … (1024 × 1024,
 * 16 × 16 patches row by row; the last sheet is padded). One sheet is in memory at a time.
 * Source: the UBC/Brown patch data.
 * @param wantedCount patches that the set has to hold, when known; sheets and lines have to fit each other in any case
 * @throws {DataError} naming the file (and line) that is missing, malformed or of another size
 */
export async function packPhotoTour(
  directory: string,
  targetPath: string,
  wantedCount?: number,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<PackedPhotoTour> {
  const infoPath = join(directory, "info.txt");
  const info = new TextDecoder().decode(await readBytes(infoPath));
  const labels = parseInfo(info, infoPath);
  if (labels.length !== (wantedCount ?? labels.length)) {
    throw malformed(
      infoPath,
      `${labels.length} patches`,
      `${wantedCount}, as the set was published`,
      "unpack the set's archive again, or set download.partial_sets = true",
    );
  }
  await requireSheets(directory, labels.length);
  using writer = await PackedPatchesWriter.create(targetPath);
  const patch = new Uint8Array(patchSizeBytes);
  let file: Uint8Array | undefined;
  for (
    let start = 0, index = 0;
    start < labels.length;
    start += patchesASheet, index++
  ) {
    const path = join(directory, sheetName(index));
    file = await readBytes(path, file);
    const sheet = readSheet(file, path);
    const end = Math.min(labels.length, start + patchesASheet);
    for (let row = start; row < end; row++) {
      sheet.copyPatch(row - start, patch);
      writer.append(patch, labels[row]);
    }
    onProgress(end, labels.length);
  }
  await writer.finish();
  return { labels, labelCount: new Set(labels).size };
}

/** Refuses a folder whose sheets are not those that so many patches fill: some missing, or more than info.txt has lines for. */
async function requireSheets(
  directory: string,
  patches: number,
): Promise<void> {
  const wanted = Math.ceil(patches / patchesASheet);
  const present = new Set<string>();
  for await (const { name } of Deno.readDir(directory)) {
    if (/^patches\d{4}\.bmp$/.test(name)) present.add(name);
  }
  const missing: string[] = [];
  for (let index = 0; index < wanted; index++) {
    if (!present.has(sheetName(index))) missing.push(sheetName(index));
  }
  if (missing.length === 0 && present.size === wanted) return;
  const shown = missing.slice(0, 3).join(", ") +
    (missing.length > 3 ? " …" : "");
  throw malformed(
    directory,
    missing.length > 0
      ? `${missing.length} of ${wanted} sheets missing (${shown})`
      : `${present.size} sheets`,
    `${wanted} sheets for the ${patches} patches of info.txt`,
  );
}

/**
 * Labels out of `info.txt`: the first of the two columns of each line, an integer in [0, 2³²).
 * @throws {DataError} with file and line
 */
export function parseInfo(text: string, where: string): Uint32Array {
  const labels = new Uint32Array(countLines(text));
  if (labels.length === 0) {
    throw malformed(where, "an empty file", "one patch a line");
  }
  let number = 0;
  for (const line of textLines(text)) {
    const [column, second] = line.trim().split(/[ \t]+/, 2);
    const place = `${where}:${number + 1}`;
    const label = /^\d{1,10}$/.test(column) ? Number(column) : NaN;
    if (!(label <= 0xffffffff)) {
      throw malformed(
        place,
        column === ""
          ? "an empty line"
          : `label ${JSON.stringify(column.slice(0, 40))}`,
        "an integer from 0 to 4294967295",
      );
    }
    // A line that was cut off would pass for one with a shorter label.
    if (second === undefined) {
      throw malformed(place, "1 column", "2: label image");
    }
    labels[number++] = label;
  }
  return labels;
}

/**
 * The bytes of a file.
 * @param room is used again when the file fills it exactly, so that thousands of sheets take the memory of one
 */
async function readBytes(
  path: string,
  room?: Uint8Array,
): Promise<Uint8Array> {
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const bytes = room?.length === size ? room : new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const got = await file.read(bytes.subarray(length));
      if (got === null) break;
      length += got;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    throw malformed(path, fileFault(error), "a readable file");
  }
}

function malformed(
  where: string,
  found: string,
  wanted: string,
  remedy = "unpack the set's archive again",
): DataError {
  return new DataError({
    attempt: "read the PhotoTour set",
    where,
    found,
    wanted,
    remedy,
  });
}
