import type { Config } from "../../config.ts";
import type { Findings } from "../../evaluation/findings_schema.ts";
import { headlineFigure } from "../../evaluation/figure_list.ts";
import {
  type HpatchesTask,
  hpatchesTaskNames,
} from "../../config/task_names.ts";
import { negativeKinds, noiseNames } from "../../evaluation/benchmark.ts";
import type { HpatchesMeasures } from "../../evaluation/measures.ts";
import { barChart, type BarPanel } from "./bar_chart.ts";
import { type Dot, dotChart } from "./dot_chart.ts";
import { lineChart, type Panel } from "./line_chart.ts";
import { matchedPair, matchedPairRows } from "./matched_pair.ts";
import { keypointCaption, keypointPicture } from "./photograph.ts";
import type { ShownPhotograph } from "../photographs_schema.ts";
import { mistakeCards, mistakeSheet } from "./mistake_sheet.ts";
import { publishedHpatches, publishedPairs } from "../published.ts";
import { colourOf, escapeXml, theme } from "./svg.ts";
import { trainingChart, type TrainingCourse } from "./training_curves.ts";

/** A picture of the report. */
export interface Picture {
  /** file name without `.svg` */
  name: string;
  svg: string;
  /** the same for a screen of less than 600 pixels, where it is another */
  narrow?: string;
  /** what the page has in place of `svg`, as HTML, where that is another */
  html?: string;
}

/** What pictures are drawn from. */
export interface PictureSources extends Findings {
  config: Config;
  courses?: readonly TrainingCourse[];
  photographs?: readonly ShownPhotograph[];
}

/** All pictures of a run. */
export function drawPictures(sources: PictureSources): Picture[] {
  const { measures, curves, mistakes, shown_pairs, courses = [] } = sources;
  const pictures = (sources.photographs ?? []).map((shown): Picture => ({
    name: `photograph_${shown.name}`,
    svg: keypointPicture(shown),
    html: `${keypointPicture(shown)}<figcaption>${
      keypointCaption(shown)
    }</figcaption>`,
  }));
  if (courses.length > 0) {
    pictures.push({
      name: "training",
      svg: trainingChart(courses, 2),
      narrow: trainingChart(courses, 1),
    });
  }
  if (Object.keys(measures.phototour).length > 0) {
    pictures.push(
      {
        name: "fpr95",
        svg: fpr95Picture(sources),
        narrow: fpr95Picture(sources, 1),
      },
      {
        name: "roc_pairs",
        svg: pairCurves(curves),
        narrow: pairCurves(curves, 1),
      },
    );
  }
  for (const [split, byDescriptor] of Object.entries(measures.hpatches)) {
    const panels = taskPanels(split, byDescriptor, measures.sequences[split]);
    if (panels.length > 0) {
      const title = `HPatches tasks by noise, split ${split}`;
      pictures.push({
        name: `tasks_${split}`,
        svg: barChart(title, panels),
        narrow: barChart(title, panels, 1),
      });
    }
    pictures.push(...verificationCurves(split, curves));
    for (const [name, list] of Object.entries(mistakes[split] ?? {})) {
      if (list.length === 0) continue;
      const title = `Hardest mistakes of ${name} in matching, split ${split}`;
      pictures.push({
        name: `mistakes_${split}_${name}`,
        svg: mistakeSheet(title, list),
        html: mistakesHtml(title, list),
      });
    }
  }
  for (const shown of shown_pairs) {
    pictures.push({
      name: "matched_pair",
      svg: matchedPair(shown),
      html: matchedPairHtml(shown),
    });
  }
  return pictures;
}

function mistakesHtml(
  ...sheet: Parameters<typeof mistakeCards>
): string {
  const { title, note, cards } = mistakeCards(...sheet);
  return `<figcaption><b>${escapeXml(title)}</b><br>${
    escapeXml(note)
  }</figcaption><div class="cards">${cards.join("")}</div>`;
}

function matchedPairHtml(shown: Findings["shown_pairs"][number]): string {
  const { title, rows } = matchedPairRows(shown);
  return `<figcaption><b>${escapeXml(title)}</b></figcaption>${
    rows.map(({ caption, svg }) =>
      `<figcaption>${escapeXml(caption)}</figcaption>${svg}`
    ).join("")
  }`;
}

function fpr95Picture(
  { config, measures }: PictureSources,
  columns?: number,
): string {
  const { source } = config.download;
  const panels = Object.entries(measures.phototour).map(
    ([set, byDescriptor]) => {
      const own = Object.entries(byDescriptor).map((
        [name, { fpr95 }],
      ): Dot => ({
        name,
        value: fpr95,
        colour: colourOf(name),
        published: false,
      }));
      const count = measures.pairs[set];
      const others = publishedPairs[source](config, set, count);
      const published = others.map(({ name, fpr95 }): Dot => ({
        name,
        value: fpr95,
        colour: theme.published,
        published: true,
      }));
      return {
        title: `${set}, ${count.toLocaleString("en")} pairs`,
        dots: [...own, ...published],
      };
    },
  );
  return dotChart(
    "False positive rate at 95 % recall",
    "FPR95, logarithmic",
    panels,
    columns,
  );
}

function pairCurves(curves: Findings["curves"], columns = 3): string {
  return lineChart({
    title: "ROC of the test pairs",
    panels: Object.entries(curves.phototour).map(([set, byDescriptor]) => ({
      title: set,
      lines: mapped(byDescriptor, ({ roc }) => roc),
    })),
    columns,
    x: { label: "false positive rate, logarithmic", logarithmic: true },
    y: { label: "true positive rate" },
    mark: 0.95,
  });
}

function verificationCurves(
  split: string,
  curves: Findings["curves"],
): Picture[] {
  const byDescriptor = curves.hpatches[split] ?? {};
  const panelsOf = (key: "roc" | "precisionRecall"): Panel[] =>
    negativeKinds.flatMap((kind) =>
      noiseNames.map((noise) => ({
        title: kind === "inter"
          ? `${noise}, pairs of two sequences`
          : `${noise}, pairs within a sequence`,
        lines: Object.fromEntries(
          Object.entries(byDescriptor).flatMap(([name, curvesOf]) => {
            const line = curvesOf[noise][kind]?.[key];
            return line === undefined ? [] : [[name, line]];
          }),
        ),
      }))
    );
  if (Object.keys(byDescriptor).length === 0) return [];
  const roc = (columns: number) =>
    lineChart({
      title: `Verification, ROC of the balanced pairs, split ${split}`,
      panels: panelsOf("roc"),
      columns,
      x: { label: "false positive rate, logarithmic", logarithmic: true },
      y: { label: "true positive rate" },
    });
  const precisionRecall = (columns: number) =>
    lineChart({
      title:
        `Verification, precision and recall of the imbalanced pairs, split ${split}`,
      panels: panelsOf("precisionRecall"),
      columns,
      x: { label: "recall" },
      y: { label: "precision" },
    });
  return [
    {
      name: `roc_${split}`,
      svg: roc(noiseNames.length),
      narrow: roc(1),
    },
    {
      name: `precision_recall_${split}`,
      svg: precisionRecall(noiseNames.length),
      narrow: precisionRecall(1),
    },
  ];
}

/** One panel a task that was measured: the noise levels and the mean. */
function taskPanels(
  split: string,
  byDescriptor: Record<string, HpatchesMeasures>,
  sequences: readonly string[],
): BarPanel[] {
  const published = publishedHpatches(split, sequences);
  const measured = (task: HpatchesTask) =>
    Object.fromEntries(
      Object.entries(byDescriptor)
        .filter(([, measures]) => measures[task] !== undefined)
        .map(([name, measures]) => [name, [
          ...barsOf[task].levels(measures),
          headlineFigure(task, measures)!,
        ]]),
    );
  return hpatchesTaskNames
    .map((task): BarPanel => ({
      title: barsOf[task].title,
      groups: [...noiseNames, "mean"],
      bars: measured(task),
      references: published.flatMap(({ name, [task]: value }) =>
        value === null ? [] : [{ name, value }]
      ),
    }))
    .filter(({ bars }) => Object.keys(bars).length > 0);
}

/** A task's panel: its title, and a figure for each noise level. */
const barsOf: Record<
  HpatchesTask,
  { title: string; levels(measures: HpatchesMeasures): number[] }
> = {
  verification: {
    title: "verification, mAP",
    levels: ({ verification }) =>
      noiseNames.map((noise) =>
        mean(negativeKinds.map((kind) => verification![noise][kind].ap))
      ),
  },
  matching: {
    title: "matching, mAP",
    levels: ({ matching }) => noiseNames.map((noise) => matching![noise]),
  },
  retrieval: {
    title: "retrieval, mAP over all pool sizes",
    levels: ({ retrieval }) =>
      noiseNames.map((noise) => mean(Object.values(retrieval![noise]))),
  },
};

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function mapped<A, B>(
  record: Record<string, A>,
  change: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value)]),
  );
}
