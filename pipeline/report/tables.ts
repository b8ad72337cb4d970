import {
  type HpatchesTask,
  hpatchesTaskNames,
  type ImagePairFigure,
  imagePairFigureNames,
  pairMeasureNames,
} from "../config/task_names.ts";
import {
  negativeKinds,
  type Noise,
  noiseNames,
} from "../evaluation/benchmark.ts";
import type {
  BootstrapResult,
  HpatchesMeasures,
  ImagePairMeasures,
  Measures,
} from "../evaluation/measures.ts";
import { headlineFigure } from "../evaluation/figure_list.ts";
import type { RunResults } from "./results_schema.ts";
import {
  imagePairHeadlines,
  imagePairTitles,
  pairMeasureTitles,
  withArrow,
} from "./titles.ts";

/** A table of figures: one row a descriptor. */
export interface Table {
  title: string;
  /** names of the columns, the first being the descriptor */
  header: string[];
  /** cells as text, percent with two decimals */
  rows: string[][];
}

const missing = "–";

/** A fraction as percent with two decimals; a dash when it was not measured. */
export function percent(fraction: number | null | undefined): string {
  return fraction === undefined || fraction === null
    ? missing
    : (100 * fraction).toFixed(2);
}

/** All measures as tables: PhotoTour, then for each split an overview and each task in full, then image pairs. */
export function fullTables(measures: Measures): Table[] {
  const tables = phototourTables(measures);
  for (const [split, byDescriptor] of Object.entries(measures.hpatches)) {
    tables.push(overviewTable(measures, split));
    for (const task of hpatchesTaskNames) {
      tables.push(...taskTables[task](split, byDescriptor));
    }
  }
  return [...tables, ...imagePairTables(measures.image_pairs, true)];
}

/** What a terminal shows at the end of a run: PhotoTour, the mean of each HPatches task, and the main figures of image pairs. */
export function briefTables(measures: Measures): Table[] {
  const tables = phototourTables(measures);
  for (const split of Object.keys(measures.hpatches)) {
    tables.push(overviewTable(measures, split));
  }
  return [...tables, ...imagePairTables(measures.image_pairs, false)];
}

/**
 * Tables for each set of image pairs: the main figures, or all of them and matching accuracy in a table of its own.
 *
 * @param full every figure, not only the main ones
 */
export function imagePairTables(
  sets: Record<string, Record<string, ImagePairMeasures>> | undefined,
  full: boolean,
): Table[] {
  return Object.entries(sets ?? {}).flatMap(([set, byDescriptor]) => {
    const all = Object.values(byDescriptor);
    const known = imagePairFigureNames.filter((name) =>
      all.some(({ figures }) => name in figures)
    );
    const isAccuracy = (name: ImagePairFigure) => name.startsWith("mma_");
    const brief = known.filter((name) =>
      imagePairHeadlines.includes(name) || !isAccuracy(name) && full
    );
    const interval = all.some(({ bootstrap }) => bootstrap !== undefined)
      ? " (95 % interval over sequences)"
      : "";
    const ratio = all.some(({ tuned }) => tuned)
      ? "each descriptor's ratio chosen on others"
      : "ratio not chosen";
    const cells = (names: readonly ImagePairFigure[], one: ImagePairMeasures) =>
      names.map((name) => withInterval(one.figures[name], one.bootstrap, name));
    const tables: Table[] = [{
      title: `${
        all[0]?.pairs ?? 0
      } image pairs of ${set}, ${ratio}; figures in %${interval}`,
      header: [
        "descriptor",
        "ratio",
        "matches",
        "estimated ↑",
        ...brief.map((name) => `${imagePairTitles[name]} ↑`),
      ],
      rows: Object.entries(byDescriptor).map(([name, one]) => [
        name,
        one.ratio.toFixed(2),
        one.matches.toFixed(1),
        percent(one.estimated),
        ...cells(brief, one),
      ]),
    }];
    const accuracies = known.filter(isAccuracy);
    if (full && accuracies.length > 0) {
      tables.push({
        title:
          `Mean matching accuracy of ${set}, % within so many pixels${interval}`,
        header: [
          "descriptor",
          ...accuracies.map((name) => name.replace("mma_", "")),
        ],
        rows: Object.entries(byDescriptor).map(([name, one]) => [
          name,
          ...cells(accuracies, one),
        ]),
      });
    }
    return tables;
  });
}

/** A figure in percent, with its interval where there is one. */
function withInterval(
  value: number | null | undefined,
  bootstrap: BootstrapResult | undefined,
  figure: string,
): string {
  const interval = bootstrap?.figures[figure];
  return interval === undefined
    ? percent(value)
    : `${percent(value)} (${percent(interval.low)} … ${
      percent(interval.high)
    })`;
}

type ByDescriptor = Record<string, HpatchesMeasures>;

function phototourTables(measures: Measures): Table[] {
  return Object.entries(measures.phototour).map(([set, byDescriptor]) => ({
    title: `Test pairs ${set}, %`,
    header: [
      "descriptor",
      ...pairMeasureNames.map((name) => withArrow(pairMeasureTitles[name])),
    ],
    rows: Object.entries(byDescriptor).map(([name, figures]) => [
      name,
      ...pairMeasureNames.map((measure) => percent(figures[measure])),
    ]),
  }));
}

function overviewTable(measures: Measures, split: string): Table {
  const intervals = measures.bootstrap?.[split];
  return {
    title: `HPatches split ${split}, mAP %${
      intervals === undefined ? "" : " (95 % interval over sequences)"
    }`,
    header: ["descriptor", ...hpatchesTaskNames.map((task) => `${task} ↑`)],
    rows: Object.entries(measures.hpatches[split]).map(([name, figures]) => [
      name,
      ...hpatchesTaskNames.map((task) =>
        withInterval(
          headlineFigure(task, figures),
          intervals?.[name],
          `${task}.mean`,
        )
      ),
    ]),
  };
}

/** Each task in full. */
const taskTables: Record<
  HpatchesTask,
  (split: string, byDescriptor: ByDescriptor) => Table[]
> = {
  verification: verificationTable,
  matching: matchingTable,
  retrieval: retrievalTable,
};

function verificationTable(split: string, byDescriptor: ByDescriptor): Table[] {
  const columns = noiseNames.flatMap((noise) =>
    negativeKinds.map((kind) => ({ noise, kind }))
  );
  const rows = Object.entries(byDescriptor).flatMap(
    ([name, { verification }]) =>
      verification === undefined ? [] : [[
        name,
        ...columns.map(({ noise, kind }) => {
          const { auc, ap } = verification[noise][kind];
          return `${percent(auc)} / ${percent(ap)}`;
        }),
      ]],
  );
  const header = columns.map(({ noise, kind }) => `${noise} ${kind}`);
  return tableOf(
    `Verification, split ${split}: ROC area / imbalanced AP, %`,
    header,
    rows,
  );
}

function matchingTable(split: string, byDescriptor: ByDescriptor): Table[] {
  const columns: (Noise | "mean")[] = [...noiseNames, "mean"];
  const rows = Object.entries(byDescriptor).flatMap(([name, { matching }]) =>
    matching === undefined
      ? []
      : [[name, ...columns.map((column) => percent(matching[column]))]]
  );
  return tableOf(`Matching, split ${split}: mAP %`, columns, rows);
}

function retrievalTable(split: string, byDescriptor: ByDescriptor): Table[] {
  const columns: (Noise | "mean")[] = [...noiseNames, "mean"];
  const rows = Object.entries(byDescriptor).flatMap(([name, { retrieval }]) =>
    retrieval === undefined ? [] : Object.keys(retrieval.mean).map((cut) => [
      name,
      cut,
      ...columns.map((column) => percent(retrieval[column][cut])),
    ])
  );
  return tableOf(
    `Retrieval, split ${split}: mAP % by pool size`,
    ["k", ...columns],
    rows,
  );
}

function tableOf(title: string, columns: string[], rows: string[][]): Table[] {
  if (rows.length === 0) return [];
  return [{ title, header: ["descriptor", ...columns], rows }];
}

/** How each stage came by its outputs. */
export function stageTable(
  stages: RunResults["stages"],
): Table {
  return {
    title: "Stages",
    header: ["stage", "key", "this run", "seconds"],
    rows: Object.entries(stages).map(([name, { key, fresh, seconds }]) => [
      name,
      key.slice(0, 12),
      fresh ? "restored" : "ran",
      seconds.toFixed(1),
    ]),
  };
}
