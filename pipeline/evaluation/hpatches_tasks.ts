import type { Split } from "../../data/mod.ts";
import { type HpatchesTask, hpatchesTaskNames } from "../config/task_names.ts";
import type { Log } from "../log.ts";
import type { DescriptorRows, Norm } from "../metrics/distance.ts";
import type { Noise } from "./benchmark.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import { MatchingTask } from "./matching_task.ts";
import type { HpatchesMeasures, TieWatch } from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import { RetrievalTask } from "./retrieval_task.ts";
import type { RowSearch } from "./row_search.ts";
import { VerificationTask } from "./verification_task.ts";

/** What a task is prepared with. */
export interface TaskSetting {
  folder: DescriptorFolder;
  split: Split;
  tasksDirectory: string;
  /** pool sizes of the retrieval task */
  retrievalCuts: readonly number[];
  norm: Norm;
  observer: TaskObserver;
  /** takes note of figures that ties decide */
  ties: TieWatch;
  /** `<label>, split <key>`, for progress */
  title: string;
  log: Log;
  signal?: AbortSignal | undefined;
}

/** A sequence's images at one noise level. */
export interface PassingSequence {
  sequence: string;
  noise: Noise;
  reference: DescriptorRows;
  /** the five noisy ones */
  images: readonly DescriptorRows[];
}

/** A task that has read its files. */
export interface PreparedTask<Task extends HpatchesTask = HpatchesTask> {
  /** sequences that it has to see */
  readonly sequences: Iterable<string>;
  /** what it asks of the row search */
  readonly multiplyAdds: number;
  start(search: RowSearch): RunningTask<Task>;
}

/** A task while the noise levels pass by, sequence by sequence. */
export interface RunningTask<Task extends HpatchesTask = HpatchesTask> {
  /**
   * Hands a sequence to the row search.
   *
   * @returns what waits for the answer and takes its figures; undefined when the task does not concern the sequence
   */
  submit?(passing: PassingSequence): Promise<(() => Promise<void>) | undefined>;
  /** Measures a sequence on the spot, while the search is at what was submitted. */
  add?(passing: PassingSequence): void;
  /** A noise level is through. */
  endLevel?(noise: Noise): Promise<void>;
  /** The figures, once every level is through. */
  measures(): Promise<NonNullable<HpatchesMeasures[Task]>>;
}

const prepare: {
  [Task in HpatchesTask]: (setting: TaskSetting) => Promise<PreparedTask<Task>>;
} = {
  async verification({ folder, split, tasksDirectory, norm, observer, ties }) {
    const task = await VerificationTask.read(
      folder,
      tasksDirectory,
      split.name,
      norm,
      observer,
      split.test,
    );
    return {
      sequences: task.sequences,
      multiplyAdds: 0,
      start: () => ({
        add: ({ sequence, reference, images }) =>
          task.add(sequence, reference, images),
        endLevel: (noise) => task.measure(noise, ties),
        measures: () => Promise.resolve(task.measures()),
      }),
    };
  },

  matching({ folder, split, observer, ties }) {
    const matched = new Set(split.test);
    const rows = [...matched].map((sequence) => folder.rows(sequence));
    return Promise.resolve({
      sequences: matched,
      // Every reference row with every row of fifteen images.
      multiplyAdds: rows.reduce(
        (sum, count) => sum + 15 * count ** 2 * folder.dimension,
        0,
      ),
      start: (search) => {
        const task = new MatchingTask(search, Math.max(0, ...rows), observer);
        return {
          submit: async ({ sequence, noise, reference, images }) =>
            matched.has(sequence)
              ? await task.add(sequence, noise, reference, images)
              : undefined,
          measures: () => Promise.resolve(task.measures(ties)),
        };
      },
    });
  },

  async retrieval(setting) {
    const { ties, title, log, signal } = setting;
    const task = await RetrievalTask.read(
      setting.folder,
      setting.tasksDirectory,
      setting.split.name,
      setting.retrievalCuts,
      setting.norm,
      setting.observer,
    );
    return {
      sequences: task.sequences,
      multiplyAdds: task.multiplyAdds,
      start: (search) => ({
        add: ({ sequence, noise, images }) => task.add(sequence, noise, images),
        async measures() {
          const pools = log.progress(
            `rank the pools of ${title}`,
            task.queries,
            "queries",
          );
          const measures = await task.measures(search, ties, (queries) => {
            signal?.throwIfAborted();
            pools.update(queries);
          });
          pools.finish();
          return measures;
        },
      }),
    };
  },
};

/**
 * Reads the files of the tasks that are asked for, in the order of their names' table.
 *
 * @param setting what each task is prepared with
 * @throws DataError naming the place when a file is wrong or missing
 */
export async function prepareTasks(
  tasks: readonly HpatchesTask[],
  setting: (task: HpatchesTask) => TaskSetting,
): Promise<Map<HpatchesTask, PreparedTask>> {
  const prepared = new Map<HpatchesTask, PreparedTask>();
  for (const task of hpatchesTaskNames) {
    if (!tasks.includes(task)) continue;
    prepared.set(task, await prepare[task](setting(task)));
  }
  return prepared;
}
