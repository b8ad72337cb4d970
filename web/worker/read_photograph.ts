import { type GreyPicture, halvePicture } from "../../features/mod.ts";
import { DataError } from "../../data/errors.ts";
import {
  greyFromChannels,
  type GreyImage,
} from "../../data/images/grey_image.ts";
import { requireFewPixels } from "../../data/images/image_fault.ts";
import { decodeImage } from "../../data/images/decode_image.ts";

/** Longest side of a photograph as it is shown; zooming in shows no more. */
const mostShownPixels = 2400;

/**
 * Reads a photograph as grey: by this project's own readers, so that keypoints are those that the command line finds; where they do not
 * read the kind of file (WebP, AVIF, JPEG of four colours), by the browser's.
 *
 * @throws {DataError} when neither can
 */
export async function readPhotograph(
  file: Blob,
  name: string,
): Promise<GreyImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return decodeImage(bytes, name);
  } catch (error) {
    const isOther = error instanceof DataError &&
      error.found.endsWith("which is not supported");
    if (!isOther) throw error;
    const image = await readByBrowser(file, name);
    if (image === undefined) throw error;
    return image;
  }
}

/** The grey values at the largest size, of halves, quarters and so on, that a screen needs. */
export async function pictureToLookAt(image: GreyImage): Promise<ImageBitmap> {
  let grey: GreyPicture = image;
  while (Math.max(grey.width, grey.height) > mostShownPixels) {
    grey = halvePicture(grey);
  }
  const { width, height, pixels } = grey;
  const data = new Uint8ClampedArray(4 * pixels.length);
  pixels.forEach((value, at) => {
    data.fill(value, 4 * at, 4 * at + 3);
    data[4 * at + 3] = 255;
  });
  return await createImageBitmap(new ImageData(data, width, height));
}

/** The grey values of what the browser decodes; nothing when it does not. */
async function readByBrowser(
  file: Blob,
  name: string,
): Promise<GreyImage | undefined> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    return undefined;
  }
  const { width, height } = bitmap;
  requireFewPixels(width, height, name);
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (context === null) return undefined;
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return greyFromChannels(data, width, height, 4);
}
