import { basename, extname, join } from "@std/path";
import { type ImagePairSet, readImagePairs } from "../../data/mod.ts";
import type { Config } from "../config.ts";

/** What image pairs are for: to be measured, or to choose ratios on. */
export const pairRoles = ["test", "validation"] as const;

/** What image pairs are for. */
export type PairRole = typeof pairRoles[number];

/** A set of image pairs and the name that results give it. */
export interface NamedPairSet {
  name: string;
  set: ImagePairSet;
}

/** Path of the pairs that the config names; "" where it takes the source's. */
function configuredPairs({ evaluate }: Config, role: PairRole): string {
  return role === "test" ? evaluate.image_pairs : evaluate.validation_pairs;
}

/** The sets that the config names outside of the store. */
export async function outsidePairSets(config: Config): Promise<ImagePairSet[]> {
  const sets: ImagePairSet[] = [];
  if (!config.evaluate.tasks.includes("image_pairs")) return sets;
  for (const role of pairRoles) {
    const path = configuredPairs(config, role);
    if (path !== "") sets.push(await readImagePairs(path));
  }
  return sets;
}

/** What decides which images those sets have: folders that are searched, lists and homographies. */
export async function watchedPairFiles(config: Config): Promise<string[]> {
  const sets = await outsidePairSets(config);
  const places = pairRoles.map((role) => configuredPairs(config, role));
  return [
    ...places.filter((path) => sets.length > 0 && path !== ""),
    ...sets.flatMap(({ truthFiles }) => truthFiles),
  ];
}

/**
 * The pairs that a config measures or chooses ratios on: its own, or those that the stage `download` made.
 *
 * @param downloaded outputs of that stage
 * @returns undefined where there are none
 * @throws {DataError} when something in them is wrong
 */
export async function readPairSet(
  config: Config,
  role: PairRole,
  downloaded: string,
): Promise<NamedPairSet | undefined> {
  const path = configuredPairs(config, role);
  if (path !== "") {
    return { name: pairSetName(path), set: await readImagePairs(path) };
  }
  const made = join(downloaded, "pairs", role);
  try {
    await Deno.stat(made);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return { name: config.download.source, set: await readImagePairs(made) };
}

/** The name that results give a set of image pairs: its folder's or its list's. */
export function pairSetName(path: string): string {
  return basename(path, extname(path));
}
