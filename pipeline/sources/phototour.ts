import {
  findLocalSet,
  listMirrorFiles,
  listReleaseFiles,
  type OnPartProgress,
  PublishedSets,
  type ReleaseOptions,
  wantedSets,
  writeReleaseDataset,
} from "../../data/mod.ts";
import type { ArchiveName, Config } from "../config.ts";
import type { Json } from "../files/json.ts";
import type { StageContext } from "../stage.ts";
import type { Source } from "./source.ts";

/**
 * The published sets, on this machine or fetched: archives stay in the store for other configs, what is unpacked goes as soon as it is
 * packed.
 */
export const phototour: Source = {
  parameters({ download, contents }) {
    const { source, training_set, test_sets, partial_sets } = download;
    const pinned = Object.fromEntries(
      wantedSets({ trainingSet: training_set, testSets: test_sets })
        .map((set) => [set, contents[set as ArchiveName]])
        .filter(([, digest]) => digest !== ""),
    );
    const pins: Record<string, Json> = Object.keys(pinned).length === 0
      ? {}
      : { contents: pinned };
    return { source, training_set, test_sets, partial_sets, ...pins };
  },

  /** Those that are here already. */
  externalFiles: (config) =>
    listReleaseFiles(config.download.source_dir, releaseOptions(config)),

  watched(config) {
    const { download: { source_dir }, mirrors } = config;
    return [
      ...(source_dir === "" ? [] : [source_dir]),
      ...wantedSets(releaseOptions(config))
        .filter((set) => findLocalSet(source_dir, set) === undefined)
        .flatMap((set) => listMirrorFiles(mirrors[set as ArchiveName], set)),
    ];
  },

  write: (context, onProgress) =>
    writeReleaseDataset(
      context.outputDirectory,
      publishedSets(context, onProgress),
      releaseOptions(context.config),
      onProgress,
    ),
};

function releaseOptions({ download, evaluate }: Config): ReleaseOptions {
  const evaluatesHpatches = evaluate.tasks.some((task) => task !== "phototour");
  return {
    trainingSet: download.training_set,
    testSets: download.test_sets,
    publishedCounts: !download.partial_sets,
    splits: evaluatesHpatches ? evaluate.splits : [],
  };
}

function publishedSets(
  context: StageContext,
  onProgress: OnPartProgress,
): PublishedSets {
  const { config, pinnedContents } = context;
  return new PublishedSets({
    sourceDirectory: config.download.source_dir,
    mirrors: config.mirrors,
    pins: [
      { contents: config.contents, from: "[contents] of the config" },
      { contents: pinnedContents, from: "the config's lock file" },
    ],
    offline: config.download.offline,
    downloadsDirectory: context.downloadsDirectory,
    scratchDirectory: context.scratchDirectory,
    onProgress,
    onNote: (line) => context.log.info(line),
    signal: context.signal,
  });
}
