import { join } from "@std/path";
import {
  type ExchangedPhotograph,
  type ExchangeOptions,
  type FeatureWriter,
  featureWriters,
  type FormatName,
  hlocName,
  type ImageTree,
  listImages,
  type PairFormatName,
  pairWriters,
  someOf,
} from "../../../data/mod.ts";
import type { DescribeImageOptions } from "../../descriptors/describe_image.ts";
import { PipelineError } from "../../errors.ts";
import { withFileErrors } from "../../files/file_errors.ts";
import { namesIn } from "../../files/file_tree.ts";
import { sha256Json } from "../../files/hash.ts";
import { refuseLink } from "../../files/links.ts";
import type { Log } from "../../log.ts";
import type { MatchImagesOptions } from "../match_images.ts";
import { acquireLock } from "../../store/lock.ts";
import { codeKey } from "./code_key.ts";
import {
  type ExtractedPhotograph,
  extractFeatures,
} from "./extract_features.ts";
import { FeatureRecords } from "./feature_records.ts";
import { lostRecord, matchPairs } from "./match_pairs.ts";
import { PairJournal } from "./pair_journal.ts";
import { allPairs, readPairList } from "./pair_list.ts";

/** Photographs whose features go to another program. */
export interface ExportOptions
  extends Pick<ExchangeOptions, "directory" | "descriptors"> {
  /** files, and folders that are searched with all folders in them */
  paths: readonly string[];
  format: FormatName;
  /** path of a network */
  model: string;
  describing: Omit<DescribeImageOptions, "onPart">;
  /** what is typed for it, shown to a second process that waits for this one */
  command: string;
  log: Log;
  signal: AbortSignal;
}

/** What became of the photographs. */
export interface ExportOutcome {
  /** lines for people */
  lines: string[];
  /** photographs that could not be read */
  passedOver: number;
}

/**
 * Writes the features of photographs as another program has them. What is computed is kept in `.records` in the folder: an interrupted run
 * goes on where it was and gives the same bytes, and the same photographs in another format take no time.
 *
 * @throws {DataError} when a path or the network cannot be read, or no photograph can; {PipelineError} when the folder cannot be written to
 */
export async function exportFeatures(
  options: ExportOptions,
): Promise<ExportOutcome> {
  const { directory, descriptors } = options;
  const listed = await listImages(options.paths);
  await using work = await beginExport(options, listed);
  using writer = featureWriters[options.format]({
    directory,
    descriptors,
    onlyInliers: false,
  });
  await writePhotographs(writer, work, options);
  writer.finish();
  return outcomeOf(options, work, writer.files, []);
}

/** Pairs of photographs whose matches go to another program, with the features. */
export interface PairExportOptions extends ExportOptions {
  format: PairFormatName;
  /** file with a pair a line; all pairs without it */
  list?: string;
  matching: MatchImagesOptions;
  /** leave out matches that do not agree with the geometry, where a format does not tell both */
  onlyInliers: boolean;
}

/**
 * Writes the features of photographs and the matches of pairs of them, verified by a geometry, as another program has them. As
 * {@linkcode exportFeatures} otherwise.
 */
export async function exportPairs(
  options: PairExportOptions,
): Promise<ExportOutcome> {
  const { directory, descriptors, onlyInliers, matching, list, log, signal } =
    options;
  // A list with a fault is refused before hours of work.
  const listed = await listImages(options.paths);
  const names = listed.images.map(({ name }) => name);
  if (options.format === "hloc") refuseOneHlocName(names);
  const wanted = list === undefined
    ? undefined
    : await readPairList(list, names);
  await using work = await beginExport(options, listed);
  const { photographs, records } = work;
  const numbers = new Map(photographs.map(({ name }, at) => [name, at]));
  const pairs = wanted?.flatMap(([left, right]) => {
    const pair = [numbers.get(names[left]), numbers.get(names[right])];
    return pair.includes(undefined) ? [] : [pair as [number, number]];
  });
  const count = photographs.length;
  const pairCount = pairs?.length ?? count * (count - 1) / 2;
  const everyPair = () => pairs ?? allPairs(count);

  const code = await codeKey(
    new URL("match_pairs.ts", import.meta.url),
    records.directory,
  );
  const key = sha256Json({ code, matching: { ...matching } });
  using journal = await PairJournal.open(
    join(records.directory, `pairs-${key}.journal`),
  );
  await matchPairs({
    photographs,
    pairs: everyPair(),
    pairCount,
    matching,
    records,
    journal,
    log,
    signal,
  });

  using writer = pairWriters[options.format]({
    directory,
    descriptors,
    onlyInliers,
  });
  await writePhotographs(writer, work, options);
  const progress = log.progress("write", pairCount, "pairs");
  const sums = { matches: 0, held: 0, inliers: 0 };
  let done = 0;
  for (const [left, right] of everyPair()) {
    signal.throwIfAborted();
    const sides = { left: photographs[left], right: photographs[right] };
    const record = journal.read(sides.left.key, sides.right.key);
    await writer.addPair({ ...sides, ...record });
    sums.matches += record.distances.length;
    if (record.geometry) sums.held++;
    sums.inliers += record.inliers.length;
    progress.update(++done);
  }
  writer.finish();
  progress.finish();
  warnOfBlanks(options.format, photographs, log);
  const verified = matching.geometry === "none"
    ? ""
    : `; a geometry in ${sums.held} pairs, ${sums.inliers} matches agree with it`;
  return outcomeOf(options, work, writer.files, [
    `pairs        ${pairCount}, ${sums.matches} matches${verified}`,
  ]);
}

/** What an export has after the photographs were described. */
interface ExportWork extends AsyncDisposable {
  photographs: ExtractedPhotograph[];
  records: FeatureRecords;
  passedOver: number;
}

async function beginExport(
  options: ExportOptions,
  { images, passedOver }: ImageTree,
): Promise<ExportWork> {
  const { directory, paths, log } = options;
  if (passedOver.length > 0) {
    log.info(`passed over ${someOf(passedOver)}: not named as images are`);
  }
  const recordsDirectory = join(directory, ".records");
  await withFileErrors("make the folder", recordsDirectory, async () => {
    await Deno.mkdir(recordsDirectory, { recursive: true });
    refuseLink("keep the features", recordsDirectory);
  });
  await using owned = new AsyncDisposableStack();
  owned.use(
    await acquireLock(join(recordsDirectory, "lock"), {
      what: `the folder ${directory}`,
      command: options.command,
      wait: true,
      log,
      signal: options.signal,
    }),
  );
  await removeLeftovers(recordsDirectory);
  const records = new FeatureRecords(recordsDirectory);
  const photographs = await extractFeatures({ ...options, images, records });
  if (photographs.length === 0) {
    throw new PipelineError({
      attempt: "describe the photographs",
      where: paths.join(", "),
      found: "none that can be read",
      wanted: "at least one",
    });
  }
  const kept = owned.move();
  return {
    photographs,
    records,
    passedOver: images.length - photographs.length,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Removes what killed runs did not finish; nobody else is at work here. */
async function removeLeftovers(directory: string): Promise<void> {
  for (const name of namesIn(directory)) {
    if (name.endsWith(".partial")) await Deno.remove(join(directory, name));
  }
}

async function writePhotographs(
  writer: FeatureWriter,
  { photographs, records }: ExportWork,
  { log, signal }: ExportOptions,
): Promise<void> {
  const progress = log.progress("write", photographs.length, "photographs");
  for (const [done, { name, key }] of photographs.entries()) {
    signal.throwIfAborted();
    const record = await records.read(key);
    if (record === undefined) throw lostRecord(name);
    await writer.addPhotograph({ name, ...record });
    progress.update(done + 1);
  }
  progress.finish();
}

function outcomeOf(
  { directory, model }: ExportOptions,
  { photographs, passedOver }: ExportWork,
  files: readonly string[],
  lines: readonly string[],
): ExportOutcome {
  const keypoints = photographs.reduce((sum, { count }) => sum + count, 0);
  return {
    passedOver,
    lines: [
      `network      ${model}`,
      `photographs  ${photographs.length}, ${keypoints} keypoints` +
      (passedOver > 0 ? `; ${passedOver} passed over` : ""),
      ...lines,
      `written      ${files.join(", ")}; in ${directory}`,
    ],
  };
}

/** Refuses photographs that hloc's files of matches know by one name. */
function refuseOneHlocName(names: readonly string[]): void {
  const known = new Map<string, string>();
  for (const name of names) {
    const told = hlocName(name);
    const other = known.get(told);
    if (other !== undefined) {
      throw new PipelineError({
        attempt: "write the matches for hloc",
        where: name,
        found: `${told}, as hloc calls ${other}, too`,
        wanted: "names that differ when each / is a -",
        remedy: "rename one of the two",
      });
    }
    known.set(told, name);
  }
}

/** Formats whose lists of names have blanks between them. */
const blankSeparated: readonly FormatName[] = ["colmap-text", "hloc"];

function warnOfBlanks(
  format: FormatName,
  photographs: readonly ExchangedPhotograph[],
  log: Log,
): void {
  if (!blankSeparated.includes(format)) return;
  const names = photographs.map(({ name }) => name)
    .filter((name) => /\s/.test(name));
  if (names.length === 0) return;
  log.warn(
    `${names.length} photographs have blanks in their names, ${
      someOf(names)
    }: whoever reads the lists of pairs takes them for several names; rename the files`,
  );
}
