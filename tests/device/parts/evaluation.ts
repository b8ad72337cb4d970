/** The HPatches protocol at its official size on made-up descriptors, by the real command. */
import { join } from "@std/path";
import { fileURLToPath } from "node:url";
import { measureCommand } from "../../bench/measured_command.ts";
import {
  type BenchmarkSize,
  fullBenchmark,
  writeBenchmarkTasks,
} from "../../bench/synthetic_benchmark.ts";
import { partOptions, report } from "../report.ts";

const { tiny } = partOptions();
const size: BenchmarkSize = tiny
  ? {
    sequences: 4,
    patches: 40,
    dimension: 128,
    pairs: 200,
    queries: 20,
    distractors: 100,
  }
  : fullBenchmark;
const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = await Deno.makeTempDir();
try {
  const startMs = performance.now();
  await writeInProcesses(Math.max(1, navigator.hardwareConcurrency - 2));
  await writeBenchmarkTasks(folder, size);
  report({ size, writeSeconds: (performance.now() - startMs) / 1000 });
  const { wallSeconds, cpuSeconds, peakMib } = await measureCommand(
    Deno.execPath(),
    [
      "run",
      "--no-prompt",
      "--no-check",
      "--allow-read",
      "--allow-write",
      join(root, "pipeline/cli.ts"),
      "evaluate",
      `--descriptors=${join(folder, "descriptors")}`,
      `--tasks=${join(folder, "tasks")}`,
      "--split=full",
      `--out=${join(folder, "figures.json")}`,
    ],
  );
  report({ wallSeconds, cpuSeconds, peakMib });
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Random numbers and their text take a core minutes, so every process takes its share of the sequences. */
async function writeInProcesses(processes: number): Promise<void> {
  const script = fileURLToPath(new URL("write_sequences.ts", import.meta.url));
  const share = Math.ceil(size.sequences / processes);
  const starts = Array.from(
    { length: Math.ceil(size.sequences / share) },
    (_, i) => i * share,
  );
  await Promise.all(starts.map(async (start) => {
    const end = Math.min(size.sequences, start + share);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        "--allow-read",
        "--allow-write",
        script,
        folder,
        JSON.stringify(size),
        String(start),
        String(end),
      ],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  }));
}
