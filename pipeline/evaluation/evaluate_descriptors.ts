import {
  DataError,
  isByProduct,
  readSplits,
  someOf,
  type Split,
} from "../../data/mod.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { namesIn } from "../files/file_tree.ts";
import { join } from "@std/path";
import type { Log } from "../log.ts";
import type { Norm } from "../metrics/distance.ts";
import { SequenceBootstrap } from "./bootstrap.ts";
import { DescriptorFolder } from "./descriptor_folder.ts";
import type {
  BootstrapOptions,
  BootstrapResult,
  HpatchesMeasures,
} from "./measures.ts";
import type { HpatchesTask } from "../config/task_names.ts";
import { observers, type TaskObserver } from "./observer.ts";
import { fitPcaPowerLaw } from "./pca_power_law.ts";
import { evaluateSplit } from "./split_evaluation.ts";

/** What to evaluate, and on what. */
export interface EvaluateDescriptorsOptions {
  /** folder of `<sequence>/<type>.csv` */
  descriptorsDirectory: string;
  /** folder of the benchmark's task files */
  tasksDirectory: string;
  /** the benchmark's `splits.json`; default `<tasksDirectory>/splits/splits.json` */
  splitsFile?: string;
  /** keys of that file */
  splits: readonly string[];
  tasks: readonly HpatchesTask[];
  /** pool sizes of the retrieval task; default: the benchmark's */
  retrievalCuts?: readonly number[];
  /** default L2 */
  norm?: Norm;
  /** from how many multiply-adds on the GPU compares, for tests; default: the rule of `RowSearch` */
  gpuMultiplyAdds?: number;
  /** PCA and power law, fitted on the split's training sequences, before anything is compared */
  pcaPowerLaw?: boolean;
  /** confidence intervals over sequences; default: none */
  bootstrap?: BootstrapOptions | undefined;
  /** what else looks on while a split is evaluated */
  observe?: (split: string) => TaskObserver;
  /** what warnings and progress call these descriptors; default: the folder */
  label?: string;
  log: Log;
  signal?: AbortSignal;
}

/** Figures by split, a line for each thing to know about them (ties that decide, pool sizes left out, columns that count rows), and intervals by split when they were asked for. */
export interface DescriptorEvaluation {
  splits: Record<string, HpatchesMeasures>;
  warnings: string[];
  bootstrap?: Record<string, BootstrapResult>;
}

/** Pool sizes of the benchmark's retrieval task. */
const officialRetrievalCuts: readonly number[] = [
  100,
  500,
  1000,
  5000,
  10000,
  15000,
  20000,
];

/**
 * Evaluates one method's descriptors on tasks of the HPatches benchmark.
 *
 * In memory are the reference images and, for verification, the five images of one noise level: 4 bytes a value, at most six
 * sixteenths of all.
 *
 * @returns figures as fractions
 * @throws {DataError} naming the place: an unknown split, a missing sequence, type or task file, descriptors that are not
 * finite or differ in length
 * @example
 * ```ts ignore
 * const { splits } = await evaluateDescriptors({
 *   descriptorsDirectory: "descriptors/trained",
 *   tasksDirectory: "tasks",
 *   splits: ["a"],
 *   tasks: ["matching"],
 *   log: silentLog,
 * });
 * splits.a.matching?.mean; // mAP as a fraction
 * ```
 */
export async function evaluateDescriptors(
  options: EvaluateDescriptorsOptions,
): Promise<DescriptorEvaluation> {
  const { descriptorsDirectory, tasksDirectory, log } = options;
  const label = options.label ?? descriptorsDirectory;
  const splitsFile = options.splitsFile ??
    join(tasksDirectory, "splits", "splits.json");
  const known = await readSplits(splitsFile);
  const splits = options.splits.map((key) => ({
    key,
    split: requireSplit(known, key, splitsFile),
  }));
  const passedOver = await withFileErrors(
    "evaluate the descriptors",
    descriptorsDirectory,
    () => unnamedEntries(descriptorsDirectory, known),
  );
  if (passedOver.length > 0) {
    log.info(
      `${label}: passed over ${someOf(passedOver)}, which no split names`,
    );
  }
  using plain = new DescriptorFolder(descriptorsDirectory);
  const result: DescriptorEvaluation = { splits: {}, warnings: [] };
  for (const { key, split } of splits) {
    options.signal?.throwIfAborted();
    using transformed = options.pcaPowerLaw
      ? new DescriptorFolder(
        descriptorsDirectory,
        await fitPcaPowerLaw(descriptorsDirectory, split.train, key),
      )
      : undefined;
    const folder = transformed ?? plain;
    const bootstrap = options.bootstrap &&
      new SequenceBootstrap(split.test, options.bootstrap, key, options.signal);
    const observer = observers(
      [bootstrap, options.observe?.(key)].filter((one) => one !== undefined),
    );
    const { measures, warnings } = await evaluateSplit(folder, split, {
      tasks: options.tasks,
      tasksDirectory,
      retrievalCuts: options.retrievalCuts ?? officialRetrievalCuts,
      norm: options.norm ?? "L2",
      gpuMultiplyAdds: options.gpuMultiplyAdds,
      label,
      key,
      observer,
      log,
      signal: options.signal,
    });
    const leaks = leakWarning(folder, label).filter((line) =>
      !result.warnings.includes(line)
    );
    result.warnings.push(...leaks, ...warnings);
    result.splits[key] = measures;
    if (bootstrap !== undefined) {
      (result.bootstrap ??= {})[key] = bootstrap.result(measures);
    }
  }
  return result;
}

/** What is in the folder of descriptors and is no sequence of any split, sorted. */
function unnamedEntries(
  directory: string,
  splits: ReadonlyMap<string, Split>,
): string[] {
  const named = new Set(
    [...splits.values()].flatMap(({ test, train }) => [...test, ...train]),
  );
  return namesIn(directory).filter((name) =>
    !named.has(name) && !isByProduct(name)
  ).sort();
}

/** A warning when a column of every file is the number of the row, which no descriptor of a patch knows. */
function leakWarning(folder: DescriptorFolder, label: string): string[] {
  const columns = folder.countingColumns;
  if (columns.length === 0) return [];
  return [
    `column ${columns.join(", ")} of ${label} counts the rows in every file: ` +
    "an index that a program wrote beside the descriptors? It gives the right matches away, so the figures mean nothing; write the files without it",
  ];
}

function requireSplit(
  splits: Map<string, Split>,
  key: string,
  where: string,
): Split {
  const split = splits.get(key);
  const fault = split === undefined
    ? {
      found: `no split "${key}"`,
      wanted: `one of ${[...splits.keys()].join(", ")}`,
    }
    : split.test.length === 0
    ? { found: `no test sequence in split "${key}"`, wanted: "at least one" }
    : undefined;
  if (split !== undefined && fault === undefined) return split;
  throw new DataError({
    attempt: "evaluate the descriptors",
    where,
    ...fault!,
  });
}
