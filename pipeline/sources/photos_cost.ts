import type { SourceCost } from "./source_cost.ts";

const stripPatchBytes = 65 * 65;
const patchTypesCount = 16;

/** Photographs are on this machine. */
export const photosCost: SourceCost = {
  hosts: () => [],
  sets: () => [],
  requireSets: () => {},
  volume({ download }) {
    // Photographs held out give a sequence of either kind.
    const inSequences = 2 * download.held_out * download.patches_per_sequence *
      patchTypesCount;
    return {
      packed: download.patch_sets * download.views + 2 * download.test_pairs,
      inSequences,
      stripsBytes: inSequences * stripPatchBytes,
    };
  },
};
