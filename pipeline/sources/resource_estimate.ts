import type { Config } from "../config.ts";
import type { TrainingOutline } from "../training/outline.ts";
import { isUserError } from "../errors.ts";
import type { SetNeed } from "./source_cost.ts";
import { sourceCosts } from "./source_costs.ts";

/** What a config's stages take of the disk at most. */
export type DiskNeed = {
  /** archives that are fetched and kept */
  archives_bytes: number;
  /** the largest set, unpacked for as long as it is packed */
  unpacked_bytes: number;
  /** patches and descriptors, in the store and again in the run folder */
  results_bytes: number;
  total_bytes: number;
};

const packedPatchBytes = 64 * 64 + 4;

/** 128 columns of 11 characters. */
const descriptorRowBytes = 128 * 11;

/** What each published set that the config needs means for network and disk; none when it trains on photographs. */
export function setNeeds(
  config: Config,
  downloadsDirectory: string,
): SetNeed[] {
  return sourceCosts[config.download.source].sets(config, downloadsDirectory);
}

/** Published sets that are neither here nor can be fetched, in one error; undefined when there are none. */
export function missingSetsFault(
  config: Config,
  downloadsDirectory: string,
): Error | undefined {
  try {
    sourceCosts[config.download.source].requireSets(config, downloadsDirectory);
    return undefined;
  } catch (error) {
    if (error instanceof Error && isUserError(error)) return error;
    throw error;
  }
}

/** The disk space that a whole run of a config takes, about and at most. */
export function diskNeed(config: Config, needs: readonly SetNeed[]): DiskNeed {
  const volume = sourceCosts[config.download.source].volume(config);
  const csvBytes = config.extract.descriptors.length * volume.inSequences *
    descriptorRowBytes;
  const archives = needs.filter(({ state }) => state === "to fetch")
    .reduce((sum, { archive_bytes }) => sum + (archive_bytes ?? 0), 0);
  const unpacked = Math.max(
    0,
    ...needs.map(({ unpacked_bytes }) => unpacked_bytes ?? 0),
  );
  const results = 2 *
    (volume.packed * packedPatchBytes + volume.stripsBytes + csvBytes);
  return {
    archives_bytes: archives,
    unpacked_bytes: unpacked,
    results_bytes: Math.round(results),
    total_bytes: Math.round(archives + unpacked + results),
  };
}

/** Patches that training puts through the network, by stage. */
export function trainingPatches(
  { stage1, stage2 }: TrainingOutline,
): { stage1: number; stage2: number } {
  return {
    stage1: stage1.steps * stage1.batchSize * stage1.positives,
    stage2: (stage2?.cycles ?? []).reduce(
      (sum, { steps, batchSize }) =>
        sum + steps * batchSize * (stage2?.positives ?? 0),
      0,
    ),
  };
}
