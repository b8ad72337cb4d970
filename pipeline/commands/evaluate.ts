import { PipelineError } from "../errors.ts";
import type { HpatchesTask } from "../evaluation/measures.ts";
import { closest } from "../suggest.ts";
import { type Command, quietFlag } from "./command.ts";
import { writeTextFile } from "./write_text_file.ts";

const tasks: readonly HpatchesTask[] = [
  "verification",
  "matching",
  "retrieval",
];

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
      summary: "a split of splits/splits.json in the tasks folder",
    },
    {
      name: "task",
      value: "NAME",
      many: true,
      summary: `${tasks.join(", ")}; all of them when left out`,
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
    "--tasks runs/demo/download/tasks --split full --out figures.json",
  async run(call) {
    const chosen = call.values("task").map(taskNamed);
    const { evaluateDescriptors } = await import(
      "../evaluation/evaluate_descriptors.ts"
    );
    const evaluation = await evaluateDescriptors({
      descriptorsDirectory: call.value("descriptors"),
      tasksDirectory: call.value("tasks"),
      splits: call.values("split"),
      tasks: chosen.length > 0 ? chosen : tasks,
      log: call.log,
      signal: call.signal,
    });
    const out = call.value("out");
    await writeTextFile(out, `${JSON.stringify(evaluation, null, 2)}\n`);
    call.print(`wrote ${out}`);
    return 0;
  },
};

function taskNamed(name: string): HpatchesTask {
  const task = tasks.find((known) => known === name);
  if (task !== undefined) return task;
  const guess = closest(name, tasks);
  throw new PipelineError({
    attempt: "run evaluate",
    found: `--task ${name}`,
    wanted: `one of ${tasks.join(", ")}`,
    ...(guess === undefined ? {} : { remedy: `did you mean ${guess}?` }),
  });
}
