import { dirname, join, relative } from "@std/path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = new URL("../../", import.meta.url);

/** One change of a source file. */
export interface Mutation {
  /** File within the repository, `.ts` or `.wgsl`. */
  file: string;
  /** Text that occurs exactly once in it. */
  from: string;
  to: string;
}

/**
 * Imports a module of this repository as it would be with one source file changed.
 *
 * The file and every module between it and the entry are copied with the change into `directory`; all others are shared
 * with the running program, its compiled kernels among them.
 *
 * @param entry module within the repository that loads the file, directly or not
 * @param directory empty folder for the copies
 * @throws {RangeError} when the text does not occur exactly once or the entry does not load the file.
 */
export async function importMutated<Module>(
  entry: string,
  { file, from, to }: Mutation,
  directory: string,
): Promise<Module> {
  const texts = new Map<string, string>();
  const loading = new Map<string, string[]>();
  const read = async (path: string): Promise<void> => {
    if (texts.has(path)) return;
    const text = await Deno.readTextFile(new URL(path, root));
    texts.set(path, text);
    const specifiers = path.endsWith(".ts") ? relativeSpecifiers(text) : [];
    loading.set(path, specifiers.map((specifier) => resolve(path, specifier)));
    for (const loaded of loading.get(path)!) await read(loaded);
  };
  await read(entry);

  const original = texts.get(file);
  if (original === undefined) {
    throw new RangeError(`${entry} does not load ${file}`);
  }
  if (original.split(from).length !== 2) {
    throw new RangeError(`${file} does not hold exactly one "${from}"`);
  }
  texts.set(file, original.replace(from, () => to));

  const copied = new Set([file]);
  for (let size = 0; size < copied.size;) {
    size = copied.size;
    for (const [path, loaded] of loading) {
      if (loaded.some((other) => copied.has(other))) copied.add(path);
    }
  }
  for (const path of copied) {
    const target = join(directory, path);
    await Deno.mkdir(dirname(target), { recursive: true });
    const text = texts.get(path)!.replaceAll(
      relativeImport,
      (whole, before: string, specifier: string) => {
        const loaded = resolve(path, specifier);
        if (copied.has(loaded)) return whole;
        return `${before}"${new URL(loaded, root).href}"`;
      },
    );
    await Deno.writeTextFile(target, text);
  }
  return await import(pathToFileURL(join(directory, entry)).href);
}

const relativeImport = /(\bfrom )"(\.[^"]+)"/g;

function relativeSpecifiers(text: string): string[] {
  return Array.from(text.matchAll(relativeImport), (match) => match[2]);
}

function resolve(path: string, specifier: string): string {
  const url = new URL(specifier, new URL(path, root));
  return relative(fileURLToPath(root), fileURLToPath(url)).replaceAll(
    "\\",
    "/",
  );
}
