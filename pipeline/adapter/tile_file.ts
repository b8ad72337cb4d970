/**
 * Tiles measured on an adapter, kept in a file: `<folder>/<key>.json`.
 *
 * The key stands for the adapter, its driver, the Deno that compiles for it, the kernels' texts and the candidates; the file
 * repeats it in full. Whatever is not as it was is a miss, and so is a file that is damaged. Files are written whole, so
 * that any number of processes may read and write them; the last one stays.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import {
  type AdapterFacts,
  chosenTiles,
  storedTiles,
  type TileChoice,
  tuningText,
} from "../../gpu/mod.ts";
import { driverFacts } from "./driver_facts.ts";
import { sha256 } from "../files/hash.ts";
import { readJsonFile } from "../files/regular_file.ts";
import { replaceFile } from "../files/write_file.ts";

/** What measured tiles belong to. */
export interface TileFacts {
  adapter: AdapterFacts;
  /** as {@linkcode driverFacts} tells them */
  drivers: string[];
  deno: string;
  /** sha-256 of the kernels' texts and the candidates */
  kernels: string;
}

/** What tiles measured on this adapter now would belong to. */
export function tileFacts(adapter: AdapterFacts): TileFacts {
  return {
    adapter: { ...adapter },
    drivers: driverFacts(),
    deno: Deno.version.deno,
    kernels: sha256(tuningText(adapter.deviceClass)),
  };
}

/** Where tiles are kept. */
export function tilePath(folder: string, facts: TileFacts): string {
  return join(folder, `${sha256(JSON.stringify(facts)).slice(0, 16)}.json`);
}

/** The tiles that were measured under these facts; undefined when there are none. */
export function readTiles(
  folder: string,
  facts: TileFacts,
): TileChoice | undefined {
  let content: { facts?: unknown; tiles?: unknown } | null;
  try {
    content = readJsonFile(tilePath(folder, facts)) as typeof content;
  } catch {
    return undefined; // not there, not to be read, or no JSON: they can be measured again
  }
  const isOurs = JSON.stringify(content?.facts) === JSON.stringify(facts);
  return isOurs
    ? chosenTiles(content?.tiles, facts.adapter.deviceClass)
    : undefined;
}

/**
 * Keeps tiles.
 *
 * @returns the file
 * @throws what the file system says
 */
export async function writeTiles(
  folder: string,
  facts: TileFacts,
  choice: TileChoice,
): Promise<string> {
  const path = tilePath(folder, facts);
  await Deno.mkdir(dirname(path), { recursive: true });
  const content = { facts, tiles: storedTiles(choice) };
  await replaceFile(path, `${JSON.stringify(content, null, 2)}\n`);
  return path;
}
