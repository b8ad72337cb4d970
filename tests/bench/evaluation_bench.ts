/**
 * Times the real `evaluate` command on synthetic descriptors in CSV files, task by task and all together: wall time, processor
 * time and peak resident memory, as a table; with `--python` also the independent numpy/scipy implementation of
 * tests/golden/ on the same files, and how far the figures are apart. Linux only.
 *
 *     ./run bench:evaluation [--size=tenth|full] [--python] [--folder=DIR]
 *
 * `full` is the official split `full`: 116 sequences × 16 types × about 1,500 patches × 128, 3 × 1,000,000 pairs, 10,000
 * queries, 20,000 distractors: 3.9 GB in DIR (default: the system's temporary folder), removed at the end. `tenth` (the
 * default) has a tenth of the sequences, pairs, queries and distractors.
 */
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { patchTypes, readDescriptorCsv } from "../../data/mod.ts";
import { type CommandCost, measureCommand } from "./measured_command.ts";
import {
  type BenchmarkSize,
  fullBenchmark,
  writeSyntheticBenchmark,
} from "./synthetic_benchmark.ts";

const sizes: Record<string, BenchmarkSize> = {
  full: fullBenchmark,
  tenth: {
    sequences: 12,
    patches: 1500,
    dimension: 128,
    pairs: 100_000,
    queries: 1000,
    distractors: 2000,
  },
};
const tasks = ["verification", "matching", "retrieval"];
/** CSV that one core reads to measure its speed. */
const parsedBytes = 300e6;

const options = { size: "tenth", folder: "", python: "" };
for (const argument of Deno.args) {
  const [, name, value] = /^--(\w+)(?:=(.+))?$/.exec(argument) ?? [];
  if (!(name in options)) throw new Error(`unknown option ${argument}`);
  options[name as keyof typeof options] = value ?? "yes";
}
const size = sizes[options.size];
if (size === undefined) throw new Error(`--size=${options.size}`);

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = await Deno.makeTempDir(
  options.folder === "" ? {} : { dir: options.folder },
);
try {
  const sizeBytes = await writeSyntheticBenchmark(folder, size);
  console.log(`${JSON.stringify(size)}, ${(sizeBytes / 1e9).toFixed(2)} GB`);
  await measureParsing();
  console.log("\n| | wall s | CPU s | peak MiB |\n|---|---:|---:|---:|");
  for (const task of tasks) line(task, await evaluate([task]));
  const all = await evaluate(tasks);
  line("all three", all);
  if (options.python !== "") await comparePython(all);
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Reads files on this core until the sample is through, three times. */
async function measureParsing(): Promise<void> {
  let best = 0;
  for (let run = 0; run < 3; run++) {
    let read = 0;
    const startMs = performance.now();
    reading:
    for (const { name } of Deno.readDirSync(join(folder, "descriptors"))) {
      for (const type of patchTypes) {
        const path = join(folder, "descriptors", name, `${type}.csv`);
        await readDescriptorCsv(path);
        read += Deno.statSync(path).size;
        if (read > parsedBytes) break reading;
      }
    }
    best = Math.max(best, read / 1e3 / (performance.now() - startMs));
  }
  console.log(`CSV on one core: ${best.toFixed(0)} MB/s`);
}

function evaluate(chosen: string[]): Promise<CommandCost> {
  return measureCommand(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    join(root, "pipeline/cli.ts"),
    "evaluate",
    `--descriptors=${join(folder, "descriptors")}`,
    `--tasks=${join(folder, "tasks")}`,
    "--split=full",
    ...chosen.map((task) => `--task=${task}`),
    `--out=${join(folder, "figures.json")}`,
  ], { DENO_WEBGPU_BACKEND: "vulkan,metal,dx12" });
}

async function comparePython(ours: CommandCost): Promise<void> {
  const python = await measureCommand("/usr/bin/python3", [
    join(root, "tests/bench/evaluation_reference.py"),
    folder,
  ]);
  const { seconds, figures } = JSON.parse(python.stdout);
  for (const [step, spent] of Object.entries<number>(seconds)) {
    console.log(`| numpy/scipy: ${step} | ${spent.toFixed(1)} | | |`);
  }
  line("numpy/scipy: all", python);
  const text = await Deno.readTextFile(join(folder, "figures.json"));
  const apart = furthest(JSON.parse(text).splits.full, figures);
  console.log(
    `\nnumpy/scipy takes ${
      (python.wallSeconds / ours.wallSeconds).toFixed(1)
    } times the wall time and ${
      (python.cpuSeconds / ours.cpuSeconds).toFixed(1)
    } times the processor time; figures differ by at most ${apart}`,
  );
}

/** Largest difference between two trees of figures. */
function furthest(ours: unknown, theirs: unknown): number {
  if (typeof theirs === "number") return Math.abs(Number(ours) - theirs);
  return Math.max(
    ...Object.entries(theirs as Record<string, unknown>).map(([key, value]) =>
      furthest((ours as Record<string, unknown>)[key], value)
    ),
  );
}

function line(name: string, cost: CommandCost): void {
  const { wallSeconds, cpuSeconds, peakMib } = cost;
  console.log(
    `| ${name} | ${wallSeconds.toFixed(1)} | ${cpuSeconds.toFixed(1)} | ${
      peakMib.toFixed(0)
    } |`,
  );
}
