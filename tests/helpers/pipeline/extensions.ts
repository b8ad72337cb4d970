/** One thing of every kind that can be added to the program, as small as it gets. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import type { Extension } from "./extended_tree.ts";

function results(runFolder: string) {
  const text = Deno.readTextFileSync(join(runFolder, "results.json"));
  return JSON.parse(text);
}

function contains(runFolder: string, file: string, text: string): void {
  const content = Deno.readTextFileSync(join(runFolder, file));
  assert.ok(content.includes(text), `${file}: ${text}`);
}

/** The four corners of a patch. */
const descriptor: Extension = {
  kind: "descriptor",
  name: "corners",
  table: {
    file: "pipeline/config/descriptor_names.ts",
    find: '  "rootsift",\n',
    replace: '  "rootsift",\n  "corners",\n',
  },
  missedIn: [
    "pipeline/descriptors/describers.ts",
    "pipeline/report/pictures/svg.ts",
  ],
  filling: [
    {
      file: "pipeline/baselines/corners.ts",
      text:
        `/** The grey values of the four corners: u8 [count, side, side] → f32 [count, 4]. */
export function corners(patches: Uint8Array, side: number): Float32Array {
  const area = side * side;
  const places = [0, side - 1, area - side, area - 1];
  const values = new Float32Array(4 * patches.length / area);
  for (let at = 0; at < values.length; at++) {
    values[at] = patches[Math.floor(at / 4) * area + places[at % 4]];
  }
  return values;
}
`,
    },
    {
      file: "pipeline/descriptors/describers.ts",
      find: "  rootsift: onCpu(rootSift, rootSiftDimension),\n",
      replace:
        "  rootsift: onCpu(rootSift, rootSiftDimension),\n  corners: onCpu(corners, 4),\n",
    },
    {
      file: "pipeline/descriptors/describers.ts",
      find: "import { meanStd,",
      replace:
        'import { corners } from "../baselines/corners.ts";\nimport { meanStd,',
    },
    {
      file: "pipeline/report/pictures/svg.ts",
      find: '  rootsift: "#009e73",\n',
      replace: '  rootsift: "#009e73",\n  corners: "#123456",\n',
    },
  ],
  config: { extract: 'descriptors = ["trained", "corners"]' },
  verify(runFolder) {
    const { phototour, hpatches } = results(runFolder);
    for (const bySet of [phototour, hpatches]) {
      for (const figures of Object.values<object>(bySet)) {
        assert.deepEqual(Object.keys(figures), ["trained", "corners"]);
      }
    }
    contains(runFolder, "report.html", "#123456");
  },
};

/** Photographs under another name. */
const source: Extension = {
  kind: "source",
  name: "snapshots",
  table: {
    file: "pipeline/config/source_names.ts",
    find: '"phototour"]',
    replace: '"phototour", "snapshots"]',
  },
  missedIn: [
    "pipeline/config/rules.ts",
    "pipeline/report/published.ts",
    "pipeline/sharing/model_card.ts",
    "pipeline/sources/source_costs.ts",
    "pipeline/sources/sources.ts",
  ],
  filling: [
    {
      file: "pipeline/sources/snapshots.ts",
      text: `import { photos } from "./photos.ts";
import type { Source } from "./source.ts";

/** Photographs, and nothing published beside them. */
export const snapshots: Source = {
  ...photos,
  async write(context, onProgress) {
    const manifest = await photos.write(context, onProgress);
    return { ...manifest, source: "snapshots" };
  },
};
`,
    },
    {
      file: "pipeline/sources/sources.ts",
      find: "{ photos, phototour }",
      replace: "{ photos, phototour, snapshots }",
    },
    {
      file: "pipeline/sources/sources.ts",
      find: 'import { photos } from "./photos.ts";',
      replace:
        'import { photos } from "./photos.ts";\nimport { snapshots } from "./snapshots.ts";',
    },
    {
      file: "pipeline/sources/source_costs.ts",
      find: "  photos: photosCost,",
      replace: "  photos: photosCost,\n  snapshots: photosCost,",
    },
    {
      file: "pipeline/config/rules.ts",
      find: "  photos: true,",
      replace: "  photos: true,\n  snapshots: true,",
    },
    {
      file: "pipeline/report/published.ts",
      find: "  photos: () => [],",
      replace: "  photos: () => [],\n  snapshots: () => [],",
    },
    {
      file: "pipeline/report/published.ts",
      find: "  phototour: [],",
      replace: "  phototour: [],\n  snapshots: [],",
    },
    {
      file: "pipeline/sharing/model_card.ts",
      find: "  photos: photographsText,",
      replace: "  photos: photographsText,\n  snapshots: photographsText,",
    },
  ],
  config: { download: 'source = "snapshots"' },
  verify(runFolder) {
    contains(runFolder, "download/manifest.json", '"source": "snapshots"');
  },
};

/** The share of matching pairs. */
const measure: Extension = {
  kind: "measure on pairs",
  name: "matchshare",
  table: {
    file: "pipeline/config/task_names.ts",
    find: '"ap", "auc"]',
    replace: '"ap", "auc", "matchshare"]',
  },
  missedIn: [
    "pipeline/evaluation/phototour_task.ts",
    "pipeline/report/titles.ts",
  ],
  filling: [
    {
      file: "pipeline/evaluation/phototour_task.ts",
      find: "  auc: {",
      replace: `  matchshare: {
    title: "share of matches",
    figure(_, match) {
      const value = match.reduce((sum, one) => sum + one, 0) / match.length;
      return { value, low: value, high: value };
    },
  },
  auc: {`,
    },
    {
      file: "pipeline/report/titles.ts",
      find: "  auc: {",
      replace: `  matchshare: { title: "share of matches", better: "larger" },
  auc: {`,
    },
  ],
  config: {},
  verify(runFolder) {
    const { photos } = results(runFolder).phototour;
    for (const figures of Object.values<Record<string, number>>(photos)) {
      assert.equal(figures.matchshare, 0.5);
    }
    contains(runFolder, "results.md", "share of matches ↑");
  },
};

/** How near a patch is to its own, 1 / (1 + distance). */
const task: Extension = {
  kind: "task of HPatches",
  name: "nearness",
  table: {
    file: "pipeline/config/task_names.ts",
    find: '  "retrieval",\n',
    replace: '  "retrieval",\n  "nearness",\n',
  },
  missedIn: [
    "pipeline/evaluation/bootstrap.ts",
    "pipeline/evaluation/figure_list.ts",
    "pipeline/evaluation/hpatches_tasks.ts",
    "pipeline/evaluation/measures_schema.ts",
    "pipeline/evaluation/observer.ts",
    "pipeline/report/pictures/draw_pictures.ts",
    "pipeline/report/published.ts",
    "pipeline/report/tables.ts",
    "pipeline/stages/evaluate.ts",
  ],
  filling: [
    {
      file: "pipeline/evaluation/nearness_task.ts",
      text: `import type { NearnessMeasures } from "./measures.ts";
import { noiseNames } from "./benchmark.ts";
import { pairDistance } from "../metrics/distance.ts";
import type { PreparedTask, TaskSetting } from "./split_task.ts";

/** How near patches are to their own. */
export function prepareNearness(
  { split, norm, observer }: TaskSetting,
): Promise<PreparedTask<"nearness">> {
  const sums = { easy: 0, hard: 0, tough: 0 };
  const counts = { easy: 0, hard: 0, tough: 0 };
  return Promise.resolve({
    sequences: split.test,
    multiplyAdds: 0,
    start: () => ({
      add({ sequence, noise, reference, images }) {
        const rows = reference.values.length / reference.dimension;
        for (const image of images) {
          for (let row = 0; row < rows; row++) {
            const distance = pairDistance(reference, row, image, row, norm);
            const figure = 1 / (1 + distance);
            sums[noise] += figure;
            counts[noise]++;
            observer.onNearness?.({ sequence, noise, figure });
          }
        }
      },
      measures() {
        const [easy, hard, tough] = noiseNames.map((noise) =>
          sums[noise] / counts[noise]
        );
        const mean = (easy + hard + tough) / 3;
        const measures: NearnessMeasures = { easy, hard, tough, mean };
        return Promise.resolve(measures);
      },
    }),
  });
}
`,
    },
    {
      file: "pipeline/evaluation/measures.ts",
      find: "/** Retrieval: ",
      replace: `/** How near patches are to their own. */
export type NearnessMeasures = TaskMeasures<"nearness">;

/** Retrieval: `,
    },
    {
      file: "pipeline/evaluation/measures_schema.ts",
      find: "  matching: each(levels, figure),\n",
      replace:
        "  matching: each(levels, figure),\n  nearness: each(levels, figure),\n",
    },
    {
      file: "pipeline/evaluation/observer.ts",
      find: "  retrieval(query: QueryFigures): void;\n",
      replace: `  retrieval(query: QueryFigures): void;
  nearness(patch: { sequence: string; noise: Noise; figure: number }): void;
`,
    },
    {
      file: "pipeline/evaluation/observer.ts",
      find: "    onRetrieval(query) {",
      replace: `    onNearness(patch) {
      for (const observer of list) observer.onNearness?.(patch);
    },
    onRetrieval(query) {`,
    },
    {
      file: "pipeline/evaluation/hpatches_tasks.ts",
      find: "  async retrieval(setting) {",
      replace: "  nearness: prepareNearness,\n\n  async retrieval(setting) {",
    },
    {
      file: "pipeline/evaluation/hpatches_tasks.ts",
      find: "import { RetrievalTask }",
      replace:
        'import { prepareNearness } from "./nearness_task.ts";\nimport { RetrievalTask }',
    },
    {
      file: "pipeline/evaluation/figure_list.ts",
      find: "  retrieval: {",
      replace: `  nearness: {
    *list(nearness) {
      for (const level of levels) yield [level, nearness[level]];
    },
    means: () => [["mean", noiseNames]],
  },
  retrieval: {`,
    },
    {
      file: "pipeline/evaluation/bootstrap.ts",
      find: "  onRetrieval({",
      replace: `  onNearness(
    { sequence, noise, figure }: {
      sequence: string;
      noise: Noise;
      figure: number;
    },
  ): void {
    this.#add(\`nearness.\${noise}\`, sequence, figure);
  }

  onRetrieval({`,
    },
    {
      file: "pipeline/evaluation/bootstrap.ts",
      find: "import { figureList,",
      replace:
        'import type { Noise } from "./benchmark.ts";\nimport { figureList,',
    },
    {
      file: "pipeline/report/tables.ts",
      find: "  retrieval: retrievalTable,\n",
      replace: "  retrieval: retrievalTable,\n  nearness: () => [],\n",
    },
    {
      file: "pipeline/report/pictures/draw_pictures.ts",
      find: "  retrieval: {",
      replace: `  nearness: {
    title: "nearness",
    levels: ({ nearness }) => noiseNames.map((noise) => nearness![noise]),
  },
  retrieval: {`,
    },
    {
      file: "pipeline/report/published.ts",
      find: "    retrieval: retrieval / 100,\n",
      replace: "    retrieval: retrieval / 100,\n    nearness: null,\n",
    },
    {
      file: "pipeline/stages/evaluate.ts",
      find: "  retrieval: {",
      replace: `  nearness: { downloaded: ["tasks"], usesGpu: false },
  retrieval: {`,
    },
  ],
  config: {
    evaluate:
      'tasks = ["phototour", "verification", "matching", "retrieval", "nearness"]\nbootstrap = 20',
  },
  verify(runFolder) {
    const { full } = results(runFolder).hpatches;
    for (
      const { nearness } of Object.values<Record<string, { mean: number }>>(
        full,
      )
    ) {
      assert.ok(nearness.mean > 0 && nearness.mean < 1);
    }
    contains(runFolder, "results.md", "nearness ↑");
  },
};

/** Every kind of thing. */
export const extensions: readonly Extension[] = [
  descriptor,
  source,
  measure,
  task,
];
