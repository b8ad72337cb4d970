/**
 * Times the evaluation on synthetic descriptors: reading the CSV files, and each task of the HPatches benchmark.
 *
 *     deno run --allow-read --allow-write tests/bench/evaluation_bench.ts \
 *       [--sequences=6] [--patches=200] [--dimension=128] [--pairs=20000] [--queries=500] [--distractors=2000]
 *
 * The official split `full` has 116 sequences of about 1,500 patches, 1,000,000 pairs, 10,000 queries and 20,000 distractors.
 */
import { join } from "@std/path";
import { patchTypes, readDescriptorCsv } from "../../data/mod.ts";
import { evaluateDescriptors } from "../../pipeline/evaluation/evaluate_descriptors.ts";
import {
  type BenchmarkSize,
  writeSyntheticBenchmark,
} from "./synthetic_benchmark.ts";

const size: BenchmarkSize = {
  sequences: 6,
  patches: 200,
  dimension: 128,
  pairs: 20_000,
  queries: 500,
  distractors: 2000,
};
for (const argument of Deno.args) {
  const [, name, value] = /^--(\w+)=(\d+)$/.exec(argument) ?? [];
  if (!(name in size)) throw new Error(`unknown option ${argument}`);
  size[name as keyof BenchmarkSize] = Number(value);
}

async function seconds(action: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await action();
  return (performance.now() - startMs) / 1000;
}

const folder = await Deno.makeTempDir();
try {
  const sizeBytes = await writeSyntheticBenchmark(folder, size);
  console.log(JSON.stringify(size));
  const descriptorsDirectory = join(folder, "descriptors");
  const readSeconds = await seconds(async () => {
    for (const sequence of Deno.readDirSync(descriptorsDirectory)) {
      for (const type of patchTypes) {
        await readDescriptorCsv(
          join(descriptorsDirectory, sequence.name, `${type}.csv`),
        );
      }
    }
  });
  console.log(
    `read ${(sizeBytes / 1e6).toFixed(0)} MB of CSV: ${
      readSeconds.toFixed(2)
    } s, ${(sizeBytes / 1e6 / readSeconds).toFixed(0)} MB/s`,
  );
  for (
    const tasks of [
      ["verification"],
      ["matching"],
      ["retrieval"],
      ["verification", "matching", "retrieval"],
    ] as const
  ) {
    const spent = await seconds(() =>
      evaluateDescriptors({
        descriptorsDirectory,
        tasksDirectory: join(folder, "tasks"),
        splits: ["x"],
        tasks,
      })
    );
    console.log(
      `${tasks.join(" + ")}: ${spent.toFixed(2)} s, reading included`,
    );
  }
  const residentMib = Deno.memoryUsage().rss / 2 ** 20;
  console.log(`resident at the end: ${residentMib.toFixed(0)} MiB`);
} finally {
  await Deno.remove(folder, { recursive: true });
}
