import { basename, extname, join } from "@std/path";
import { isByProduct } from "../by_products.ts";
import { DataError, fileFault } from "../errors.ts";
import { imageExtensions } from "./decode_image.ts";

/** An image file and what other programs know it by. */
export interface ListedImage {
  /** path in the folder that was searched, `/`-separated; of a file that was named itself, its own name */
  name: string;
  /** path */
  path: string;
}

/** What was found under some paths. */
export interface ImageTree {
  /** sorted by name */
  images: ListedImage[];
  /** what else is in the folders, sorted: `notes.txt`, `more/` where it is a link to a folder; by-products of systems are not named */
  passedOver: string[];
}

/**
 * Lists images: files as they are named, folders with everything in them whose name ends as an image's does. Links to files are followed,
 * links to folders are not.
 *
 * @throws {DataError} when a path does not exist, two images would have one name, or there is none
 */
export async function listImages(
  paths: readonly string[],
): Promise<ImageTree> {
  const found: ImageTree = { images: [], passedOver: [] };
  for (const path of paths) {
    const info = await statOf(path);
    if (info.isDirectory) await searchFolder(path, "", found);
    else if (info.isFile) found.images.push({ name: basename(path), path });
    else {
      throw refusal(
        path,
        "a device or pipe",
        "a photograph or a folder of them",
        "check the path",
      );
    }
  }
  const { images, passedOver } = found;
  if (images.length === 0) {
    throw refusal(
      paths.join(", "),
      `no image (${imageExtensions.join(", ")})`,
      "at least one",
      "name folders or files that have some",
    );
  }
  images.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  requireOwnNames(images);
  return { images, passedOver: passedOver.sort() };
}

async function searchFolder(
  root: string,
  within: string,
  found: ImageTree,
): Promise<void> {
  const directory = join(root, within);
  const folders: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (isByProduct(entry.name)) continue;
      const name = within === "" ? entry.name : `${within}/${entry.name}`;
      const isImage = imageExtensions.includes(
        extname(entry.name).toLowerCase(),
      );
      const path = join(root, name);
      const kind = entry.isSymlink ? await kindBehind(path) : entry;
      if (entry.isDirectory) folders.push(name);
      else if (kind.isFile && isImage) found.images.push({ name, path });
      else found.passedOver.push(kind.isDirectory ? `${name}/` : name);
    }
  } catch (error) {
    throw refusal(
      directory,
      fileFault(error),
      "a readable folder",
      "change its permissions or name another",
    );
  }
  for (const folder of folders) await searchFolder(root, folder, found);
}

/** Refuses names that would be those of one file, or of a file and a folder, for whoever is told of them. */
function requireOwnNames(images: readonly ListedImage[]): void {
  const paths = new Map<string, string>();
  for (const { name, path } of images) {
    const other = paths.get(name);
    if (other !== undefined) {
      throw refusal(
        path,
        `the name ${name}, which ${other} has, too`,
        "names that differ",
        "name one folder that holds both",
      );
    }
    paths.set(name, path);
  }
  for (const { name, path } of images) {
    for (
      let end = name.indexOf("/");
      end > 0;
      end = name.indexOf("/", end + 1)
    ) {
      const other = paths.get(name.slice(0, end));
      if (other === undefined) continue;
      throw refusal(
        path,
        `a folder in its name that is the name of ${other}`,
        "names that differ",
        "rename one of them",
      );
    }
  }
}

async function statOf(path: string): Promise<Deno.FileInfo> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    throw refusal(
      path,
      fileFault(error),
      "a photograph or a folder of them",
      "check the path",
    );
  }
}

/** What a link leads to; neither file nor folder where it leads nowhere. */
async function kindBehind(
  path: string,
): Promise<{ isFile: boolean; isDirectory: boolean }> {
  try {
    return await Deno.stat(path);
  } catch {
    return { isFile: false, isDirectory: false };
  }
}

function refusal(
  where: string,
  found: string,
  wanted: string,
  remedy: string,
): DataError {
  return new DataError({
    attempt: "list the photographs",
    where,
    found,
    wanted,
    remedy,
  });
}
