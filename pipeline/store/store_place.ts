/**
 * The folder that a store lies in: what must not be there, and the tag that says what it is.
 *
 * @module
 */
import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { isAbsent } from "../files/file_tree.ts";
import { refuseFile, refuseFolder, refuseLink } from "../files/links.ts";
import { readRegularFile } from "../files/regular_file.ts";
import { replaceFile } from "../files/write_file.ts";

/** The store's own folders, and its own files. */
const ownFolders = [
  "actions",
  "downloads",
  "index",
  "latest",
  "locks",
  "objects",
  "quarantine",
  "runs",
  "scratch",
  "tiles",
  "work",
];
const tagName = "CACHEDIR.TAG";
const ownFiles = [tagName, "lock"];

/** By the Cache Directory Tagging Specification, which backup programs know: https://bford.info/cachedir/ */
const tag =
  "Signature: 8a477f597d28d172789f06886806bc55\n# Results of pipeline stages; deleting this folder loses computing time only.\n";

/**
 * Refuses links in place of a store's own folders and files, files in place of its folders and folders in place of its files.
 *
 * @throws {PipelineError} naming what is in the place
 */
export function refuseStrangers(root: string): void {
  const attempt = "use the store";
  for (const name of [...ownFolders, ...ownFiles]) {
    refuseLink(attempt, join(root, name));
  }
  for (const name of ownFolders) refuseFile(attempt, join(root, name));
  for (const name of ownFiles) refuseFolder(attempt, join(root, name));
}

/**
 * A link may stand for the store where its target may be written to: of that Deno knows only what it was told.
 *
 * @throws {PipelineError} when a link leads elsewhere
 */
export function refuseLinkElsewhere(root: string): void {
  let target: string;
  try {
    if (!Deno.lstatSync(root).isSymlink) return;
    target = Deno.realPathSync(root);
  } catch (error) {
    if (isAbsent(error)) return;
    throw error;
  }
  const asked = { name: "write", path: target } as const;
  if (Deno.permissions.querySync(asked).state === "granted") return;
  throw new PipelineError({
    attempt: "make the store",
    where: root,
    found: `a symbolic link to ${target}, where Deno permits nothing`,
    wanted: "a folder, or --cache",
    remedy: `remove the link and add --cache ${target}`,
  });
}

/**
 * Writes the tag that tells backup programs to leave the store out, unless it is there. Call it with the store's lock shared.
 *
 * @throws what the file system says
 */
export async function writeTag(root: string): Promise<void> {
  const path = join(root, tagName);
  if (!holds(path, tag)) await replaceFile(path, tag);
}

function holds(path: string, text: string): boolean {
  try {
    return new TextDecoder().decode(readRegularFile(path)) === text;
  } catch {
    return false; // not there, or not to be read: writing it says what is wrong
  }
}
