import { type HpatchesTask, hpatchesTaskNames } from "../config/task_names.ts";
import { MatchingTask } from "./matching_task.ts";
import { RetrievalTask } from "./retrieval_task.ts";
import type { PreparedTask, TaskSetting } from "./split_task.ts";
import { VerificationTask } from "./verification_task.ts";

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
      notes: task.notes(setting.key),
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
 * @throws {DataError} naming the place when a file is wrong or missing
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
