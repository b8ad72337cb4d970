/**
 * Which commit the program's files are at, read from `.git` itself: running git would need the permission to run programs.
 *
 * @module
 */
import { dirname, join, resolve } from "@std/path";
import { isAbsent } from "../files/file_tree.ts";
import { readGitIndex } from "./git_index.ts";
import { treeOfCommit } from "./git_objects.ts";

/** A commit, and whether the files differ from it. */
export type SourceCommit = {
  /** 40 hexadecimal digits */
  commit: string;
  /** whether a tracked file was changed, staged or not; null when that cannot be told */
  dirty: boolean | null;
};

/** Where a repository keeps its parts; they differ in a linked work tree. */
interface Repository {
  workTree: string;
  gitDirectory: string;
  commonDirectory: string;
}

/**
 * The commit that is checked out where `directory` lies; undefined outside a repository, before its first commit, or when
 * it cannot be read. Never throws: nothing depends on it but what is shown.
 */
export function readSourceCommit(directory: string): SourceCommit | undefined {
  try {
    const repository = findRepository(resolve(directory));
    if (repository === undefined) return undefined;
    const commit = headCommit(repository);
    if (commit === undefined) return undefined;
    return { commit, dirty: isDirty(repository, commit) };
  } catch {
    return undefined; // no permission, or a format of a later git
  }
}

function findRepository(directory: string): Repository | undefined {
  for (let folder = directory;; folder = dirname(folder)) {
    const path = join(folder, ".git");
    const link = readText(path);
    if (link !== undefined) { // a linked work tree, or a submodule
      const gitDirectory = resolve(folder, link.replace(/^gitdir: /, ""));
      const common = readText(join(gitDirectory, "commondir"));
      return {
        workTree: folder,
        gitDirectory,
        commonDirectory: common === undefined
          ? gitDirectory
          : resolve(gitDirectory, common),
      };
    }
    if (readText(join(path, "HEAD")) !== undefined) {
      return { workTree: folder, gitDirectory: path, commonDirectory: path };
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function headCommit(
  { gitDirectory, commonDirectory }: Repository,
): string | undefined {
  let value = readText(join(gitDirectory, "HEAD"));
  while (value?.startsWith("ref: ")) {
    const name = value.slice("ref: ".length);
    value = readText(join(gitDirectory, name)) ??
      readText(join(commonDirectory, name)) ??
      packedReference(commonDirectory, name);
  }
  return /^[0-9a-f]{40}$/.test(value ?? "") ? value : undefined;
}

function packedReference(
  commonDirectory: string,
  name: string,
): string | undefined {
  const lines = readText(join(commonDirectory, "packed-refs"))?.split("\n");
  return lines?.find((line) => line.endsWith(` ${name}`))?.slice(0, 40);
}

function isDirty(
  { workTree, gitDirectory, commonDirectory }: Repository,
  commit: string,
): boolean | null {
  const index = readGitIndex(join(gitDirectory, "index"));
  if (index === undefined) return null;
  if (index.files.some((file) => file.differs(workTree))) return true;
  const tree = treeOfCommit(join(commonDirectory, "objects"), commit);
  if (index.tree === undefined || tree === undefined) return null;
  return index.tree !== tree;
}

/** A file's text without the last line break; undefined when there is no such file. */
function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).trimEnd();
  } catch (error) {
    const isFolder = (error as { code?: unknown }).code === "EISDIR";
    if (isAbsent(error) || isFolder) return undefined;
    throw error;
  }
}
