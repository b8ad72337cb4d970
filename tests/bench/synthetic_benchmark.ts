import { join } from "@std/path";
import {
  patchTypes,
  RandomStream,
  writeDescriptorCsv,
} from "../../data/mod.ts";

/** How large a synthetic benchmark is. */
export interface BenchmarkSize {
  sequences: number;
  /** on average: the sequences have from 10 % less to 10 % more */
  patches: number;
  dimension: number;
  /** pairs in each of the three verification files */
  pairs: number;
  queries: number;
  distractors: number;
}

/** Noise added to unit-variance descriptors, by the letter of the type. */
const noise: Record<string, number> = { r: 0, e: 1.2, h: 2.4, t: 3.6 };

/** The official size of split `full`: 3.9 GB. */
export const fullBenchmark: BenchmarkSize = {
  sequences: 116,
  patches: 1500,
  dimension: 128,
  pairs: 1_000_000,
  queries: 10_000,
  distractors: 20_000,
};

/**
 * Writes random descriptors in the HPatches layout (`descriptors/<sequence>/<type>.csv`) and task files for a split `full`
 * (`tasks/…`) below a folder: what an evaluation of that size reads.
 *
 * @returns size of the descriptor files in bytes
 */
export async function writeSyntheticBenchmark(
  folder: string,
  size: BenchmarkSize,
): Promise<number> {
  const sizeBytes = await writeBenchmarkSequences(
    folder,
    size,
    0,
    size.sequences,
  );
  await writeBenchmarkTasks(folder, size);
  return sizeBytes;
}

/**
 * Writes the descriptors of some sequences alone, so that several processes can share the work.
 *
 * @param start first sequence
 * @param end the one after the last
 * @returns size of the files in bytes
 */
export async function writeBenchmarkSequences(
  folder: string,
  size: BenchmarkSize,
  start: number,
  end: number,
): Promise<number> {
  let sizeBytes = 0;
  for (let index = start; index < end; index++) {
    const name = sequenceName(index);
    const truth = values(size, index, 0);
    await Deno.mkdir(join(folder, "descriptors", name), { recursive: true });
    for (const [type, typeName] of patchTypes.entries()) {
      const added = values(size, index, type + 1);
      const rows = truth.map((value, i) =>
        0.1 * (value + noise[typeName[0]] * added[i])
      );
      const path = join(folder, "descriptors", name, `${typeName}.csv`);
      await writeDescriptorCsv(path, rows, size.dimension);
      sizeBytes += (await Deno.stat(path)).size;
    }
  }
  return sizeBytes;
}

function sequenceName(index: number): string {
  return `${index % 2 === 0 ? "i" : "v"}_${index}`;
}

/** Patches of a sequence. */
function patchesOf(size: BenchmarkSize, sequence: number): number {
  const share = 0.9 + 0.2 * sequence / Math.max(1, size.sequences - 1);
  return Math.round(size.patches * share);
}

/** Uniform in [-1, 1), by a multiplicative generator, because hundreds of millions are wanted. */
function values(size: BenchmarkSize, sequence: number, type: number) {
  let state = new RandomStream(211, "bench", sequence, type).bits();
  const result = new Float32Array(patchesOf(size, sequence) * size.dimension);
  for (let i = 0; i < result.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    result[i] = state / 2 ** 31 - 1;
  }
  return result;
}

/** Writes the task files alone. */
export async function writeBenchmarkTasks(
  benchmark: string,
  size: BenchmarkSize,
): Promise<void> {
  const folder = join(benchmark, "tasks");
  const names = Array.from(
    { length: size.sequences },
    (_, index) => sequenceName(index),
  );
  await Deno.mkdir(join(folder, "splits"), { recursive: true });
  const stream = new RandomStream(211, "tasks");
  const sequence = () => stream.integer(names.length);
  const image = () => stream.integer(6);
  const patch = (of: number) => stream.integer(patchesOf(size, of));
  const write = (
    file: string,
    header: string,
    rows: number,
    row: () => string,
  ) =>
    Deno.writeTextFile(
      join(folder, file),
      `${header}\n${Array.from({ length: rows }, row).join("\n")}\n`,
    );
  const pairHeader = "s1,t1,idx1,s2,t2,idx2";
  const end = (of: number, index: number) => `${names[of]},${image()},${index}`;
  await write("verif_pos_split-full.csv", pairHeader, size.pairs, () => {
    const of = sequence();
    const index = patch(of);
    return `${end(of, index)},${end(of, index)}`;
  });
  await write("verif_neg_intra_split-full.csv", pairHeader, size.pairs, () => {
    const of = sequence();
    return `${end(of, patch(of))},${end(of, patch(of))}`;
  });
  await write("verif_neg_inter_split-full.csv", pairHeader, size.pairs, () => {
    const [first, second] = [sequence(), sequence()];
    return `${end(first, patch(first))},${end(second, patch(second))}`;
  });
  const row = () => {
    const of = sequence();
    return `${names[of]},${patch(of)}`;
  };
  await write("retr_queries_split-full.csv", "s,idx", size.queries, row);
  await write(
    "retr_distractors_split-full.csv",
    "s,idx",
    size.distractors,
    row,
  );
  await Deno.writeTextFile(
    join(folder, "splits", "splits.json"),
    JSON.stringify({ full: { name: "full", test: names } }),
  );
}
