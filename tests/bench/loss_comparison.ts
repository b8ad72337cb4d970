/**
 * Trains the paper's stage-1 loss and the plain triplet loss on the same photographs with three seeds, 300 steps each,
 * and compares them: about 40 minutes on 2 cores.
 *
 *     ./run bench:losses [--seeds=211,212,213]
 *
 * Both losses of a seed see the same data, batches and augmentation. Prints a Markdown table of mean ± standard
 * deviation over the seeds and draws docs/pictures/loss_comparison.svg. What is fresh is not trained again; results land in runs/.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { loadConfig, reproduce } from "../../mod.ts";
import { figureList } from "../../pipeline/evaluation/figure_list.ts";
import { consoleLog } from "../../pipeline/log.ts";
import { trainingCurves, type TrainingRun } from "./training_curves.ts";

const measures = [
  "FPR95 % ↓",
  "verification mAP % ↑",
  "matching mAP % ↑",
  "retrieval mAP % ↑",
] as const;
const losses = [
  ["balance + unbiased weights", "balance_unbiased"],
  ["triplet", "triplet"],
] as const;

const picturePath = "docs/pictures/loss_comparison.svg";

const args = parseArgs(Deno.args, { string: ["seeds"] });
const seeds = String(args.seeds ?? "211,212,213").split(",").map(Number);
const runs: TrainingRun[] = [];

/** Figures in percent of one trained network, in the order of `measures`. */
async function figuresOf(
  title: string,
  config: string,
  seed: number,
): Promise<number[]> {
  const name = `comparison_${config}_${seed}`;
  const file = `configs/comparison/${config}.toml`;
  const overrides = [`seed=${seed}`, `name="${name}"`];
  await reproduce(await loadConfig(file, overrides), { log: consoleLog() });
  const directory = join("runs", name);
  const metrics = join(directory, "stage1", "metrics.jsonl");
  const lines = (await Deno.readTextFile(metrics)).trim().split("\n");
  runs.push({ loss: title, lines: lines.map((line) => JSON.parse(line)) });
  const results = join(directory, "results.json");
  const { phototour, hpatches } = JSON.parse(await Deno.readTextFile(results));
  const figures = figureList(hpatches.full.trained);
  const means = ["verification.mean", "matching.mean", "retrieval.mean"];
  return [
    phototour.photos.trained.fpr95,
    ...means.map((mean) => figures.get(mean)!),
  ].map((fraction) => 100 * fraction);
}

function meanAndDeviation(values: number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.map((value) => (value - mean) ** 2);
  const variance = squares.reduce((sum, square) => sum + square, 0) /
    (values.length - 1);
  return `${mean.toFixed(2)} ± ${Math.sqrt(variance).toFixed(2)}`;
}

const rows: string[] = [];
for (const [title, config] of losses) {
  const figures: number[][] = [];
  for (const seed of seeds) figures.push(await figuresOf(title, config, seed));
  const cells = measures.map((_, column) =>
    meanAndDeviation(figures.map((row) => row[column]))
  );
  rows.push(`| ${[title, ...cells].join(" | ")} |`);
}
console.log(
  `| loss, seeds ${seeds.join(", ")} | ${measures.join(" | ")} |\n|---|${
    measures.map(() => "---:|").join("")
  }\n${rows.join("\n")}`,
);
await Deno.writeTextFile(picturePath, trainingCurves(runs));
