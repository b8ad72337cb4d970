import { type HpatchesTask, hpatchesTaskNames } from "../config/task_names.ts";
import { negativeKinds, type Noise, noiseNames } from "./benchmark.ts";
import type { HpatchesMeasures } from "./measures.ts";

/** How a task's figures are named. */
interface TaskFigures<Measures> {
  /** every figure by its name below the task, the headline figure `mean` among them */
  list(measures: Measures): Iterable<[name: string, figure: number]>;
  /** which of these figures are means of others, the parts of a mean before it */
  means(measures: Measures): [name: string, parts: string[]][];
}

const levels: (Noise | "mean")[] = [...noiseNames, "mean"];

const tasks: {
  [Task in HpatchesTask]: TaskFigures<NonNullable<HpatchesMeasures[Task]>>;
} = {
  verification: {
    *list(verification) {
      for (const noise of noiseNames) {
        for (const kind of negativeKinds) {
          const { auc, ap } = verification[noise][kind];
          yield [`${noise}.${kind}.auc`, auc];
          yield [`${noise}.${kind}.ap`, ap];
        }
      }
      // Over noise levels and kinds of pairs, of the imbalanced AP.
      yield [
        "mean",
        mean(
          noiseNames.flatMap((noise) =>
            negativeKinds.map((kind) => verification[noise][kind].ap)
          ),
        ),
      ];
    },
    means: () => [[
      "mean",
      negativeKinds.flatMap((kind) =>
        noiseNames.map((noise) => `${noise}.${kind}.ap`)
      ),
    ]],
  },
  matching: {
    *list(matching) {
      for (const level of levels) yield [level, matching[level]];
    },
    means: () => [["mean", noiseNames]],
  },
  retrieval: {
    *list(retrieval) {
      for (const level of levels) {
        for (const [cut, figure] of Object.entries(retrieval[level])) {
          yield [`${level}.${cut}`, figure];
        }
      }
      // Over noise levels and pool sizes.
      yield ["mean", mean(Object.values(retrieval.mean))];
    },
    means: ({ mean }) => {
      const cuts = Object.keys(mean);
      return [
        ...cuts.map((cut): [string, string[]] => [
          `mean.${cut}`,
          noiseNames.map((noise) => `${noise}.${cut}`),
        ]),
        ["mean", cuts.map((cut) => `mean.${cut}`)],
      ];
    },
  },
};

/**
 * Every figure under one dotted name, `verification.easy.inter.ap`, `matching.mean`, `retrieval.hard.100`; the headline figure of a task
 * is `<task>.mean`.
 */
export function figureList(measures: HpatchesMeasures): Map<string, number> {
  const figures = new Map<string, number>();
  const add = <Task extends HpatchesTask>(task: Task) => {
    const measured = measures[task];
    if (measured === undefined) return;
    for (const [name, figure] of tasks[task].list(measured)) {
      figures.set(`${task}.${name}`, figure);
    }
  };
  hpatchesTaskNames.forEach(add);
  return figures;
}

/** The figures that are means of other figures, by dotted name, with the names of their parts; the parts of a mean stand before it. */
export function figureMeans(
  measures: HpatchesMeasures,
): [name: string, parts: string[]][] {
  const means = <Task extends HpatchesTask>(task: Task) => {
    const measured = measures[task];
    if (measured === undefined) return [];
    return tasks[task].means(measured).map((
      [name, parts],
    ): [string, string[]] => [
      `${task}.${name}`,
      parts.map((part) => `${task}.${part}`),
    ]);
  };
  return hpatchesTaskNames.flatMap(means);
}

/** A task's headline figure: its mean average precision over everything; undefined when it was not measured. */
export function headlineFigure(
  task: HpatchesTask,
  measures: HpatchesMeasures,
): number | undefined {
  return figureList(measures).get(`${task}.mean`);
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
