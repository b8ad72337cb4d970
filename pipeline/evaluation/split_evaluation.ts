import type { Split } from "../../data/mod.ts";
import type { HpatchesTask } from "../config/task_names.ts";
import type { Log } from "../log.ts";
import type { Norm } from "../metrics/distance.ts";
import { noiseNames, noises } from "./benchmark.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import { prepareTasks } from "./hpatches_tasks.ts";
import { type HpatchesMeasures, TieWatch } from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import { RowSearch } from "./row_search.ts";
import type { RunningTask } from "./split_task.ts";

/** What {@linkcode evaluateSplit} needs besides the folder and the split. */
export interface SplitOptions {
  tasks: readonly HpatchesTask[];
  tasksDirectory: string;
  /** pool sizes of the retrieval task */
  retrievalCuts: readonly number[];
  norm: Norm;
  /** from how many multiply-adds on the GPU compares; default: the rule of {@linkcode RowSearch} */
  gpuMultiplyAdds?: number | undefined;
  /** what progress and warnings call the descriptors */
  label: string;
  /** key of the split */
  key: string;
  observer: TaskObserver;
  log: Log;
  signal?: AbortSignal | undefined;
}

/**
 * Evaluates one split. Descriptors pass by one noise level at a time: every file is read once, and no more is kept than the
 * reference images and, for the pairs of verification, one noise level's five images.
 *
 * @returns the figures, and a warning for each task whose figures ties decide or that leaves out what was asked for
 * @throws {DataError} naming the place when files are wrong or missing
 */
export async function evaluateSplit(
  folder: DescriptorFolder,
  split: Split,
  options: SplitOptions,
): Promise<{ measures: HpatchesMeasures; warnings: string[] }> {
  const { tasks, log, signal } = options;
  const title = `${options.label}, split ${options.key}`;
  await readReferences(folder, split, options);
  const ties = new Map(tasks.map((task) => [task, new TieWatch()]));
  const prepared = await prepareTasks(tasks, (task) => ({
    folder,
    split,
    tasksDirectory: options.tasksDirectory,
    retrievalCuts: options.retrievalCuts,
    norm: options.norm,
    observer: options.observer,
    ties: ties.get(task)!,
    key: options.key,
    title,
    log,
    signal,
  }));
  const parts = [...prepared.values()];
  using search = await RowSearch.open(
    options.norm,
    parts.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
    options.gpuMultiplyAdds,
  );
  const running = new Map(
    [...prepared].map(([task, part]) => [task, part.start(search)]),
  );
  const sequences = [
    ...new Set([
      ...split.test,
      ...parts.flatMap((part) => [...part.sequences]),
    ]),
  ];
  await passSequences(folder, sequences, [...running.values()], options);

  const found: [HpatchesTask, unknown][] = [];
  for (const task of tasks) {
    found.push([task, await running.get(task)!.measures()]);
  }
  const warnings = tasks.flatMap((task) => [
    ...prepared.get(task)?.notes ?? [],
    ...ties.get(task)!.warnings(`${task} of ${title}`),
  ]);
  return { measures: Object.fromEntries(found), warnings };
}

/** Lets every sequence pass by at every noise level. */
async function passSequences(
  folder: DescriptorFolder,
  sequences: readonly string[],
  running: readonly RunningTask[],
  { tasks, label, key, log, signal }: SplitOptions,
): Promise<void> {
  const progress = log.progress(
    `${tasks.join(", ")} of ${label}, split ${key}`,
    noiseNames.length * sequences.length,
    "noisy sequences",
  );
  let done = 0;
  // Answers about the sequence before, which are decided while the GPU works on the next.
  let deciding = Promise.resolve();
  for (const noise of noiseNames) {
    const levels = folder.noisyImages(sequences, noises[noise]);
    for await (const { sequence, images } of levels) {
      signal?.throwIfAborted();
      const reference = folder.reference(sequence);
      const passing = { sequence, noise, reference, images };
      const decisions: (() => Promise<void>)[] = [];
      for (const task of running) {
        const decide = await task.submit?.(passing);
        if (decide !== undefined) decisions.push(decide);
      }
      for (const task of running) task.add?.(passing);
      await deciding;
      deciding = inTurn(decisions);
      // What fails in between is told first; this then matters to nobody.
      deciding.catch(() => {});
      progress.update(++done);
    }
    signal?.throwIfAborted();
    for (const task of running) await task.endLevel?.(noise);
  }
  await deciding;
  progress.finish();
}

async function inTurn(actions: readonly (() => Promise<void>)[]) {
  for (const action of actions) await action();
}

async function readReferences(
  folder: DescriptorFolder,
  split: Split,
  { label, key, log, signal }: SplitOptions,
): Promise<void> {
  const progress = log.progress(
    `read ${label}, split ${key}`,
    split.test.length,
    "reference images",
  );
  let done = 0;
  await folder.open(split.test, `split ${key}`, () => {
    signal?.throwIfAborted();
    progress.update(++done);
  });
  progress.finish();
}
