import { createHash } from "node:crypto";
import { dirname, join } from "@std/path";
import { isByProduct } from "../by_products.ts";
import { openArchive } from "../archives/open_archive.ts";
import { ContentsDigest, digestFolder } from "./contents_digest.ts";
import { DataError, fileFault } from "../errors.ts";
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
interface Selection {
  /** of the whole path, "" or ending in `/` */
  root: string;
  /** whole paths */
  names: string[];
}

/**
 * Chooses the files of a set out of all paths of an archive or folder, so that what else was packed, and in which folder,
 * makes no difference.
 *
 * @param set `liberty`, `hpatches`, `tasks` …
 * @throws {DataError} when the set is not there, or there twice
 */
function selectSet(
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
  return { root, names: names.sort() };
}

/** How a set is unpacked. */
export interface UnpackOptions {
  /** told after each file */
  onFile(done: number, total: number): void;
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
  { onFile, signal }: UnpackOptions,
): Promise<string> {
  await removeFolder(directory);
  try {
    using archive = await openArchive(archivePath);
    const paths = archive.entries.map(({ name }) => name);
    const { root, names } = selectSet(set, paths, archivePath);
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

/** The contents digest of a set that lies unpacked in a folder. */
export async function digestSet(set: string, path: string): Promise<string> {
  return await digestFolder(path, listSetFiles(set, path));
}

/**
 * The files of a set that lies unpacked in a folder, relative to it, sorted.
 * @throws {DataError} when it is not there
 */
export function listSetFiles(set: string, path: string): string[] {
  const { root, names } = selectSet(set, listFiles(path), path);
  if (root !== "") {
    throw new DataError({
      attempt: "find the data set",
      where: path,
      found: `it in the folder ${JSON.stringify(root)}`,
      wanted: "its files without a folder around them",
      remedy: "move them up",
    });
  }
  return names;
}

/**
 * Every regular file below a folder, `/`-separated, by-products of systems left out.
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
      const { isDirectory, isFile } = entry.isSymlink
        ? kindOfTarget(join(directory, path))
        : entry;
      return isDirectory
        ? listFiles(directory, `${path}/`, [...within, real])
        : isFile
        ? [path]
        : [];
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

/** What a link leads to; nothing where it leads nowhere. */
function kindOfTarget(path: string) {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { isDirectory: false, isFile: false };
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
