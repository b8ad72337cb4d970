import { dirname, join } from "@std/path";
import { BundleError, runProgram } from "./program.ts";

/** Where the packages with photographs live. */
const photographScope = "@stdlib";

interface Lock {
  specifiers: Record<string, string>;
  npm: Record<string, unknown>;
  workspace: { dependencies: string[] };
}

/**
 * Copies the installed packages, and what the registry said of them, without which Deno asks the registry at every start and
 * waits for an answer that never comes.
 *
 * Without photographs their packages are taken out of `deno.json` and `deno.lock` too, or Deno would want to fetch them.
 */
export async function copyPackages(
  root: string,
  target: string,
  { photographs }: { photographs: boolean },
): Promise<void> {
  await runProgram("install the packages", Deno.execPath(), [
    "install",
    "--quiet",
    "--frozen",
  ], root);
  await copyTree(
    join(root, "node_modules"),
    join(target, "node_modules"),
    (name) => photographs || !name.includes(photographScope),
  );
  if (!photographs) await forgetPhotographs(target);
  const lock: Lock = JSON.parse(
    await Deno.readTextFile(join(target, "deno.lock")),
  );
  await copyRegistryAnswers(root, target, Object.keys(lock.npm));
}

/**
 * Copies a folder with its links as links. Deno's own lock files may come and go meanwhile, whoever else works here: they are
 * left out.
 *
 * @param isWanted by the name of a file or folder
 */
async function copyTree(
  from: string,
  to: string,
  isWanted: (name: string) => boolean,
): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(from)) {
    if (!isWanted(name) || name.startsWith(".deno.lock")) continue;
    const [source, copy] = [join(from, name), join(to, name)];
    if (isDirectory) await copyTree(source, copy, isWanted);
    else if (isSymlink) await Deno.symlink(await Deno.readLink(source), copy);
    else await Deno.copyFile(source, copy);
  }
}

/** Takes the photographs out of a copy of the project's `deno.json` and `deno.lock`. */
async function forgetPhotographs(project: string): Promise<void> {
  const isOther = (name: string) => !name.includes(`${photographScope}/`);
  const others = <T>(record: Record<string, T>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(record).filter(([name]) => isOther(name)),
    );
  const settingsPath = join(project, "deno.json");
  const settings = JSON.parse(await Deno.readTextFile(settingsPath));
  await writeJson(settingsPath, {
    ...settings,
    imports: others(settings.imports),
  });
  const lockPath = join(project, "deno.lock");
  const lock: Lock = JSON.parse(await Deno.readTextFile(lockPath));
  const dependencies = lock.workspace.dependencies.filter(isOther);
  await writeJson(lockPath, {
    ...lock,
    specifiers: others(lock.specifiers),
    npm: others(lock.npm),
    workspace: { ...lock.workspace, dependencies },
  });
}

function writeJson(path: string, value: unknown): Promise<void> {
  return Deno.writeTextFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Copies `registry.json` of each package that Deno has asked the registry about, to `.deno/cache`. */
async function copyRegistryAnswers(
  root: string,
  target: string,
  packages: string[],
): Promise<void> {
  const text = await runProgram("find Deno's cache", Deno.execPath(), [
    "info",
    "--json",
  ], root);
  const { denoDir, npmCache }: { denoDir: string; npmCache: string } = JSON
    .parse(text);
  if (!npmCache.startsWith(denoDir)) {
    throw new BundleError({
      attempt: "find Deno's cache",
      found: npmCache,
      wanted: `a folder below ${denoDir}`,
      remedy: "unset DENO_DIR",
    });
  }
  const cache = join(target, ".deno", "cache");
  await Deno.mkdir(cache, { recursive: true });
  const names = new Set(
    packages.map((key) => key.slice(0, key.lastIndexOf("@"))),
  );
  for await (const { name: registry, isDirectory } of Deno.readDir(npmCache)) {
    if (!isDirectory) continue;
    for (const name of names) {
      const place = join(registry, name, "registry.json");
      const copy = join(cache, npmCache.slice(denoDir.length), place);
      try {
        await Deno.mkdir(dirname(copy), { recursive: true });
        await Deno.copyFile(join(npmCache, place), copy);
      } catch (error) {
        // Deno never asked about this package, so it will not at its next start either.
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
  }
}
