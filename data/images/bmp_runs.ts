import { damagedImage } from "./image_fault.ts";

const endOfLine = 0;
const endOfPicture = 1;
const moveEscape = 2;

/**
 * Spreads the runs of a compressed BMP (RLE8, RLE4) to one palette index a pixel, rows from the bottom up as they stand. Pixels that
 * no run reaches stay 0. What would lie beyond an edge is passed over.
 *
 * @param bits of an index, 8 or 4
 * @throws {DataError} when the file ends before the picture does
 */
export function spreadRuns(
  bytes: Uint8Array,
  start: number,
  bits: number,
  { width, height }: { width: number; height: number },
  where: string,
): Uint8Array {
  const indices = new Uint8Array(width * height);
  let x = 0;
  let y = 0;
  let at = start;
  const put = (index: number) => {
    if (x < width && y < height) indices[y * width + x] = index;
    x++;
  };
  const indexIn = (first: number, number: number) => {
    if (bits === 8) return bytes[first + number];
    const byte = bytes[first + (number >> 1)];
    return number % 2 === 0 ? byte >> 4 : byte & 15;
  };
  const need = (count: number) => {
    if (at + count <= bytes.length) return;
    throw damagedImage(
      where,
      "a truncated BMP (its runs end before the picture)",
      "a whole BMP",
    );
  };
  while (y < height) {
    need(2);
    const count = bytes[at];
    const code = bytes[at + 1];
    if (count > 0) {
      for (let i = 0; i < count; i++) {
        put(indexIn(at + 1, bits === 8 ? 0 : i % 2));
      }
      at += 2;
      continue;
    }
    at += 2;
    if (code === endOfLine) {
      x = 0;
      y++;
    } else if (code === endOfPicture) {
      break;
    } else if (code === moveEscape) {
      need(2);
      x += bytes[at];
      y += bytes[at + 1];
      at += 2;
    } else {
      const runBytes = Math.ceil(code * bits / 8);
      need(runBytes);
      for (let i = 0; i < code; i++) put(indexIn(at, i));
      at += runBytes + runBytes % 2;
    }
  }
  return indices;
}
