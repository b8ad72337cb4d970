import { dirname, join } from "@std/path";
import { writeWholeFile } from "../whole_file.ts";
import { ColmapDatabase } from "./colmap_database.ts";
import { colmapText, rawMatches } from "./colmap_text.ts";
import {
  keypointsCsv,
  matchesCsv,
  matchesCsvHead,
  pairCsv,
  pairsCsvHead,
} from "./csv_tables.ts";
import {
  chosenMatches,
  type DescribedPhotograph,
  type MatchedPair,
  toldMatches,
} from "./described_photograph.ts";
import { ethDescriptors, ethKeypoints, ethMatches } from "./eth_binary.ts";
import type {
  ColmapDescriptors,
  FormatName,
  PairFormatName,
} from "./format_names.ts";
import { Hdf5File } from "./hdf5_file.ts";
import { hlocFeatures, hlocMatches, hlocName } from "./hloc_files.ts";
import { matFile } from "./mat_file.ts";
import { npzFile } from "./npz.ts";
import { openCvYaml } from "./opencv_yaml.ts";
import { StreamedFile } from "./streamed_file.ts";

/** What a program's files are to hold. */
export interface ExchangeOptions {
  /** folder that takes them; it is there */
  directory: string;
  /** leave out matches that do not agree with the geometry, where a format does not tell both */
  onlyInliers: boolean;
  /** how COLMAP's database holds descriptors */
  descriptors: ColmapDescriptors;
}

/**
 * Takes photographs one after the other and writes them as one program has them. A file that holds more than one of them is not there
 * until the writer is finished; disposing of it before leaves none.
 */
export interface FeatureWriter extends Disposable {
  /** what it writes, for people: `database.db`, `NAME.npz of each photograph` */
  readonly files: readonly string[];
  addPhotograph(photograph: DescribedPhotograph): void | Promise<void>;
  /** the last call */
  finish(): void;
}

/** Takes pairs of photographs, too, after the photographs. */
export interface PairWriter extends FeatureWriter {
  addPair(pair: MatchedPair): void | Promise<void>;
}

/** How the matches of pairs are written in each format, with the photographs. */
export const pairWriters: Record<
  PairFormatName,
  (options: ExchangeOptions) => PairWriter
> = {
  colmap({ directory, descriptors }) {
    const name = "database.db";
    const database = new ColmapDatabase(join(directory, name), descriptors);
    return {
      files: [name],
      addPhotograph: (photograph) => database.addPhotograph(photograph),
      addPair: (pair) => database.addPair(pair),
      finish: () => database.finish(),
      [Symbol.dispose]: () => database[Symbol.dispose](),
    };
  },

  "colmap-text"(options) {
    const features = featureWriters["colmap-text"](options);
    const lists = openLists(options, ["matches.txt", "inlier_matches.txt"]);
    return {
      ...features,
      ...lists,
      files: [...features.files, ...lists.files],
      addPair({ left, right, matches, inliers, geometry }) {
        const [all, verified] = lists.streams;
        all.writeText(rawMatches(left.name, right.name, matches));
        if (!geometry) return;
        const chosen = chosenMatches(matches, inliers);
        verified.writeText(rawMatches(left.name, right.name, chosen));
      },
    };
  },

  hloc(options) {
    const features = featureWriters.hloc(options);
    const lists = openLists(options, ["pairs.txt"]);
    const name = "matches.h5";
    const file = new Hdf5File(join(options.directory, name));
    return {
      files: [...features.files, name, ...lists.files],
      addPhotograph: features.addPhotograph,
      addPair(pair) {
        const [left, right] = [pair.left.name, pair.right.name];
        file.addGroup(
          `${hlocName(left)}/${hlocName(right)}`,
          hlocMatches(pair, options.onlyInliers),
        );
        lists.streams[0].writeText(`${left} ${right}\n`);
      },
      finish() {
        features.finish();
        file.finish();
        lists.finish();
      },
      [Symbol.dispose]() {
        features[Symbol.dispose]();
        file[Symbol.dispose]();
        lists[Symbol.dispose]();
      },
    };
  },

  eth(options) {
    const features = featureWriters.eth(options);
    return {
      ...features,
      files: [...features.files, "matches/LEFT---RIGHT.bin of each pair"],
      async addPair(pair) {
        const { left, right, matches } = pair;
        const told = toldMatches(pair, options.onlyInliers);
        const chosen = chosenMatches(matches, told);
        await writeOwnFile(
          join(options.directory, "matches"),
          `${left.name}---${right.name}.bin`,
          ethMatches(chosen),
        );
      },
    };
  },

  csv(options) {
    const features = featureWriters.csv(options);
    const lists = openLists(options, ["matches.csv", "pairs.csv"]);
    const [matches, pairs] = lists.streams;
    matches.writeText(matchesCsvHead);
    pairs.writeText(pairsCsvHead);
    return {
      ...features,
      ...lists,
      files: [...features.files, ...lists.files],
      addPair(pair) {
        matches.writeText(matchesCsv(pair));
        pairs.writeText(pairCsv(pair));
      },
    };
  },
};

/** How photographs are written in each format. */
export const featureWriters: Record<
  FormatName,
  (options: ExchangeOptions) => FeatureWriter
> = {
  colmap: pairWriters.colmap,

  "colmap-text": (options) => ownFiles(options, { "NAME.txt": colmapText }),

  hloc({ directory }) {
    const name = "feats.h5";
    const file = new Hdf5File(join(directory, name));
    return {
      files: [name],
      addPhotograph: (photograph) =>
        file.addGroup(photograph.name, hlocFeatures(photograph)),
      finish: () => file.finish(),
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  },

  npz: (options) => ownFiles(options, { "NAME.npz": npzFile }),

  eth: (options) =>
    ownFiles(options, {
      "keypoints/NAME.bin": ethKeypoints,
      "descriptors/NAME.bin": ethDescriptors,
    }),

  opencv: (options) => ownFiles(options, { "NAME.yml": openCvYaml }),

  mat: (options) => ownFiles(options, { "NAME.mat": matFile }),

  csv: (options) => ownFiles(options, { "NAME.csv": keypointsCsv }),
};

/** Files of each photograph's own, by the pattern of their names. */
function ownFiles(
  { directory }: ExchangeOptions,
  contents: Record<
    string,
    (photograph: DescribedPhotograph) => string | Uint8Array
  >,
): FeatureWriter {
  return {
    files: Object.keys(contents).map((name) => `${name} of each photograph`),
    async addPhotograph(photograph) {
      for (const [pattern, contentOf] of Object.entries(contents)) {
        const name = pattern.replace("NAME", () => photograph.name);
        await writeOwnFile(directory, name, contentOf(photograph));
      }
    },
    finish() {},
    [Symbol.dispose]() {},
  };
}

async function writeOwnFile(
  directory: string,
  name: string,
  content: string | Uint8Array,
): Promise<void> {
  const path = join(directory, name);
  await Deno.mkdir(dirname(path), { recursive: true });
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  await writeWholeFile(path, bytes, "write the features");
}

/** Files that grow with every pair. */
function openLists({ directory }: ExchangeOptions, names: string[]) {
  const streams = names.map((name) =>
    new StreamedFile(join(directory, name), "write the matches")
  );
  return {
    files: names,
    streams,
    finish() {
      for (const stream of streams) stream.finish();
    },
    [Symbol.dispose]() {
      for (const stream of streams) stream[Symbol.dispose]();
    },
  };
}
