import type { Split } from "../../data/mod.ts";
import type { Log } from "../log.ts";
import type { Norm } from "../metrics/distance.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import { MatchingTask } from "./matching_task.ts";
import {
  type HpatchesMeasures,
  type HpatchesTask,
  noiseNames,
  noises,
  TieWatch,
} from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import { RetrievalTask } from "./retrieval_task.ts";
import { RowSearch } from "./row_search.ts";
import { VerificationTask } from "./verification_task.ts";

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
 * @returns the figures, and a warning for each task whose figures ties decide
 * @throws DataError naming the place when files are wrong or missing
 */
export async function evaluateSplit(
  folder: DescriptorFolder,
  split: Split,
  options: SplitOptions,
): Promise<{ measures: HpatchesMeasures; warnings: string[] }> {
  const { tasks, tasksDirectory, norm, observer, log, signal } = options;
  const title = `${options.label}, split ${options.key}`;
  const has = (task: HpatchesTask) => tasks.includes(task);
  await readReferences(folder, split, options);
  const verification = has("verification")
    ? await VerificationTask.read(
      folder,
      tasksDirectory,
      split.name,
      norm,
      observer,
      split.test,
    )
    : undefined;
  const retrieval = has("retrieval")
    ? await RetrievalTask.read(
      folder,
      tasksDirectory,
      split.name,
      options.retrievalCuts,
      norm,
      observer,
    )
    : undefined;
  const matched = new Set(has("matching") ? split.test : []);
  using search = await RowSearch.open(
    norm,
    multiplyAdds(folder, matched) + (retrieval?.multiplyAdds ?? 0),
    options.gpuMultiplyAdds,
  );
  const mostRows = Math.max(0, ...[...matched].map((s) => folder.rows(s)));
  const matching = has("matching")
    ? new MatchingTask(search, mostRows, observer)
    : undefined;
  const ties = {
    verification: new TieWatch(),
    matching: new TieWatch(),
    retrieval: new TieWatch(),
  };

  const sequences = [
    ...new Set([
      ...split.test,
      ...verification?.sequences ?? [],
      ...retrieval?.sequences ?? [],
    ]),
  ];
  const progress = log.progress(
    `${tasks.join(", ")} of ${title}`,
    noiseNames.length * sequences.length,
    "noisy sequences",
  );
  let done = 0;
  // Matches of the sequence before, which are decided while the GPU works on the next.
  let deciding = Promise.resolve();
  for (const noise of noiseNames) {
    const passing = folder.noisyImages(sequences, noises[noise]);
    for await (const { sequence, images } of passing) {
      signal?.throwIfAborted();
      const reference = folder.reference(sequence);
      const decide = matched.has(sequence)
        ? await matching!.add(sequence, noise, reference, images)
        : undefined;
      retrieval?.add(sequence, noise, images);
      verification?.add(sequence, reference, images);
      await deciding;
      if (decide !== undefined) deciding = decide();
      // What fails in between is told first; this then matters to nobody.
      deciding.catch(() => {});
      progress.update(++done);
    }
    signal?.throwIfAborted();
    await verification?.measure(noise, ties.verification);
  }
  await deciding;
  progress.finish();

  const measures: HpatchesMeasures = {};
  const verified = verification?.measures();
  for (const task of tasks) {
    if (task === "verification") {
      measures.verification = verified!;
    } else if (task === "matching") {
      measures.matching = matching!.measures(ties.matching);
    } else {
      const pools = log.progress(
        `rank the pools of ${title}`,
        retrieval!.queries,
        "queries",
      );
      measures.retrieval = await retrieval!.measures(
        search,
        ties.retrieval,
        (queries) => {
          signal?.throwIfAborted();
          pools.update(queries);
        },
      );
      pools.finish();
    }
  }
  const warnings = tasks.flatMap((task) =>
    ties[task].warnings(`${task} of ${title}`)
  );
  return { measures, warnings };
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

/** Of matching: every reference row with every row of fifteen images. */
function multiplyAdds(
  folder: DescriptorFolder,
  sequences: Iterable<string>,
): number {
  let sum = 0;
  for (const sequence of sequences) {
    sum += 15 * folder.rows(sequence) ** 2 * folder.dimension;
  }
  return sum;
}
