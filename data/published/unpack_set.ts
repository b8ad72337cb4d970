import { createHash } from "node:crypto";
import { dirname, join } from "@std/path";
import { isByProduct } from "../by_products.ts";
import { openArchive } from "../archives/open_archive.ts";
import { ContentsDigest } from "./contents_digest.ts";
import { DataError, fileFault } from "../errors.ts";
import { leadsToFolder } from "../link_targets.ts";
import { patchTypes } from "../patches/hpatches_layout.ts";
import { matchFileName } from "./phototour.ts";

/** What belongs to a set, by paths relative to its root folder, wherever in an archive that lies. */
interface SetShape {
  /** a file that every copy has; the rest of its path leads to the root */
  anchor: RegExp;
  /** what such a file is called */
  example: string;
  wanted(path: string): boolean;
}

const strip = new RegExp(`^[iv]_[^/]+/(${patchTypes.join("|")})\\.png$`);

const shapes: Record<"hpatches" | "tasks" | "phototour", SetShape> = {
  phototour: {
    anchor: /^(.*\/)?info\.txt$/,
    example: "info.txt",
    wanted: (path) =>
      /^(patches\d{4}\.bmp|info\.txt)$/.test(path) || path === matchFileName,
  },
  hpatches: {
    anchor: /^(.*\/)?[iv]_[^/]+\/ref\.png$/,
    example: "i_dome/ref.png",
    wanted: (path) => strip.test(path),
  },
  tasks: {
    anchor: /^(.*\/)?splits\/splits\.json$/,
    example: "splits/splits.json",
    wanted: (path) => /^([^/]+\.csv|splits\/splits\.json)$/.test(path),
  },
};

/** Files of a set within an archive or folder. */
export interface Selection {
  /** of the whole path, "" or ending in `/` */
  root: string;
  /** whole paths */
  names: string[];
  /** what else is there, sorted: files, and folders that hold nothing of the set */
  passedOver: string[];
}

/**
 * Chooses the files of a set out of all paths of an archive or folder, so that what else was packed, and in which folder,
 * makes no difference.
 *
 * @param set `liberty`, `hpatches`, `tasks` …
 * @throws {DataError} when the set is not there, or there twice
 */
export function selectSet(
  set: string,
  paths: readonly string[],
  where: string,
): Selection {
  const shape = set === "hpatches" || set === "tasks"
    ? shapes[set]
    : shapes.phototour;
  const roots = new Set<string>();
  for (const path of paths) {
    const match = shape.anchor.exec(path);
    if (match !== null && !isByProduct(path)) {
      roots.add(match[1] ?? "");
    }
  }
  if (roots.size !== 1) {
    throw new DataError({
      attempt: "find the data set",
      where,
      found: roots.size === 0
        ? `no file like ${shape.example}`
        : `several sets (in ${
          [...roots].sort().slice(0, 3).map((root) => JSON.stringify(root))
            .join(", ")
        })`,
      wanted: `the files of ${set}`,
      remedy: "fetch it from elsewhere",
    });
  }
  const [root] = roots;
  const names = paths.filter((path) =>
    path.startsWith(root) && !isByProduct(path) &&
    shape.wanted(path.slice(root.length))
  );
  return {
    root,
    names: names.sort(),
    passedOver: without(
      paths.filter((path) => !isByProduct(path) && !path.endsWith("/")),
      names,
    ),
  };
}

/** The paths that are not among `names`, sorted; those of a folder without any of `names` as `folder/`. */
function without(paths: readonly string[], names: readonly string[]): string[] {
  const taken = new Set(names);
  const folders = new Set(names.flatMap(foldersOf));
  const rest = paths.filter((path) => !taken.has(path)).map((path) =>
    foldersOf(path).find((folder) => !folders.has(folder)) ?? path
  );
  return [...new Set(rest)].sort();
}

/** `a/`, `a/b/` of `a/b/c`. */
function foldersOf(path: string): string[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1));
}

/** How a set is unpacked. */
export interface UnpackOptions {
  /** told after each file */
  onFile(done: number, total: number): void;
  /** told what else is in the archive, when something is */
  onPassedOver(names: readonly string[]): void;
  signal: AbortSignal;
}

/**
 * Unpacks the files of a set into an empty or missing folder. What was there is removed first; after a failure nothing is left.
 *
 * @returns the contents digest
 * @throws {DataError} when the archive is damaged, refused or holds something else
 */
export async function unpackSet(
  set: string,
  archivePath: string,
  directory: string,
  { onFile, onPassedOver, signal }: UnpackOptions,
): Promise<string> {
  await removeFolder(directory);
  try {
    using archive = await openArchive(archivePath);
    const paths = archive.entries.map(({ name }) => name);
    const { root, names, passedOver } = selectSet(set, paths, archivePath);
    if (passedOver.length > 0) onPassedOver(passedOver);
    const contents = new ContentsDigest();
    let done = 0;
    for await (const { name, bytes } of archive.read(new Set(names))) {
      const relative = name.slice(root.length);
      const target = join(directory, relative);
      await Deno.mkdir(dirname(target), { recursive: true });
      contents.add(relative, await writeHashed(target, bytes, signal));
      onFile(++done, names.length);
    }
    return contents.digest();
  } catch (error) {
    await removeFolder(directory);
    throw error;
  }
}

/** Removes a folder with all that is in it, if it is there. */
export async function removeFolder(directory: string): Promise<void> {
  try {
    await Deno.remove(directory, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * The files of a set that lies unpacked in a folder, and what else is there, relative to it, sorted.
 * @throws {DataError} when it is not there
 */
export function listSetFiles(
  set: string,
  path: string,
): Pick<Selection, "names" | "passedOver"> {
  const { root, names, passedOver } = selectSet(set, listFiles(path), path);
  if (root !== "") {
    throw new DataError({
      attempt: "find the data set",
      where: path,
      found: `it in the folder ${JSON.stringify(root)}`,
      wanted: "its files without a folder around them",
      remedy: "move them up",
    });
  }
  return { names, passedOver };
}

/**
 * Every file below a folder, `/`-separated, by-products of systems left out; a link that leads nowhere counts as a file.
 *
 * @param within real paths of the folders around it: a link to one of them would lead around for ever
 */
function listFiles(
  directory: string,
  prefix = "",
  within: readonly string[] = [],
): string[] {
  try {
    const real = Deno.realPathSync(join(directory, prefix));
    if (within.includes(real)) return [];
    return [...Deno.readDirSync(real)].flatMap((entry) => {
      if (isByProduct(entry.name)) return [];
      const path = prefix + entry.name;
      const isFolder = entry.isSymlink
        ? leadsToFolder(join(directory, path))
        : entry.isDirectory;
      return isFolder
        ? listFiles(directory, `${path}/`, [...within, real])
        : [path];
    });
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError({
      attempt: "find the data set",
      where: join(directory, prefix),
      found: fileFault(error),
    });
  }
}

/** Writes a new file and returns the SHA-256 of its bytes. */
async function writeHashed(
  path: string,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<string> {
  using file = Deno.openSync(path, { write: true, createNew: true });
  const hash = createHash("sha256");
  for await (const piece of bytes) {
    signal.throwIfAborted();
    hash.update(piece);
    for (let at = 0; at < piece.length;) {
      at += file.writeSync(piece.subarray(at));
    }
  }
  return hash.digest("hex");
}
