import { join } from "@std/path";
import {
  archiveOf,
  findLocalSet,
  mirrorName,
  publishedPatchCounts,
  requireSets,
  wantedSets,
} from "../../data/mod.ts";
import { isFile } from "../files/file_tree.ts";
import type { ArchiveName, Config } from "../config.ts";
import type { SourceCost } from "./source_cost.ts";

/** A BMP of 1024×1024 pixels of 8 bits, and the two lines of text on each patch. */
const sheetBytes = 14 + 40 + 1024 + 1024 ** 2;
const linesBytes = 20;

/** Source: the release's page. */
const hpatchesArchiveBytes = 4.2e9;

/** Of the whole release; its PNG files compress no further, and take about 2.6 KB a patch. */
const hpatchesPatches = hpatchesArchiveBytes / 2600;

/** The published sets, as archives that are fetched and unpacked. */
export const phototourCost: SourceCost = {
  /** Those of the mirrors of every archive that is not on this machine, and those that they may redirect to. */
  hosts({ download, mirrors }) {
    const hosts = new Set<string>();
    if (download.offline) return [];
    for (const set of setsOf(download)) {
      if (findLocalSet(download.source_dir, set) !== undefined) continue;
      for (const mirror of mirrors[set]) {
        const { protocol, hostname, port } = new URL(mirror);
        if (protocol === "file:") continue;
        const usual = protocol === "https:" ? "443" : "80";
        hosts.add(`${hostname}:${port === "" ? usual : port}`);
      }
    }
    if (hosts.size > 0) {
      for (const host of mirrors.redirects) {
        hosts.add(/:\d+$/.test(host) ? host : `${host}:443`);
      }
    }
    return [...hosts].sort();
  },

  sets: ({ download, mirrors }, downloadsDirectory) =>
    setsOf(download).map((set) => {
      const isHere = findLocalSet(download.source_dir, set) !== undefined;
      const isFetched = isFile(join(downloadsDirectory, archiveOf(set)));
      const patches = publishedPatchCounts[set];
      const unpackedBytes = patches === undefined
        ? set === "hpatches" ? hpatchesArchiveBytes : null
        : Math.ceil(patches / 256) * sheetBytes + patches * linesBytes;
      return {
        set,
        state: isHere ? "here" : isFetched ? "fetched" : "to fetch",
        mirrors: mirrors[set].map(mirrorName),
        archive_bytes: unpackedBytes,
        archive_size: patches !== undefined
          ? "at most"
          : set === "hpatches"
          ? "about"
          : "unknown",
        unpacked_bytes: unpackedBytes,
      };
    }),

  requireSets: ({ download, mirrors }, downloadsDirectory) =>
    requireSets(setsOf(download), {
      sourceDirectory: download.source_dir,
      mirrors,
      offline: download.offline,
      downloadsDirectory,
    }),

  volume: ({ download }) => ({
    packed: [download.training_set, ...download.test_sets]
      .reduce((sum, set) => sum + publishedPatchCounts[set], 0),
    inSequences: hpatchesPatches,
    stripsBytes: hpatchesArchiveBytes,
  }),
};

function setsOf(
  { training_set, test_sets }: Config["download"],
): ArchiveName[] {
  const sets = wantedSets({ trainingSet: training_set, testSets: test_sets });
  return sets as ArchiveName[]; // [mirrors] and [contents] name every published archive
}
