import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { BatchLoader } from "../../../data/patches/batch_loader.ts";
import { BatchSampler } from "../../../data/patches/batch_sampler.ts";
import { PackedPatches } from "../../../data/patches/packed_patches.ts";
import { PackedPatchesWriter } from "../../../data/patches/packed_patches_writer.ts";
import { RandomStream } from "../../../data/random.ts";

let folder: string;
let patches: PackedPatches;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
  const path = join(folder, "patches.bin");
  using writer = await PackedPatchesWriter.create(path);
  // Classes of 1 to 6 patches, some side by side and some scattered.
  const stream = new RandomStream(1, "loader test");
  for (let i = 0; i < 300; i++) {
    const label = i < 150 ? Math.floor(i / 3) : stream.integer(90);
    writer.append(patchOf(i), label);
  }
  await writer.finish();
  patches = await PackedPatches.open(path);
});
afterEach(async () => {
  patches[Symbol.dispose]();
  await Deno.remove(folder, { recursive: true });
});

function patchOf(index: number): Uint8Array {
  return Uint8Array.from({ length: 4096 }, (_, i) => (index * 37 + i) & 255);
}

function open(batchSize = 20, positives = 3) {
  const options = { seed: 7, batchSize, positives };
  const sampler = new BatchSampler(patches.labels, options);
  return { sampler, loader: new BatchLoader(patches, sampler) };
}

describe("a batch loader", () => {
  it("delivers the sampler's batches with their patches, prepared or not", () => {
    const { sampler, loader } = open();
    for (let step = 0; step < 40; step++) {
      if (step % 3 !== 0) loader.prepare(2, step);
      const { patches: pixels, ...drawn } = loader.take(2, step);
      deepEqual(drawn, sampler.batch(2, step));
      equal(pixels.length, drawn.patchIndices.length * 4096);
      drawn.patchIndices.forEach((index, row) =>
        deepEqual(pixels.subarray(row * 4096, (row + 1) * 4096), patchOf(index))
      );
    }
    equal(loader.times.batches, 40);
  });

  it("gives what was asked for, even when another batch was prepared", () => {
    const { sampler, loader } = open();
    loader.prepare(0, 5);
    deepEqual(
      loader.take(1, 5).patchIndices,
      sampler.batch(1, 5).patchIndices,
    );
    loader.prepare(0, 5);
    deepEqual(
      loader.take(0, 6).patchIndices,
      sampler.batch(0, 6).patchIndices,
    );
  });

  it("waits only for batches that were not prepared", () => {
    const { loader } = open();
    loader.prepare(0, 0);
    loader.take(0, 0);
    const prepared = loader.times;
    equal(prepared.waitedMs, 0);
    ok(prepared.loadedMs > 0);
    loader.take(0, 1);
    const { waitedMs, loadedMs } = loader.times;
    ok(waitedMs > 0 && waitedMs <= loadedMs - prepared.loadedMs + 1e-9);
  });

  it("has room for classes of one, which give their patch twice", () => {
    const options = { seed: 7, batchSize: 9, positives: 2 };
    const labels = Uint32Array.from({ length: 9 }, (_, i) => i);
    const sampler = new BatchSampler(labels, options);
    const batch = new BatchLoader(patches, sampler).take(0, 0);
    equal(batch.patches.length, 18 * 4096);
  });

  it("passes on that the file has been cut meanwhile", async () => {
    const { loader } = open();
    await Deno.truncate(patches.path, 9999);
    throws(
      () => loader.prepare(0, 0),
      /Cannot read packed patches: .*: found the end of the file too early/,
    );
    await rejects(PackedPatches.open(patches.path), /found 9999 bytes/);
  });
});
