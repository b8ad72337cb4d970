/**
 * Times what `extract` does, from PNG strips to descriptors in CSV files, and its parts on the same data: decoding, the
 * network, printing.
 *
 *     ./run bench:extraction [--sequences=2] [--patches=300] [--batch-size=512] [--folder=DIR]
 *     ./run bench:extraction --host [--sequences=8] [--patches=1500] [--model=h100]
 *
 * `--host` takes the network away: strips are decoded and descriptors printed as `extract` does it, with a network that takes no time, on
 * one thread and on more and more of them: what the host allows however fast the GPU is. `--model` puts beside it what that device
 * would describe by calculation (see `./run bench --model`), and how many cores could keep up.
 *
 * The strips are made up, noise on a gradient; 16 of `--patches` patches a sequence, in DIR (default: the system's temporary
 * folder), removed at the end. The HPatches release is `--sequences=116 --patches=1500`.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import {
  encodePng,
  listSequences,
  patchTypes,
  RandomStream,
  readSequencePatches,
  writeDescriptorCsv,
} from "../../data/mod.ts";
import { openGpu } from "../../gpu/mod.ts";
import {
  type Describer,
  openDescriber,
} from "../../pipeline/descriptors/describers.ts";
import { describeSequences } from "../../pipeline/descriptors/describe_sequences.ts";
import { predictDescribing } from "./model/model_bench.ts";
import { silentLog } from "../../pipeline/log.ts";

const side = 65;
const descriptorSize = 128;
const hostRuns = 3;
/** What is aimed at. */
const wantedPerMinute = 10e6;
const release = { sequences: 116, patches: 1500 };

const args = parseArgs(Deno.args, {
  boolean: ["host"],
  string: ["sequences", "patches", "batch-size", "folder", "model"],
});
const sequences = Number(args.sequences ?? (args.host ? 8 : 2));
const patches = Number(args.patches ?? (args.host ? release.patches : 300));
const batchSize = Number(args["batch-size"] ?? 512);

const folder = await Deno.makeTempDir(
  args.folder === undefined ? {} : { dir: String(args.folder) },
);
const source = join(folder, "strips");
const target = join(folder, "descriptors");
try {
  const pngBytes = await writeStrips(source);
  const names = await listSequences(source);
  if (args.host) await measureHost(names, pngBytes);
  else await measureExtraction(names, pngBytes);
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Decodes and prints with 0, 1, 2, 4 … threads, a network of no time in between. */
async function measureHost(names: string[], pngBytes: number): Promise<void> {
  const count = sequences * patchTypes.length * patches;
  const stream = new RandomStream(211, "descriptors");
  const rows = Float32Array.from(
    { length: patchTypes.length * patches * descriptorSize },
    () => (stream.bits() / 2 ** 32 - 0.5) / 4,
  );
  const instant: Describer = {
    dimension: descriptorSize,
    describe: (bytes) =>
      Promise.resolve(
        rows.subarray(0, bytes.length / side ** 2 * descriptorSize),
      ),
    [Symbol.dispose]() {},
  };
  let oneThread = NaN;
  const cores = navigator.hardwareConcurrency;
  console.log(
    `${cores} cores, ${sequences} × ${patchTypes.length} strips of ${patches} patches, ${
      (pngBytes / 1e6).toFixed(1)
    } MB of PNG; the best of ${hostRuns}\n\n` +
      "| threads that decode | patches/s | million patches a minute |\n|---|---:|---:|",
  );
  for (let workers = 0; workers <= cores; workers = 2 * workers || 1) {
    let bestMs = Infinity;
    for (let run = 0; run < hostRuns; run++) {
      const timeMs = await elapsedMs(() =>
        describeSequences(instant, {
          source,
          sequences: names,
          target,
          label: "describe",
          log: silentLog,
          signal: new AbortController().signal,
          workers,
        })
      );
      bestMs = Math.min(bestMs, timeMs);
    }
    if (workers === 0) oneThread = count / bestMs * 1000;
    console.log(
      `| ${workers === 0 ? "0, all on one" : workers} | ${
        (count / bestMs * 1000).toFixed(0)
      } | ${(count / bestMs * 60 / 1000).toFixed(2)} |`,
    );
  }
  if (args.model === undefined) return;
  const { name, patchesPerSecond } = await predictDescribing(
    String(args.model),
    batchSize,
  );
  console.log(
    `\n${name} would describe ${
      patchesPerSecond.toFixed(0)
    } patches/s in batches of ${batchSize} by calculation, ${
      (patchesPerSecond * 60 / 1e6).toFixed(1)
    } million a minute: ${
      Math.ceil(patchesPerSecond / oneThread)
    } such cores decode and print as fast, ${
      Math.ceil(wantedPerMinute / 60 / oneThread)
    } do 10 million a minute`,
  );
}

async function measureExtraction(
  names: string[],
  pngBytes: number,
): Promise<void> {
  using gpu = await openGpu();
  using describer = await openDescriber("untrained", {
    modelPath: "",
    network: "SDGMNet128",
    seed: 211,
    batchSize,
    gpu: () => Promise.resolve(gpu),
  });
  // The first batch compiles.
  await describer.describe(new Uint8Array(batchSize * side ** 2), side);
  let networkMs = 0;
  let described = new Float32Array();
  const timed: Describer = {
    dimension: describer.dimension,
    async describe(bytes, sidePixels) {
      const startMs = performance.now();
      const rows = await describer.describe(bytes, sidePixels);
      networkMs += performance.now() - startMs;
      described = rows as Float32Array<ArrayBuffer>;
      return rows;
    },
    [Symbol.dispose]() {},
  };
  const wholeMs = await elapsedMs(() =>
    describeSequences(timed, {
      source,
      sequences: names,
      target,
      label: "describe",
      log: silentLog,
      signal: new AbortController().signal,
    })
  );
  const decodingMs = await elapsedMs(() =>
    forEachStrip(
      names,
      (name, type) => readSequencePatches(source, name, type),
    )
  );
  const rows = described.subarray(0, patches * describer.dimension);
  const printingMs = await elapsedMs(() =>
    forEachStrip(
      names,
      (name, type) =>
        writeDescriptorCsv(
          join(target, name, `${type}.csv`),
          rows,
          describer.dimension,
        ),
    )
  );

  const count = sequences * patchTypes.length * patches;
  const releaseCount = release.sequences * patchTypes.length * release.patches;
  const minutes = (ms: number) => (ms / count * releaseCount / 60_000);
  const part = (name: string, ms: number) =>
    `| ${name} | ${(ms / 1000).toFixed(1)} | ${
      (100 * ms / wholeMs).toFixed(1)
    } | ${(count / ms * 1000).toFixed(0)} | ${minutes(ms).toFixed(1)} |`;
  console.log([
    `${gpu.adapter.description}, ${navigator.hardwareConcurrency} cores, ${sequences} × ${patchTypes.length} strips of ${patches} patches, ${
      (pngBytes / 1e6).toFixed(1)
    } MB of PNG, batches of ${batchSize}`,
    "",
    `| | s | % of the whole | patches/s | minutes for ${release.sequences} × ${patchTypes.length} × ${release.patches} patches |`,
    "|---|---:|---:|---:|---:|",
    part("extract", wholeMs),
    part("network, in it", networkMs),
    part("decoding, on its own", decodingMs),
    part("printing, on its own", printingMs),
  ].join("\n"));
}

async function elapsedMs(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

async function forEachStrip(
  names: readonly string[],
  work: (sequence: string, type: string) => Promise<unknown>,
): Promise<void> {
  for (const name of names) {
    for (const type of patchTypes) await work(name, type);
  }
}

/** Writes the strips of all sequences; returns their size in bytes. */
async function writeStrips(target: string): Promise<number> {
  let sizeBytes = 0;
  const pixels = new Uint8Array(patches * side ** 2);
  for (let sequence = 0; sequence < sequences; sequence++) {
    const directory = join(target, `v_${sequence}`);
    await Deno.mkdir(directory, { recursive: true });
    for (const [index, type] of patchTypes.entries()) {
      let state = new RandomStream(211, "extraction", sequence, index).bits();
      for (let i = 0; i < pixels.length; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        // Four bits of noise leave PNG about as much to squeeze as photographs do.
        pixels[i] = 60 + (i % side) + (state >>> 28);
      }
      const image = { width: side, height: patches * side, pixels };
      const png = encodePng(image);
      await Deno.writeFile(join(directory, `${type}.png`), png);
      sizeBytes += png.length;
    }
  }
  return sizeBytes;
}
