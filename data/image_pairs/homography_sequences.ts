import { join } from "@std/path";
import { isByProduct } from "../by_products.ts";
import { DataError, fileFault } from "../errors.ts";
import { imageExtensions } from "../images/decode_image.ts";
import { readLines } from "./read_lines.ts";
import type { ImagePair, ImagePairSet } from "./image_pairs.ts";

const attempt = "read the image pairs";

/** Nine numbers take two hundred bytes. */
const mostHomographyBytes = 1 << 16;

/** Name of an image by its number, `1.ppm` in HPatches, `img1.ppm` in Oxford's sequences. */
const imageName = /^(?:img)?(\d+)(\.\w+)$/;

/** Name of the file that holds the homography from image 1 to another, `H_1_2` in HPatches, `H1to2p` in Oxford's sequences. */
const homographyName = /^H(?:_1_(\d+)|1to(\d+)p)$/;

/**
 * Reads sequences of images of one plane each: folders with `1.EXT`, `2.EXT` … and `H_1_2` …, nine numbers each (HPatches), or
 * `img1.EXT` … and `H1to2p` … (Oxford). Image 1 makes a pair with each of the others.
 *
 * @param directory one such folder, or a folder of them; what is none of them in it is passed over
 * @returns sequences sorted by name, undefined when there is none
 * @throws {DataError} when a sequence lacks an image or a homography, or a homography is none
 */
export async function readHomographySequences(
  directory: string,
): Promise<ImagePairSet | undefined> {
  const set: ImagePairSet = {
    kind: "homography",
    images: [],
    pairs: [],
    truthFiles: [],
  };
  const names = entriesOf(directory).filter(({ isFile }) => !isFile)
    .map(({ name }) => name).sort();
  await addSequence(set, directory, ".");
  for (const name of names) {
    await addSequence(set, join(directory, name), name);
  }
  return set.pairs.length === 0 ? undefined : set;
}

async function addSequence(
  set: ImagePairSet,
  folder: string,
  sequence: string,
): Promise<void> {
  const images = new Map<number, string>();
  const homographies = new Map<number, string>();
  for (const { name } of entriesOf(folder)) {
    const image = imageName.exec(name);
    if (image !== null && imageExtensions.includes(image[2].toLowerCase())) {
      images.set(Number(image[1]), name);
    }
    const homography = homographyName.exec(name);
    if (homography !== null) {
      homographies.set(Number(homography[1] ?? homography[2]), name);
    }
  }
  if (homographies.size === 0) return;
  const path = (number: number) => {
    const name = images.get(number);
    if (name !== undefined) return join(folder, name);
    throw new DataError({
      attempt,
      where: folder,
      found: `no image ${number}`,
      wanted: `${number} with one of ${imageExtensions.join(", ")}`,
    });
  };
  const left = set.images.push(path(1)) - 1;
  for (const [number, name] of [...homographies].sort(([a], [b]) => a - b)) {
    const file = join(folder, name);
    const pair: ImagePair = {
      sequence,
      left,
      right: set.images.push(path(number)) - 1,
      truth: { kind: "homography", matrix: await readHomography(file) },
    };
    set.pairs.push(pair);
    set.truthFiles.push(file);
  }
}

/** Nine numbers, row by row. */
async function readHomography(path: string): Promise<Float64Array> {
  const lines = await readLines(path, attempt, mostHomographyBytes);
  const words = [...lines].join(" ").trim().split(/\s+/);
  const matrix = Float64Array.from(words, Number);
  const [a, b, c, d, e, f, g, h, i] = matrix;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) +
    c * (d * h - e * g);
  if (matrix.length === 9 && Number.isFinite(1 / determinant)) return matrix;
  throw new DataError({
    attempt,
    where: path,
    found: matrix.length === 9
      ? `a matrix of determinant ${determinant}`
      : `${matrix.length} numbers`,
    wanted: "nine numbers, a homography row by row",
  });
}

function entriesOf(folder: string): { name: string; isFile: boolean }[] {
  try {
    return [...Deno.readDirSync(folder)]
      .filter(({ name }) => !isByProduct(name))
      .map(({ name, isDirectory }) => ({ name, isFile: !isDirectory }));
  } catch (error) {
    throw new DataError({
      attempt,
      where: folder,
      found: fileFault(error),
      wanted: "a readable folder",
    });
  }
}
