/**
 * Small JSON files that are whole or not there: written to a temporary file, synced, renamed; each carries a checksum of
 * its own content, so that a damaged one reads as absent.
 *
 * @module
 */
import { dirname } from "@std/path";
import { PipelineError } from "../errors.ts";
import { fileError } from "./file_errors.ts";
import { sha256 } from "./hash.ts";
import { readRegularFile, WrongKindOfFile } from "./regular_file.ts";
import { replaceFile } from "./write_file.ts";
import type { Json } from "./json.ts";

/** Digests of a million files take a quarter of it. */
const mostBytes = 2 ** 30;

/** Makes the directory entry of a renamed or new file survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // cannot open directories there
  using directory = await Deno.open(path, { read: true });
  await directory.sync();
}

/** How a file ends: the sha-256 of the JSON text without this member, as the last member. */
function seal(digest: string): string {
  return `,"checksum":"${digest}"}\n`;
}

const sealLength = seal("").length + 64;

/** The text of `content`, which has at least one member, with its checksum. */
export function sealJson(content: { [key: string]: Json }): string {
  const text = JSON.stringify(content);
  return text.slice(0, -1) + seal(sha256(text));
}

/**
 * The content that was sealed; undefined when the checksum does not match.
 *
 * @param parse reads it; of use where not only this program seals
 */
export function unsealJson(
  text: string,
  parse: (text: string) => unknown = JSON.parse,
): { [key: string]: Json } | undefined {
  const content = `${text.slice(0, -sealLength)}}`;
  return text.slice(-sealLength) === seal(sha256(content))
    ? parse(content) as { [key: string]: Json }
    : undefined;
}

/** Writes `content` so that a reader sees the old file or the new one, and a crash leaves one of the two. */
export async function writeSealedJson(
  path: string,
  content: { [key: string]: Json },
): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await replaceFile(path, sealJson(content), { sync: true });
  await syncDirectory(dirname(path));
}

/** The content of a sealed file; undefined when there is none or its checksum does not match. */
export function readSealedJson(
  path: string,
): { [key: string]: Json } | undefined {
  let text: string;
  try {
    text = new TextDecoder().decode(readRegularFile(path, mostBytes));
  } catch (error) {
    if (error instanceof WrongKindOfFile) {
      throw new PipelineError({
        attempt: "read what this program keeps",
        where: path,
        found: error.message,
        wanted: "a file that it wrote",
        remedy: "move it away",
      });
    }
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return undefined;
    throw fileError(error, "read what this program keeps", path);
  }
  return unsealJson(text);
}
