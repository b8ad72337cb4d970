import { join } from "@std/path";
import type { GreyImage } from "../../../data/images/grey_image.ts";
import { encodePng } from "../../../data/images/png.ts";
import { RandomStream } from "../../../data/random.ts";

/** A made-up photograph: overlapping discs and bars of random grey, so that every place looks different. */
export function collage(
  width: number,
  height: number,
  seed: number,
): GreyImage {
  const pixels = new Uint8Array(width * height).fill(120);
  const stream = new RandomStream(seed, "collage");
  for (let shape = 0; shape < width * height / 150; shape++) {
    const x = stream.integer(width);
    const y = stream.integer(height);
    const radiusX = 2 + stream.integer(14);
    const radiusY = 2 + stream.integer(14);
    const grey = stream.integer(256);
    const isDisc = stream.chance(0.6);
    for (let dy = -radiusY; dy <= radiusY; dy++) {
      for (let dx = -radiusX; dx <= radiusX; dx++) {
        if (isDisc && (dx / radiusX) ** 2 + (dy / radiusY) ** 2 > 1) continue;
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) {
          continue;
        }
        pixels[(y + dy) * width + x + dx] = grey;
      }
    }
  }
  return { width, height, pixels };
}

/** Writes collages as PNG files of these names into a folder. */
export async function writeCollages(
  folder: string,
  names: readonly string[],
  width = 320,
  height = 280,
): Promise<string[]> {
  const paths = names.map((name) => join(folder, name));
  for (let i = 0; i < paths.length; i++) {
    await Deno.writeFile(paths[i], encodePng(collage(width, height, i)));
  }
  return paths;
}

/** An uncompressed BMP of 8 bits with a grey palette, as PhotoTour's sheets are. */
export function encodeGreyBmp(image: GreyImage): Uint8Array {
  const { width, height, pixels } = image;
  const rowBytes = (width + 3) & ~3;
  const offset = 54 + 1024;
  const bytes = new Uint8Array(offset + rowBytes * height);
  const view = new DataView(bytes.buffer);
  bytes.set([66, 77]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, offset, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  for (let i = 0; i < 256; i++) bytes.fill(i, 54 + 4 * i, 54 + 4 * i + 3);
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width, (y + 1) * width);
    bytes.set(row, offset + (height - 1 - y) * rowBytes);
  }
  return bytes;
}

/** Correlation of two arrays of grey values: 1 for the same picture up to gain and bias. */
export function correlation(a: Uint8Array, b: Uint8Array): number {
  const mean = (values: Uint8Array) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanA = mean(a);
  const meanB = mean(b);
  let product = 0, squaresA = 0, squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    product += (a[i] - meanA) * (b[i] - meanB);
    squaresA += (a[i] - meanA) ** 2;
    squaresB += (b[i] - meanB) ** 2;
  }
  return product / Math.sqrt(squaresA * squaresB || 1);
}
