/**
 * Sends a synthetic set of Liberty's size through the download stage (HTTP on loopback → zip → sheets → packed patches) and then reads
 * training batches from what came out: patches a second and peak resident memory, as a table. The patches are made up, and compress to about a
 * third of their size.
 *
 *     deno task bench:datasets [--patches=450092] [--sequences=10] [--folder=DIR]
 *
 * Liberty has 450,092 patches on 1,759 sheets; that takes 6 GB in DIR (default: the system's temporary folder), removed at the end.
 */
import { join } from "@std/path";
import process from "node:process";
import { BatchSampler } from "../../data/patches/batch_sampler.ts";
import {
  PackedPatches,
  patchSizeBytes,
} from "../../data/patches/packed_patches.ts";
import {
  downloadOver,
  writeArchives,
} from "../helpers/pipeline/download_run.ts";

const rounds = 30;
const stepsARound = 4;
const options = { patches: 450_092, sequences: 10, folder: "" };
for (const argument of Deno.args) {
  const [, name, value] =
    /^--(patches|sequences|folder)=(.+)$/.exec(argument) ??
      [];
  if (name === undefined) throw new Error(`unknown option ${argument}`);
  if (name === "folder") options.folder = value;
  else options[name as "patches" | "sequences"] = Number(value);
}

const place = options.folder === "" ? {} : { dir: options.folder };
const archives = await Deno.makeTempDir(place);
const folder = await Deno.makeTempDir(place);
try {
  const startMs = performance.now();
  writeArchives(archives, {
    training: options.patches,
    test: 1000,
    sequences: options.sequences,
    strips: 8,
  });
  const { size } = Deno.statSync(join(archives, "liberty.zip"));
  console.log(
    `${options.patches} patches, ${
      Math.ceil(options.patches / 256)
    } sheets, zip of ${(size / 1e6).toFixed(0)} MB, made in ${
      seconds(performance.now() - startMs)
    } s\n`,
  );
  await measureDownload();
  await measureBatches();
} finally {
  await Deno.remove(archives, { recursive: true });
  await Deno.remove(folder, { recursive: true });
}

async function measureDownload(): Promise<void> {
  const cost = await downloadOver(archives, folder);
  console.log("| part | seconds | patches/s |");
  console.log("| --- | ---: | ---: |");
  for (const { label, seconds } of cost.parts) {
    if (!label.includes("liberty")) continue;
    const name = label.replace(/ from .*/, "");
    console.log(
      `| ${name} | ${seconds.toFixed(1)} | ${
        rate(options.patches, 1000 * seconds)
      } |`,
    );
  }
  console.log(
    `| the whole stage | ${cost.seconds.toFixed(1)} | ${
      rate(options.patches, 1000 * cost.seconds)
    } |`,
  );
  const mebibytes = cost.peakBytes / 2 ** 20;
  console.log(`\npeak resident memory: ${mebibytes.toFixed(0)} MiB\n`);
}

/** Batches of the authors' size out of the packed file, which is in the page cache after a first reading. */
async function measureBatches(): Promise<void> {
  using patches = await PackedPatches.open(
    join(folder, "output", "training", "patches.bin"),
  );
  const { labelCount } = new BatchSampler(patches.labels, {
    seed: 211,
    batchSize: 1,
    positives: 3,
  });
  const batchSize = Math.min(2560, labelCount);
  const sampler = new BatchSampler(patches.labels, {
    seed: 211,
    batchSize,
    positives: 3,
  });
  const room = new Uint8Array(batchSize * sampler.positives * patchSizeBytes);
  for (let first = 0; first < patches.count; first += 4096) {
    const length = Math.min(4096, patches.count - first);
    patches.read(Uint32Array.from({ length }, (_, i) => first + i));
  }
  // The best of many short rounds: what the machine does for others meanwhile comes and goes.
  let [wall, processor, rows] = [Infinity, Infinity, 0];
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now();
    const start = process.cpuUsage();
    rows = 0;
    for (let step = 0; step < stepsARound; step++) {
      const { patchIndices } = sampler.batch(round, step);
      patches.read(patchIndices, room);
      rows += patchIndices.length;
    }
    const { user, system } = process.cpuUsage(start);
    wall = Math.min(wall, performance.now() - startMs);
    processor = Math.min(processor, (user + system) / 1000);
  }
  console.log(
    `batches of ${batchSize} labels, drawn and read at random from the page cache, best of ${rounds} rounds of ${stepsARound}:`,
  );
  console.log(
    `${rate(rows, wall)} patches/s, ${
      rate(rows, processor)
    } patches a second of one core`,
  );
}

function rate(count: number, timeMs: number): string {
  return Math.round(count / timeMs * 1000).toLocaleString("en");
}

function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(1);
}
