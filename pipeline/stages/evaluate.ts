import { join } from "@std/path";
import { readSplits } from "../../data/mod.ts";
import type { Config } from "../config.ts";
import { CurveObserver } from "../evaluation/curves.ts";
import type { Findings } from "../evaluation/findings_schema.ts";
import { evaluateDescriptors } from "../evaluation/evaluate_descriptors.ts";
import { MistakeCollector } from "../evaluation/hardest_mistakes.ts";
import { TieWatch } from "../evaluation/measures.ts";
import {
  type DescriptorName,
  descriptorNames,
} from "../config/descriptor_names.ts";
import {
  type HpatchesTask,
  hpatchesTaskNames,
  type TaskName,
} from "../config/task_names.ts";
import { pictureMistakes } from "../evaluation/mistake_patches.ts";
import { observers } from "../evaluation/observer.ts";
import { evaluatePhototour } from "../evaluation/phototour_task.ts";
import { prettyJson } from "../files/pretty_json.ts";
import type { Json } from "../files/json.ts";
import type { Stage, StageContext, StageInput } from "../stage.ts";
import { listTestSets } from "../descriptors/list_test_sets.ts";
import {
  outsidePairSets,
  type PairRole,
  readPairSet,
  watchedPairFiles,
} from "../descriptors/pair_sets.ts";
import { measureImagePairs } from "../evaluation/image_pairs/measure_image_pairs.ts";
import { PairCollector } from "../evaluation/image_pairs/shown_pair.ts";

/** Mistakes of each descriptor and split that the report shows. */
const mistakesShown = 9;

/**
 * Measures every extracted descriptor: FPR95, average precision and ROC area on the PhotoTour-style pairs, the tasks
 * of the HPatches benchmark, and the matches of image pairs. Writes `measures.json`, and what the report draws: `curves.json`, `mistakes.json` and `shown_pairs.json`.
 */
export const evaluate: Stage = {
  name: "evaluate",
  summary: `FPR95 on test pairs; HPatches ${
    hpatchesTaskNames.join(", ")
  }; matches of image pairs`,
  module: new URL(import.meta.url),
  usesGpu: ({ evaluate: { tasks } }) =>
    tasks.some((task) => taskNeeds[task].usesGpu),
  needsGpu: () => false,
  outputs: () => [
    "measures.json",
    "curves.json",
    "mistakes.json",
    "shown_pairs.json",
  ],
  inputs,
  parameters,
  externalFiles: async (config) =>
    (await outsidePairSets(config)).flatMap((set) => [
      ...set.truthFiles,
      ...set.images,
    ]),
  watched: watchedPairFiles,
  run,
};

/** What a task reads, computes on and depends on. */
interface TaskNeeds {
  /** folders that `download` wrote, of those in {@linkcode downloadFolders} */
  downloaded: readonly (typeof downloadFolders[number])[];
  /** at the benchmark's size; small sets are done on the CPU before an adapter is open */
  usesGpu: boolean;
  /** config values besides the splits and the bootstrap */
  parameters?(config: Config["evaluate"]): Record<string, Json>;
}

const downloadFolders = ["test", "tasks", "hpatches", "pairs"] as const;

const taskNeeds: Record<TaskName, TaskNeeds> = {
  phototour: { downloaded: ["test"], usesGpu: false },
  verification: { downloaded: ["tasks"], usesGpu: false },
  // The strips are for the pictures of mistakes.
  matching: { downloaded: ["tasks", "hpatches"], usesGpu: true },
  retrieval: {
    downloaded: ["tasks"],
    usesGpu: true,
    parameters: ({ retrieval_k }) => ({ retrieval_k }),
  },
  image_pairs: { downloaded: ["pairs"], usesGpu: false },
};

function hpatchesTasks(config: Config): HpatchesTask[] {
  const { tasks } = config.evaluate;
  return hpatchesTaskNames.filter((task) => tasks.includes(task));
}

function inputs(config: Config): StageInput[] {
  const hpatches = hpatchesTasks(config).length > 0;
  const { tasks } = config.evaluate;
  const phototour = tasks.includes("phototour");
  return [
    {
      stage: "download",
      paths: downloadFolders.filter((folder) =>
        tasks.some((task) => taskNeeds[task].downloaded.includes(folder))
      ),
    },
    {
      stage: "extract",
      paths: [
        ...(phototour ? ["test"] : []),
        ...(tasks.includes("image_pairs") ? ["pairs"] : []),
        ...(hpatches ? config.extract.descriptors : []),
      ],
    },
  ];
}

function parameters(config: Config): Record<string, Json> {
  const { tasks, splits, bootstrap } = config.evaluate;
  const own = tasks.map((task) =>
    taskNeeds[task].parameters?.(config.evaluate)
  );
  return {
    tasks: [...tasks].sort(),
    ...(hpatchesTasks(config).length > 0 ? { splits } : {}),
    ...(bootstrap > 0 ? { bootstrap, seed: config.seed } : {}),
    ...Object.assign({}, ...own),
  };
}

async function run(context: StageContext): Promise<void> {
  const { config } = context;
  const found: Findings = {
    measures: {
      phototour: {},
      hpatches: {},
      pairs: {},
      sequences: {},
      warnings: [],
    },
    curves: { phototour: {}, hpatches: {} },
    mistakes: {},
    shown_pairs: [],
  };
  if (config.evaluate.tasks.includes("phototour")) {
    await measurePhototour(context, found);
  }
  const tasks = hpatchesTasks(config);
  if (tasks.length > 0) await measureHpatches(context, tasks, found);
  if (config.evaluate.tasks.includes("image_pairs")) {
    await measurePairs(context, found);
  }
  for (const [name, value] of Object.entries(found)) {
    await Deno.writeTextFile(
      join(context.outputDirectory, `${name}.json`),
      prettyJson(value),
    );
  }
}

/** The configured descriptors in the order of their names' table, whatever order the config names them in. */
function descriptorsOf(config: Config) {
  return descriptorNames.filter((name) =>
    config.extract.descriptors.includes(name)
  );
}

async function measurePhototour(
  { config, input, log, signal }: StageContext,
  { measures, curves }: Findings,
): Promise<void> {
  for (const set of await listTestSets(input("extract"))) {
    measures.phototour[set] = {};
    curves.phototour[set] = {};
    for (const descriptor of descriptorsOf(config)) {
      signal.throwIfAborted();
      const ties = new TieWatch();
      const evaluation = await evaluatePhototour(
        join(input("extract"), "test", set, `${descriptor}.safetensors`),
        join(input("download"), "test", set, "pairs.txt"),
        ties,
      );
      measures.phototour[set][descriptor] = evaluation.measures;
      measures.pairs[set] = evaluation.pairs;
      curves.phototour[set][descriptor] = evaluation.curves;
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
  { measures, curves, mistakes }: Findings,
): Promise<void> {
  const { splits, bootstrap: replicates, retrieval_k } = config.evaluate;
  const tasksDirectory = join(input("download"), "tasks");
  const known = await readSplits(join(tasksDirectory, "splits", "splits.json"));
  for (const split of splits) {
    measures.hpatches[split] = {};
    measures.sequences[split] = known.get(split)?.test ?? [];
    curves.hpatches[split] = {};
    mistakes[split] = {};
  }
  for (const descriptor of descriptorsOf(config)) {
    const collectors = new Map<string, MistakeCollector>();
    const evaluation = await evaluateDescriptors({
      descriptorsDirectory: join(input("extract"), descriptor),
      tasksDirectory,
      splits,
      tasks,
      retrievalCuts: retrieval_k,
      bootstrap: replicates > 0 ? { replicates, seed: config.seed } : undefined,
      observe: (split) => {
        const drawn = new CurveObserver();
        if (tasks.includes("verification")) {
          curves.hpatches[split][descriptor] = drawn.curves;
        }
        const collector = new MistakeCollector("L2");
        collectors.set(split, collector);
        return observers([drawn, collector]);
      },
      label: descriptor,
      log,
      signal,
    });
    for (const split of splits) {
      measures.hpatches[split][descriptor] = evaluation.splits[split];
      const bootstrap = evaluation.bootstrap?.[split];
      if (bootstrap !== undefined) {
        ((measures.bootstrap ??= {})[split] ??= {})[descriptor] = bootstrap;
      }
      const hardest = collectors.get(split)!.hardest(mistakesShown);
      if (!tasks.includes("matching")) continue;
      mistakes[split][descriptor] = await pictureMistakes(
        join(input("download"), "hpatches"),
        hardest,
      );
    }
    for (const line of evaluation.warnings) {
      if (measures.warnings.includes(line)) continue; // the same for every descriptor
      measures.warnings.push(line);
      log.warn(line);
    }
  }
}

async function measurePairs(
  { config, input, log, signal }: StageContext,
  found: Findings,
): Promise<void> {
  const read = async (role: PairRole) => {
    const pairs = await readPairSet(config, role, input("download"));
    const directory = join(input("extract"), "pairs", role);
    return pairs && { ...pairs, directory };
  };
  const [test, validation] = [await read("test"), await read("validation")];
  if (test === undefined) return;
  const { bootstrap: replicates } = config.evaluate;
  const descriptors = descriptorsOf(config);
  const collector = new PairCollector(shownDescriptors(descriptors));
  found.measures.image_pairs = {
    [test.name]: await measureImagePairs({
      test,
      validation,
      descriptors,
      bootstrap: replicates > 0 ? { replicates, seed: config.seed } : undefined,
      onMatches: ({ number }, name, { points }) =>
        collector.add(number, name, points),
      log,
      signal,
    }),
  };
  found.shown_pairs = await collector.typicalPair(test.name, test.set);
}

/** The network before training and after; where neither is measured, the first descriptor. */
function shownDescriptors(descriptors: readonly DescriptorName[]) {
  const networks = (["untrained", "trained"] as const).filter((name) =>
    descriptors.includes(name)
  );
  return networks.length > 0 ? networks : descriptors.slice(0, 1);
}
