import { type GreyImage, luma } from "./grey_image.ts";

/** How many pixels across and down share one sample of a component. */
export interface ChromaStep {
  x: number;
  y: number;
}

/** Below this many samples a row libjpeg repeats them instead of blending. */
const leastBlendedColumns = 3;

/** One component of an interleaved picture in which every sample is repeated at the pixels that share it. */
interface Component {
  data: Uint8Array;
  channel: number;
  width: number;
  height: number;
  step: ChromaStep;
}

/**
 * Grey plane of luma and chroma, u8 [height, width, 3], whose chroma was stored at a lower resolution and repeated: neighbouring
 * samples are blended 3 to 1 first, as libjpeg does, so that no colour is cut off at 0 or 255 that is not cut off elsewhere.
 * Source: jdsample.c of libjpeg-turbo (h2v1, h1v2 and h2v2 "fancy" upsampling); other steps are repeated there as well.
 */
export function greyOfSubsampled(
  data: Uint8Array,
  width: number,
  height: number,
  steps: readonly [blue: ChromaStep, red: ChromaStep],
): GreyImage {
  const pixels = new Uint8Array(width * height);
  const [blue, red] = steps.map((step, i) => ({
    ...{ data, width, height, step },
    channel: i + 1,
  }));
  const blueRow = new Uint8Array(width);
  const redRow = new Uint8Array(width);
  for (let y = 0, at = 0; y < height; y++) {
    chromaRow(blue, y, blueRow);
    chromaRow(red, y, redRow);
    for (let x = 0; x < width; x++, at++) {
      const light = data[3 * at];
      const cb = blueRow[x] - 128;
      const cr = redRow[x] - 128;
      pixels[at] = luma(
        level(light + 1.402 * cr),
        level(light - 0.3441363 * cb - 0.71413636 * cr),
        level(light + 1.772 * cb),
      );
    }
  }
  return { width, height, pixels };
}

function level(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

/** One row of a component at full resolution. */
function chromaRow(component: Component, y: number, row: Uint8Array): void {
  const { data, channel, width, height, step } = component;
  const columns = Math.ceil(width / step.x);
  if (!isBlended(step, columns)) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      row[x] = data[3 * at + channel];
    }
    return;
  }
  const isUpper = y % 2 === 0;
  const own = Math.floor(y / step.y);
  const lastRow = Math.ceil(height / step.y) - 1;
  const other = step.y === 1
    ? own
    : Math.max(0, Math.min(lastRow, isUpper ? own - 1 : own + 1));
  const ownStart = own * step.y * width * 3 + channel;
  const otherStart = other * step.y * width * 3 + channel;
  const blendedDown = (column: number) => {
    const at = 3 * column * step.x;
    return step.y === 1
      ? data[ownStart + at]
      : 3 * data[ownStart + at] + data[otherStart + at];
  };
  if (step.x === 1) {
    const rounding = isUpper ? 1 : 2;
    for (let x = 0; x < width; x++) row[x] = (blendedDown(x) + rounding) >> 2;
    return;
  }
  const [shift, leftRounding, rightRounding] = step.y === 2
    ? [4, 8, 7]
    : [2, 1, 2];
  let before = blendedDown(0);
  let here = before;
  for (let column = 0; column < columns; column++) {
    const after = column + 1 < columns ? blendedDown(column + 1) : here;
    const x = 2 * column;
    row[x] = (3 * here + before + leftRounding) >> shift;
    // Where the width is odd, nothing stands to the right of the last sample.
    if (x + 1 < width) row[x + 1] = (3 * here + after + rightRounding) >> shift;
    before = here;
    here = after;
  }
}

function isBlended(step: ChromaStep, columns: number): boolean {
  if (step.x === 1) return step.y === 2;
  return step.x === 2 && (step.y === 1 || step.y === 2) &&
    columns >= leastBlendedColumns;
}
