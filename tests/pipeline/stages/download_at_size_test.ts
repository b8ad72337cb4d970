import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { listSequences, PackedPatches, readPairs } from "../../../data/mod.ts";
import { PublishedSets } from "../../../data/published/published_sets.ts";
import {
  downloadOver,
  writeArchives,
} from "../../helpers/pipeline/download_run.ts";
import { serveFolder } from "../../helpers/data/file_server.ts";
import {
  syntheticLabel,
  syntheticPatch,
  writeSyntheticPhotoTour,
} from "../../helpers/data/synthetic_phototour.ts";

/** Liberty's 450,092 patches and 1,759 sheets, divided by 40. */
const fortieth = 11_252;
const realistic = 100_100;
const mostBytes = 300 * 2 ** 20;

let archives: string;
let folder: string;
beforeEach(() => {
  archives = Deno.makeTempDirSync();
  folder = Deno.makeTempDirSync();
});
afterEach(() => {
  Deno.removeSync(archives, { recursive: true });
  Deno.removeSync(folder, { recursive: true });
});

/** Checks count, labels and some patches, first and last among them. */
async function checkPacked(path: string, patches: number): Promise<void> {
  using set = await PackedPatches.open(path);
  assert.equal(set.count, patches);
  assert.ok(set.labels.every((label, i) => label === syntheticLabel(i)));
  for (const index of [0, 255, 256, patches >> 1, patches - 1]) {
    assert.deepEqual(set.read([index]), syntheticPatch(index), `${index}`);
  }
}

describe("the published sets over HTTP", () => {
  it("are fetched, unpacked and packed in bounded memory, a fortieth of Liberty", async () => {
    const sizes = { training: fortieth, test: 1000, sequences: 2, strips: 3 };
    writeArchives(archives, sizes);
    const { peakBytes } = await downloadOver(archives, folder);
    assert.ok(peakBytes < mostBytes, `${peakBytes} bytes`);
    const output = join(folder, "output");
    await checkPacked(join(output, "training", "patches.bin"), fortieth);
    await checkPacked(join(output, "test", "notredame", "patches.bin"), 1000);
    const pairs = join(output, "test", "notredame", "pairs.txt");
    assert.equal((await readPairs(pairs, 1000)).match.length, 200_000);
  });

  it("are the same at 100,000 patches and 10 sequences, however they were packed", async () => {
    const sizes = { training: realistic, test: 500, sequences: 10, strips: 8 };
    writeArchives(archives, sizes);
    const { peakBytes } = await downloadOver(archives, folder);
    assert.ok(peakBytes < mostBytes, `${peakBytes} bytes`);
    const output = join(folder, "output");
    await checkPacked(join(output, "training", "patches.bin"), realistic);
    const { length } = await listSequences(join(output, "hpatches"));
    assert.equal(length, 10);
    const { contents } = JSON.parse(
      Deno.readTextFileSync(join(output, "manifest.json")),
    );

    const repacked = join(archives, "liberty.zip");
    const { size } = Deno.statSync(repacked);
    writeSyntheticPhotoTour(repacked, realistic, { stored: true });
    assert.ok(Deno.statSync(repacked).size > 2 * size);
    await using server = serveFolder(archives);
    const sets = new PublishedSets({
      sourceDirectory: "",
      mirrors: { liberty: [`${server.origin}/liberty.zip`] },
      pins: [{ contents, from: "the archive before" }],
      offline: false,
      downloadsDirectory: join(folder, "again"),
      scratchDirectory: join(folder, "scratch"),
      onProgress() {},
      signal: new AbortController().signal,
    });
    const digest = await sets.use("liberty", () => Promise.resolve());
    assert.equal(digest, contents.liberty);
  });
});
