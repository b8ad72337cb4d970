import { dirname, join } from "@std/path";
import { runProgram } from "./program.ts";

/**
 * Copies the project's own files as they are now: in a git checkout the tracked ones and the new ones that git does not
 * ignore, elsewhere all but what is installed, made and cached.
 */
export async function copyProject(root: string, target: string): Promise<void> {
  for (const path of await projectFiles(root)) {
    const copy = join(target, path);
    await Deno.mkdir(dirname(copy), { recursive: true });
    await Deno.copyFile(join(root, path), copy);
  }
}

async function projectFiles(root: string): Promise<string[]> {
  if (await isThere(join(root, ".git"))) {
    const listed = await runProgram("list the project's files", "git", [
      "-C",
      root,
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
    ]);
    const present: string[] = [];
    for (const path of new Set(listed.split("\0"))) {
      // A tracked file may have been removed, and git lists links and submodules too.
      if (path !== "" && (await entry(join(root, path)))?.isFile) {
        present.push(path);
      }
    }
    return present;
  }
  const ignored = await Deno.readTextFile(join(root, ".gitignore"));
  const leftOut = ignored.split("\n").map((line) => line.replace(/\/$/, ""));
  const found: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
      if (leftOut.includes(name)) continue;
      const path = join(folder, name);
      if (isDirectory) await walk(path);
      else if (isFile) found.push(path.slice(root.length + 1));
    }
  };
  await walk(root);
  return found;
}

async function isThere(path: string): Promise<boolean> {
  return await entry(path) !== undefined;
}

async function entry(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
