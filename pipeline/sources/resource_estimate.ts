import { join } from "@std/path";
import {
  archiveOf,
  findLocalSet,
  mirrorName,
  publishedPatchCounts,
  wantedSets,
} from "../../data/mod.ts";
import type { ArchiveName, Config } from "../config.ts";
import type { TrainingOutline } from "../training/outline.ts";

/** A published set that a config needs. */
export type SetNeed = {
  set: string;
  /** here: in `source_dir`; fetched: an archive in the store; to fetch: neither */
  state: "here" | "fetched" | "to fetch";
  /** where it is fetched from: hosts, or folders of this machine, in the order they are tried */
  mirrors: string[];
  /** size of the archive; null when nobody has told it */
  archive_bytes: number | null;
  /** how exact `archive_bytes` is: a PhotoTour archive is not larger than what is in it */
  archive_size: "at most" | "about" | "unknown";
  /** what the set takes while it is unpacked; null when nobody has told it */
  unpacked_bytes: number | null;
};

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

/** A BMP of 1024×1024 pixels of 8 bits, and the two lines of text on each patch. */
const sheetBytes = 14 + 40 + 1024 + 1024 ** 2;
const linesBytes = 20;
const packedPatchBytes = 64 * 64 + 4;

/** Source: the release's page. */
const hpatchesArchiveBytes = 4.2e9;

/** Of the whole release; its PNG files compress no further, and take about 2.6 KB a patch. */
const hpatchesPatches = hpatchesArchiveBytes / 2600;

/** 128 columns of 11 characters. */
const descriptorRowBytes = 128 * 11;

const stripPatchBytes = 65 * 65;
const patchTypesCount = 16;

/** What each published set that the config needs means for network and disk; none when it trains on photographs. */
export function setNeeds(
  { download, mirrors }: Config,
  downloadsDirectory: string,
): SetNeed[] {
  if (download.source !== "phototour") return [];
  const sets = wantedSets({
    trainingSet: download.training_set,
    testSets: download.test_sets,
  });
  return sets.map((set) => {
    const isHere = findLocalSet(download.source_dir, set) !== undefined;
    const isFetched = isFile(join(downloadsDirectory, archiveOf(set)));
    const patches = publishedPatchCounts[set];
    const unpackedBytes = patches === undefined
      ? set === "hpatches" ? hpatchesArchiveBytes : null
      : Math.ceil(patches / 256) * sheetBytes + patches * linesBytes;
    return {
      set,
      state: isHere ? "here" : isFetched ? "fetched" : "to fetch",
      mirrors: mirrors[set as ArchiveName].map(mirrorName),
      archive_bytes: unpackedBytes,
      archive_size: patches !== undefined
        ? "at most"
        : set === "hpatches"
        ? "about"
        : "unknown",
      unpacked_bytes: unpackedBytes,
    };
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // it or its folder is not there
  }
}

/** The disk space that a whole run of a config takes, about and at most. */
export function diskNeed(config: Config, needs: readonly SetNeed[]): DiskNeed {
  const { download, extract, evaluate } = config;
  const isPhototour = download.source === "phototour";
  const packed = isPhototour
    ? [download.training_set, ...download.test_sets]
      .reduce((sum, set) => sum + publishedPatchCounts[set], 0)
    : download.patch_sets * download.views + 2 * download.test_pairs;
  // Photographs held out give a sequence of either kind.
  const stripPatches = 2 * download.held_out * download.patches_per_sequence *
    patchTypesCount;
  const sequencePatches = isPhototour ? hpatchesPatches : stripPatches;
  const stripsBytes = isPhototour
    ? hpatchesArchiveBytes
    : stripPatches * stripPatchBytes;
  const isDescribed = evaluate.tasks.length > 0;
  const csvBytes = isDescribed
    ? extract.descriptors.length * sequencePatches * descriptorRowBytes
    : 0;
  const archives = needs.filter(({ state }) => state === "to fetch")
    .reduce((sum, { archive_bytes }) => sum + (archive_bytes ?? 0), 0);
  const unpacked = Math.max(
    0,
    ...needs.map(({ unpacked_bytes }) => unpacked_bytes ?? 0),
  );
  const results = 2 *
    (packed * packedPatchBytes + stripsBytes + csvBytes);
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
