import { join } from "@std/path";
import { PackedPatches, readPairs } from "../../data/mod.ts";
import { fpr95 } from "../metrics/fpr95.ts";
import { listTestSets } from "./list_test_sets.ts";

/** What can describe 8-bit 64×64 patches: a network in training. */
export interface PatchDescriber {
  describe(patches: Uint8Array): Promise<Float32Array>;
}

const chunkPatches = 4096;

/**
 * FPR95 of every PhotoTour-style test set below `directory`/test, as a fraction by the set's name.
 *
 * Source: the authors test at the end of every epoch.
 */
export async function measureTestSets(
  directory: string,
  describer: PatchDescriber,
): Promise<Record<string, number>> {
  const result: Record<string, number> = {};
  for (const set of await listTestSets(directory)) {
    const folder = join(directory, "test", set);
    using patches = await PackedPatches.open(join(folder, "patches.bin"));
    const pairs = await readPairs(join(folder, "pairs.txt"), patches.count);
    const values = new Float32Array(patches.count * 128);
    for (let start = 0; start < patches.count; start += chunkPatches) {
      const count = Math.min(chunkPatches, patches.count - start);
      const indices = Uint32Array.from({ length: count }, (_, i) => start + i);
      values.set(await describer.describe(patches.read(indices)), start * 128);
    }
    const distances = Float64Array.from(pairs.first, (first, pair) => {
      const second = pairs.second[pair];
      let square = 0;
      for (let c = 0; c < 128; c++) {
        square += (values[first * 128 + c] - values[second * 128 + c]) ** 2;
      }
      return Math.sqrt(square);
    });
    result[set] = fpr95(distances, pairs.match).value;
  }
  return result;
}
