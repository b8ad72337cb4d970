/**
 * Times what `extract` does, from PNG strips to descriptors in CSV files, and its parts on the same data: decoding, the
 * network, printing.
 *
 *     ./run bench:extraction [--sequences=2] [--patches=300] [--batch-size=512] [--folder=DIR]
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
import { silentLog } from "../../pipeline/log.ts";

const side = 65;
const release = { sequences: 116, patches: 1500 };

const args = parseArgs(Deno.args, {
  string: ["sequences", "patches", "batch-size", "folder"],
});
const sequences = Number(args.sequences ?? 2);
const patches = Number(args.patches ?? 300);
const batchSize = Number(args["batch-size"] ?? 512);

const folder = await Deno.makeTempDir(
  args.folder === undefined ? {} : { dir: String(args.folder) },
);
try {
  const source = join(folder, "strips");
  const target = join(folder, "descriptors");
  const pngBytes = await writeStrips(source);
  const names = await listSequences(source);

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
} finally {
  await Deno.remove(folder, { recursive: true });
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
