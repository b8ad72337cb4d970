import { writeFileAtomically } from "../files/write_file.ts";
import { PipelineError } from "../errors.ts";
import type { BootstrapOptions } from "../evaluation/measures.ts";
import type {
  DescriptorEvaluation,
  EvaluateDescriptorsOptions,
} from "../evaluation/evaluate_descriptors.ts";
import type { Gpu } from "../../gpu/mod.ts";
import {
  type DescriptorName,
  descriptorNames,
} from "../config/descriptor_names.ts";
import { hpatchesTaskNames as tasks } from "../config/task_names.ts";
import { closest } from "../suggest.ts";
import { type Call, type Command, quietFlag } from "./command.ts";
import { modelOf } from "./photographs/matching_flags.ts";
import { prettyJson } from "../files/pretty_json.ts";

type Norm = NonNullable<EvaluateDescriptorsOptions["norm"]>;

const norms: readonly Norm[] = ["L2", "L1"];

/** What `--image-pairs` measures unless told otherwise. */
const usualDescriptors: DescriptorName[] = ["trained", "untrained", "rootsift"];

/** `evaluate`: the HPatches tasks on any folder of descriptor CSV files, or the matches of image pairs. */
export const evaluate: Command = {
  name: "evaluate",
  summary:
    "measure descriptor CSV files by the HPatches protocol, or matches of image pairs",
  positionals: [],
  flags: [
    {
      name: "descriptors",
      value: "DIR",
      summary: "folder of <sequence>/<type>.csv; needs --tasks and --split",
    },
    {
      name: "tasks",
      value: "DIR",
      summary: "folder of the benchmark's task files",
    },
    {
      name: "split",
      value: "NAME",
      many: true,
      summary: "a, b, c, full, illum, view or another split of the splits file",
    },
    {
      name: "splits",
      value: "FILE",
      summary:
        "the splits file, default splits/splits.json in the tasks folder",
    },
    {
      name: "task",
      value: "NAME",
      many: true,
      summary: `${tasks.join(", ")}; all of them when left out`,
    },
    {
      name: "distance",
      value: "NORM",
      summary: `${norms.join(" or ")}, default ${norms[0]}`,
    },
    {
      name: "pcapl",
      summary: "PCA and power law before, fitted on the split's training list",
    },
    {
      name: "image-pairs",
      value: "PATH",
      summary:
        "measure matches instead: folder of HPatches-style image sequences, or list of pairs with poses",
    },
    {
      name: "validation-pairs",
      value: "PATH",
      summary: "other pairs, to choose each descriptor's ratio on; default 0.9",
    },
    {
      name: "without-largest",
      summary:
        "for --image-pairs: leave out HPatches' eight largest sequences, as published figures do",
    },
    {
      name: "model",
      value: "FILE",
      summary:
        "network for --image-pairs: safetensors, or PyTorch's .pt; default: the one that comes with the program, else the newest run's",
    },
    {
      name: "descriptor",
      value: "NAME",
      many: true,
      summary: `for --image-pairs: ${descriptorNames.join(", ")}; default ${
        usualDescriptors.join(", ")
      }`,
    },
    {
      name: "keypoints",
      value: "N",
      summary:
        "for --image-pairs: keypoints of each image at most, default 2000",
    },
    {
      name: "bootstrap",
      value: "N",
      summary: "95 % intervals from N draws of the sequences, 1000 is common",
    },
    {
      name: "seed",
      value: "N",
      summary: "of the draws, default 211",
    },
    {
      name: "out",
      value: "FILE",
      required: true,
      summary: "where the figures go, as JSON",
    },
    quietFlag,
  ],
  example: "--descriptors runs/demo/extract/trained " +
    "--tasks runs/demo/download/tasks --split full --out results.json",
  usesGpu: () => true,
  async run(call) {
    const inputs = ["descriptors", "tasks", "split"] as const;
    const given = inputs.filter((flag) => call.values(flag).length > 0);
    if (call.value("image-pairs") !== "") {
      if (given.length === 0) return await runImagePairs(call);
      throw refusal(`--image-pairs with --${given[0]}`, "one of them");
    }
    const lacking = inputs.find((flag) => !given.includes(flag));
    if (lacking !== undefined) {
      throw refusal(
        "too few arguments",
        `--${lacking}, or --image-pairs alone`,
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

/** Measures the matches of image pairs. */
async function runImagePairs(call: Call): Promise<number> {
  const names = call.values("descriptor").map((name) =>
    oneOf("descriptor", name, descriptorNames)
  );
  const keypoints = call.value("keypoints") || "2000";
  const bootstrap = bootstrapOf(call);
  const descriptors = names.length > 0 ? names : usualDescriptors;
  const most = wholeNumber("keypoints", keypoints, 1, 1_000_000);
  const { largestSequences } = await import("../../data/mod.ts");
  const { openGpu } = await import("../../gpu/mod.ts");
  const { prepareGpu } = await import("../adapter/prepare_adapter.ts");
  const { evaluateImagePairs } = await import(
    "../evaluation/image_pairs/evaluate_image_pairs.ts"
  );
  const { imagePairTables } = await import("../report/tables.ts");
  const { plainTable } = await import("../report/render_tables.ts");
  const { Store } = await import("../store/store.ts");
  const { log, signal } = call;
  const withoutLargest = call.has("without-largest");
  const { tilesDirectory } = new Store();
  const modelPath = descriptors.includes("trained") ? await modelOf(call) : "";
  using owned = new DisposableStack();
  let opened: Promise<Gpu> | undefined;
  const open = async () => {
    const gpu = owned.use(await openGpu());
    await prepareGpu(gpu, { tilesDirectory, log, signal });
    return gpu;
  };
  const image_pairs = await evaluateImagePairs({
    pairs: call.value("image-pairs"),
    validation: call.value("validation-pairs") || undefined,
    withoutLargest,
    descriptors,
    keypoints: most,
    opening: {
      modelPath,
      network: "SDGMNet128",
      seed: 211,
      batchSize: 512,
      gpu: () => opened ??= open(),
      onNote: (line) => log.info(line),
    },
    bootstrap,
    log,
    signal,
  });
  const out = call.value("out");
  const method = {
    model: modelPath,
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
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) {
    return value;
  }
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
