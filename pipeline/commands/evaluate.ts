import { writeFileAtomically } from "../files/write_file.ts";
import { PipelineError } from "../errors.ts";
import type { BootstrapOptions } from "../evaluation/measures.ts";
import type { DescriptorEvaluation } from "../evaluation/evaluate_descriptors.ts";
import type { DescriberOptions } from "../descriptors/describers.ts";
import type { PhototourImageMeasures } from "../evaluation/phototour_images/evaluate_phototour_images.ts";
import type { Gpu } from "../../gpu/mod.ts";
import type { Table } from "../report/tables.ts";
import {
  type DescriptorName,
  descriptorNames,
} from "../config/descriptor_names.ts";
import { hpatchesTaskNames as tasks } from "../config/task_names.ts";
import { closest } from "../suggest.ts";
import type { Call, Command } from "./command.ts";
import { wholeNumberFrom } from "./arguments/numbers.ts";
import {
  evaluateFlags,
  norms,
  usualDescriptors,
  ways,
} from "./evaluate_flags.ts";
import { modelOf } from "./photographs/matching_flags.ts";
import { prettyJson } from "../files/pretty_json.ts";

/** `evaluate`: the HPatches tasks on any folder of descriptor CSV files, or the matches of image pairs. */
export const evaluate: Command = {
  name: "evaluate",
  summary:
    "measure descriptor CSV files by the HPatches protocol, or matches of image pairs or within a PhotoTour set's images",
  positionals: [],
  flags: evaluateFlags,
  example: "--descriptors runs/demo/extract/trained " +
    "--tasks runs/demo/download/tasks --split full --out results.json",
  usesGpu: () => true,
  async run(call) {
    const way = wayOf(call);
    if (way === "image-pairs") return await runImagePairs(call);
    if (way === "phototour") return await runPhototourImages(call);
    const lacking = ["descriptors", "tasks", "split"]
      .find((flag) => !isGiven(call, flag));
    if (lacking !== undefined) {
      throw refusal(
        "too few arguments",
        `--${lacking}, or --image-pairs or --phototour alone`,
      );
    }
    const chosen = call.values("task").map((name) =>
      oneOf("task", name, tasks)
    );
    const norm = oneOf("distance", call.value("distance") || norms[0], norms);
    const bootstrap = bootstrapOf(call);
    const splitsFile = call.value("splits");
    const { evaluateDescriptors } = await import(
      "../evaluation/evaluate_descriptors.ts"
    );
    const evaluation = await evaluateDescriptors({
      descriptorsDirectory: call.value("descriptors"),
      tasksDirectory: call.value("tasks"),
      splits: call.values("split"),
      tasks: chosen.length > 0 ? chosen : tasks,
      ...(splitsFile === "" ? {} : { splitsFile }),
      norm,
      pcaPowerLaw: call.has("pcapl"),
      bootstrap,
      log: call.log,
      signal: call.signal,
    });
    for (const warning of evaluation.warnings) call.log.warn(warning);
    const out = call.value("out");
    const method = { distance: norm, pcapl: call.has("pcapl") };
    await writeFileAtomically(
      "write a result",
      out,
      prettyJson({ ...method, ...evaluation }),
    );
    call.print(await tablesOf(evaluation));
    call.print(`wrote ${out}`);
    return 0;
  },
};

/** The way of measuring that a call asks for. @throws {PipelineError} when a flag belongs to another */
function wayOf(call: Call): keyof typeof ways {
  const names = Object.keys(ways) as (keyof typeof ways)[];
  const way = names.find((name) => isGiven(call, name)) ?? "descriptors";
  const own: readonly string[] = [way, ...ways[way]];
  const other = Object.entries(ways).flat(2)
    .find((flag) => isGiven(call, flag) && !own.includes(flag));
  if (other === undefined || !isGiven(call, way)) return way;
  throw refusal(`--${way} with --${other}`, "one of them");
}

function isGiven(call: Call, flag: string): boolean {
  return call.has(flag) || call.values(flag).length > 0;
}

/** Measures the matches of image pairs. */
async function runImagePairs(call: Call): Promise<number> {
  const descriptors = descriptorsOf(call);
  const keypoints = call.value("keypoints") || "2000";
  const bootstrap = bootstrapOf(call);
  const most = wholeNumber("keypoints", keypoints, 1, 1_000_000);
  const { largestSequences } = await import("../../data/mod.ts");
  const { evaluateImagePairs } = await import(
    "../evaluation/image_pairs/evaluate_image_pairs.ts"
  );
  const { imagePairTables } = await import("../report/tables.ts");
  const { plainTable } = await import("../report/render_tables.ts");
  const { log, signal } = call;
  const withoutLargest = call.has("without-largest");
  using owned = new DisposableStack();
  const opening = await openingOf(call, descriptors, owned);
  const image_pairs = await evaluateImagePairs({
    pairs: call.value("image-pairs"),
    validation: call.value("validation-pairs") || undefined,
    withoutLargest,
    descriptors,
    keypoints: most,
    opening,
    bootstrap,
    log,
    signal,
  });
  const out = call.value("out");
  const method = {
    model: opening.modelPath,
    keypoints: most,
    ...(withoutLargest ? { without: largestSequences } : {}),
  };
  await writeFileAtomically(
    "write a result",
    out,
    prettyJson({ ...method, image_pairs }),
  );
  call.print(imagePairTables(image_pairs, true).map(plainTable).join("\n\n"));
  call.print(`wrote ${out}`);
  return 0;
}

/** Measures the matches within the images of a PhotoTour set. */
async function runPhototourImages(call: Call): Promise<number> {
  const descriptors = descriptorsOf(call);
  const { evaluatePhototourImages } = await import(
    "../evaluation/phototour_images/evaluate_phototour_images.ts"
  );
  const { plainTable } = await import("../report/render_tables.ts");
  using owned = new DisposableStack();
  const opening = await openingOf(call, descriptors, owned);
  const { log, signal } = call;
  const phototour_images = await evaluatePhototourImages({
    directory: call.value("phototour"),
    descriptors,
    opening,
    log,
    signal,
  });
  const out = call.value("out");
  await writeFileAtomically(
    "write a result",
    out,
    prettyJson({ model: opening.modelPath, phototour_images }),
  );
  call.print(plainTable(phototourImageTable(phototour_images)));
  call.print(`wrote ${out}`);
  return 0;
}

/** The figures of matches within images as the terminal shows them. */
function phototourImageTable(
  { images, patches, descriptors }: PhototourImageMeasures,
): Table {
  const percent = (share: number) => (100 * share).toFixed(2);
  return {
    title:
      `Mean average precision by the second-nearest-neighbour ratio over ${images} images of ${patches} patches, %`,
    header: ["descriptor", "mAP ↑", "as the benchmark's program has it ↑"],
    rows: Object.entries(descriptors).map((
      [name, { map, map_as_published }],
    ) => [name, percent(map), percent(map_as_published)]),
  };
}

/** The descriptors that are asked for, or the usual ones. */
function descriptorsOf(call: Call): readonly DescriptorName[] {
  const names = call.values("descriptor").map((name) =>
    oneOf("descriptor", name, descriptorNames)
  );
  return names.length > 0 ? names : usualDescriptors;
}

/** How the networks among the descriptors are opened, on one GPU that `owned` gives back. */
async function openingOf(
  call: Call,
  descriptors: readonly DescriptorName[],
  owned: DisposableStack,
): Promise<DescriberOptions> {
  const { openGpu } = await import("../../gpu/mod.ts");
  const { prepareGpu } = await import("../adapter/prepare_adapter.ts");
  const { Store } = await import("../store/store.ts");
  const { log, signal } = call;
  const { tilesDirectory } = new Store();
  let opened: Promise<Gpu> | undefined;
  const open = async () => {
    const gpu = owned.use(await openGpu());
    await prepareGpu(gpu, { tilesDirectory, log, signal });
    return gpu;
  };
  return {
    modelPath: descriptors.includes("trained") ? await modelOf(call) : "",
    network: "SDGMNet128",
    seed: 211,
    batchSize: 512,
    gpu: () => opened ??= open(),
    onNote: (line) => log.info(line),
  };
}

/** The figures as the terminal shows them: a row a split, with intervals where there are. */
async function tablesOf(evaluation: DescriptorEvaluation): Promise<string> {
  const { evaluationTables } = await import("../report/evaluation_tables.ts");
  const { plainTable } = await import("../report/render_tables.ts");
  return evaluationTables(evaluation).map(plainTable).join("\n\n");
}

function bootstrapOf(call: Call): BootstrapOptions | undefined {
  const replicates = call.value("bootstrap");
  const seed = call.value("seed");
  if (replicates === "") {
    if (seed === "") return undefined;
    throw refusal(`--seed ${seed} alone`, "it with --bootstrap N");
  }
  return {
    replicates: wholeNumber("bootstrap", replicates, 2, 1_000_000),
    seed: wholeNumber("seed", seed || "211", 0, 2 ** 32 - 1),
  };
}

function wholeNumber(
  flag: string,
  text: string,
  least: number,
  most: number,
): number {
  const value = wholeNumberFrom(text);
  if (value >= least && value <= most) return value;
  throw refusal(`--${flag} ${text}`, `a whole number from ${least} to ${most}`);
}

function oneOf<T extends string>(
  flag: string,
  name: string,
  known: readonly T[],
): T {
  const found = known.find((one) => one === name);
  if (found !== undefined) return found;
  const guess = closest(name, known);
  throw refusal(
    `--${flag} ${name}`,
    `one of ${known.join(", ")}`,
    guess === undefined ? undefined : `did you mean ${guess}?`,
  );
}

function refusal(
  found: string,
  wanted: string,
  remedy?: string,
): PipelineError {
  return new PipelineError({
    attempt: "run evaluate",
    found,
    wanted,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
