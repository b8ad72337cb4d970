import { RandomStream } from "../../../data/random.ts";
import { encodeGreyBmp } from "./test_images.ts";
import { ZipFile } from "./zip_file.ts";

const sheetSide = 1024;
const patchesASheet = 256;
const pairs = 200_000;

/** Rows of 64 pixels that patches are put together of: smooth, so that archives are as small as they are of photographs. */
const rows = makeRows();

function makeRows(): Uint8Array[] {
  const stream = new RandomStream(211, "synthetic rows");
  return Array.from({ length: 512 }, () => {
    const row = new Uint8Array(64);
    let grey = stream.integer(256);
    for (let x = 0; x < 64; x++) {
      if (x % 8 === 0) grey = stream.integer(256);
      row[x] = grey + (stream.integer(16) === 0 ? 1 : 0);
    }
    return row;
  });
}

/** Row `y` of patch number `index`: no two patches of a set are alike. */
function rowOf(index: number, y: number): Uint8Array {
  const mixed = Math.imul(index * 64 + y + 1, 0x9e3779b1) >>> 0;
  return y < 4 ? rows[(index >> (7 * y)) & 127] : rows[mixed >>> 23];
}

/** Patch number `index` of every synthetic set, u8 [64, 64]. */
export function syntheticPatch(index: number): Uint8Array {
  const patch = new Uint8Array(64 * 64);
  for (let y = 0; y < 64; y++) patch.set(rowOf(index, y), 64 * y);
  return patch;
}

/** Its label: points have two, three and four patches in turn. */
export function syntheticLabel(index: number): number {
  const place = index % 9;
  return Math.floor(index / 9) * 3 + (place < 2 ? 0 : place < 5 ? 1 : 2);
}

/** Sheet number `index` of a set of so many patches, as a BMP file; the last one is padded. */
function syntheticSheet(index: number, patches: number): Uint8Array {
  const pixels = new Uint8Array(sheetSide * sheetSide);
  const first = index * patchesASheet;
  const count = Math.min(patchesASheet, patches - first);
  for (let place = 0; place < count; place++) {
    const corner = (place >> 4) * 64 * sheetSide + (place & 15) * 64;
    for (let y = 0; y < 64; y++) {
      pixels.set(rowOf(first + place, y), corner + y * sheetSide);
    }
  }
  return encodeGreyBmp({ width: sheetSide, height: sheetSide, pixels });
}

/** `info.txt` of a set of so many patches. */
function syntheticInfo(patches: number): Uint8Array {
  const lines = Array.from(
    { length: patches },
    (_, index) => `${syntheticLabel(index)} ${index % 50}\n`,
  );
  return new TextEncoder().encode(lines.join(""));
}

/** Its match file: 200,000 pairs, every second of which matches. */
function syntheticPairs(patches: number): Uint8Array {
  const stream = new RandomStream(211, "synthetic pairs");
  const lines = Array.from({ length: pairs }, (_, pair) => {
    const first = stream.integer(Math.floor(patches / 9)) * 9;
    const second = pair % 2 === 0
      ? first + 1
      : (first + 9 + stream.integer(patches - 18)) % patches;
    const [a, b] = [first, second].map(syntheticLabel);
    return `${first} ${a} 0 ${second} ${b} 0\n`;
  });
  return new TextEncoder().encode(lines.join(""));
}

/**
 * Writes a PhotoTour-shaped set of any size as a zip, one sheet in memory at a time.
 *
 * @param stored re-packed: the same files, not compressed, in a folder
 */
export function writeSyntheticPhotoTour(
  path: string,
  patches: number,
  { stored = false } = {},
): void {
  using zip = new ZipFile(path, stored);
  const prefix = stored ? "set/" : "";
  for (let sheet = 0; sheet < Math.ceil(patches / patchesASheet); sheet++) {
    const name = `patches${String(sheet).padStart(4, "0")}.bmp`;
    zip.add(prefix + name, syntheticSheet(sheet, patches));
  }
  zip.add(`${prefix}info.txt`, syntheticInfo(patches));
  zip.add(`${prefix}m50_100000_100000_0.txt`, syntheticPairs(patches));
  zip.finish();
}
