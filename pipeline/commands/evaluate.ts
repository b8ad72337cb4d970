import { writeFileAtomically } from "../files/write_file.ts";
import { PipelineError } from "../errors.ts";
import type { BootstrapOptions } from "../evaluation/measures.ts";
import type {
  DescriptorEvaluation,
  EvaluateDescriptorsOptions,
} from "../evaluation/evaluate_descriptors.ts";
import { hpatchesTaskNames as tasks } from "../config/task_names.ts";
import { closest } from "../suggest.ts";
import { type Call, type Command, quietFlag } from "./command.ts";
import { prettyJson } from "../files/pretty_json.ts";

type Norm = NonNullable<EvaluateDescriptorsOptions["norm"]>;

const norms: readonly Norm[] = ["L2", "L1"];

/** `evaluate`: the HPatches tasks on any folder of descriptor CSV files. */
export const evaluate: Command = {
  name: "evaluate",
  summary: "measure descriptor CSV files by the HPatches protocol",
  positionals: [],
  flags: [
    {
      name: "descriptors",
      value: "DIR",
      required: true,
      summary: "folder of <sequence>/<type>.csv",
    },
    {
      name: "tasks",
      value: "DIR",
      required: true,
      summary: "folder of the benchmark's task files",
    },
    {
      name: "split",
      value: "NAME",
      required: true,
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
