import { join } from "@std/path";
import type { Config } from "../config.ts";
import { evaluateDescriptors } from "../evaluation/evaluate_descriptors.ts";
import {
  type HpatchesTask,
  type Measures,
  TieWatch,
} from "../evaluation/measures.ts";
import { evaluatePhototour } from "../evaluation/phototour_task.ts";
import type { Json, Stage, StageContext, StageInput } from "../stage.ts";
import { listTestSets } from "../test_sets.ts";

/** Order of the descriptors in the output, whatever order the config names them in. */
const descriptorOrder = [
  "trained",
  "untrained",
  "meanstd",
  "pixels",
  "sift",
  "rootsift",
] as const;

/**
 * Measures every extracted descriptor: FPR95 and average precision on the PhotoTour-style pairs, and the tasks of the
 * HPatches benchmark. Writes `measures.json`.
 */
export const evaluate: Stage = {
  name: "evaluate",
  summary: "FPR95 on test pairs; HPatches verification, matching, retrieval",
  module: new URL(import.meta.url),
  inputs,
  parameters,
  run,
};

function hpatchesTasks(config: Config): HpatchesTask[] {
  return config.evaluate.tasks.filter((task) => task !== "phototour");
}

function inputs(config: Config): StageInput[] {
  const hpatches = hpatchesTasks(config).length > 0;
  const phototour = config.evaluate.tasks.includes("phototour");
  return [
    {
      stage: "download",
      paths: [...(phototour ? ["test"] : []), ...(hpatches ? ["tasks"] : [])],
    },
    {
      stage: "extract",
      paths: [
        ...(phototour ? ["test"] : []),
        ...(hpatches ? config.extract.descriptors : []),
      ],
    },
  ];
}

function parameters(config: Config): Record<string, Json> {
  const { tasks, splits, retrieval_k } = config.evaluate;
  return {
    tasks: [...tasks].sort(),
    ...(hpatchesTasks(config).length > 0 ? { splits } : {}),
    ...(tasks.includes("retrieval") ? { retrieval_k } : {}),
  };
}

async function run(context: StageContext): Promise<void> {
  const { config } = context;
  const measures: Measures = { phototour: {}, hpatches: {}, warnings: [] };
  if (config.evaluate.tasks.includes("phototour")) {
    await measurePhototour(context, measures);
  }
  const tasks = hpatchesTasks(config);
  if (tasks.length > 0) await measureHpatches(context, tasks, measures);
  await Deno.writeTextFile(
    join(context.outputDirectory, "measures.json"),
    `${JSON.stringify(measures, null, 2)}\n`,
  );
}

function descriptorsOf(config: Config) {
  return descriptorOrder.filter((name) =>
    config.extract.descriptors.includes(name)
  );
}

async function measurePhototour(
  { config, input, log, signal }: StageContext,
  measures: Measures,
): Promise<void> {
  for (const set of await listTestSets(input("extract"))) {
    measures.phototour[set] = {};
    for (const descriptor of descriptorsOf(config)) {
      signal.throwIfAborted();
      const ties = new TieWatch();
      measures.phototour[set][descriptor] = await evaluatePhototour(
        join(input("extract"), "test", set, `${descriptor}.safetensors`),
        join(input("download"), "test", set, "pairs.txt"),
        ties,
      );
      for (const line of ties.warnings(`${descriptor} on ${set}`)) {
        measures.warnings.push(line);
        log.warn(line);
      }
    }
  }
}

async function measureHpatches(
  { config, input, log, signal }: StageContext,
  tasks: HpatchesTask[],
  measures: Measures,
): Promise<void> {
  for (const split of config.evaluate.splits) measures.hpatches[split] = {};
  for (const descriptor of descriptorsOf(config)) {
    const { splits, warnings } = await evaluateDescriptors({
      descriptorsDirectory: join(input("extract"), descriptor),
      tasksDirectory: join(input("download"), "tasks"),
      splits: config.evaluate.splits,
      tasks,
      retrievalCuts: config.evaluate.retrieval_k,
      label: descriptor,
      log,
      signal,
    });
    for (const [split, figures] of Object.entries(splits)) {
      measures.hpatches[split][descriptor] = figures;
    }
    measures.warnings.push(...warnings);
  }
}
