import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { BatchSampler } from "../../../../data/patches/batch_sampler.ts";
import { PackedPatches } from "../../../../data/patches/packed_patches.ts";
import { PackedPatchesWriter } from "../../../../data/patches/packed_patches_writer.ts";
import { RandomStream } from "../../../../data/random.ts";
import { augmentTransforms } from "../../../../gpu/augmentation.ts";
import { BatchLoader } from "../../../../pipeline/training/batches/batch_loader.ts";
import { timesOpen, whenClosed } from "../../../helpers/open_files.ts";
import type { BatchRequest } from "../../../../pipeline/training/batches/batch_request.ts";

let folder: string;
let path: string;
before(async () => {
  folder = await Deno.makeTempDir();
  path = join(folder, "patches.bin");
  using writer = await PackedPatchesWriter.create(path);
  // Classes of 1 to 6 patches, some side by side and some scattered.
  const stream = new RandomStream(1, "loader test");
  for (let i = 0; i < 300; i++) {
    const label = i < 150 ? Math.floor(i / 3) : stream.integer(90);
    writer.append(patchOf(i), label);
  }
  await writer.finish();
});
after(() => Deno.remove(folder, { recursive: true }));

function patchOf(index: number): Uint8Array {
  return Uint8Array.from({ length: 4096 }, (_, i) => (index * 37 + i) & 255);
}

function requestOf(
  step: number,
  changed: Partial<BatchRequest> = {},
): BatchRequest {
  return {
    key: { seed: 7, stage: 2, cycle: 1, step },
    epoch: 2,
    step,
    batchSize: 20,
    positives: 3,
    flipRotate: true,
    ...changed,
  };
}

/** The batch by what it is made of, on this thread. */
function drawn(patches: PackedPatches, request: BatchRequest) {
  const { key, epoch, step, batchSize, positives, flipRotate } = request;
  const options = { seed: key.seed, batchSize, positives };
  const sampler = new BatchSampler(patches.labels, options);
  const { patchIndices, labels, setIds } = sampler.batch(epoch, step);
  return {
    patches: patches.read(patchIndices),
    labels,
    transforms: augmentTransforms(key, setIds, flipRotate),
  };
}

/** What a call is refused with. */
async function messageOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => assert.fail("it went well"),
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe("a batch loader", () => {
  it("delivers what was asked for, whatever was prepared and taken before", async () => {
    using patches = await PackedPatches.open(path);
    using loader = await BatchLoader.open(path);
    const stream = new RandomStream(2, "order of requests");
    const requests = [
      ...Array.from({ length: 6 }, (_, step) => requestOf(step)),
      requestOf(0, { epoch: 3 }),
      requestOf(0, { flipRotate: false }),
      requestOf(0, { key: { ...requestOf(0).key, cycle: 2 } }),
      requestOf(1, { batchSize: 7 }),
      requestOf(1, { batchSize: 9, positives: 2 }),
    ];
    const pick = () => requests[stream.integer(requests.length)];
    for (let turn = 0; turn < 60; turn++) {
      const request = pick();
      // Not at all, as it is taken then, or another one.
      const prepared = [undefined, request, pick()][stream.integer(3)];
      if (prepared !== undefined) loader.prepare(prepared);
      assert.deepEqual(await loader.take(request), drawn(patches, request));
    }
    assert.equal(loader.times.batches, 60);
  });

  it("fills the memory of the batch before, which is gone then", async () => {
    using loader = await BatchLoader.open(path);
    const first = await loader.take(requestOf(0));
    const { byteLength } = first.patches.buffer;
    loader.prepare(requestOf(1, { batchSize: 4 }));
    assert.equal(first.patches.length, 0);
    const second = await loader.take(requestOf(1, { batchSize: 4 }));
    assert.equal(second.patches.buffer.byteLength, byteLength);
    assert.ok(second.patches.length <= 4 * 3 * 4096);
    const largest = await loader.take(requestOf(2, { batchSize: 40 }));
    assert.ok(largest.patches.length > byteLength);
  });

  it("has room for classes of one, which give their patch twice", async () => {
    const single = join(folder, "single.bin");
    using writer = await PackedPatchesWriter.create(single);
    for (let label = 0; label < 9; label++) {
      writer.append(patchOf(label), label);
    }
    await writer.finish();
    using loader = await BatchLoader.open(single);
    const request = requestOf(0, { batchSize: 9, positives: 2 });
    assert.equal((await loader.take(request)).patches.length, 18 * 4096);
  });

  it("tells what it spent apart from what was waited for", async () => {
    using loader = await BatchLoader.open(path);
    await loader.take(requestOf(0));
    const unprepared = loader.times;
    assert.ok(unprepared.loadedMs > 0);
    assert.ok(unprepared.waitedMs >= unprepared.loadedMs);
    // On a busy machine the thread may not have had its turn yet.
    for (let step = 1;; step++) {
      assert.ok(step < 100, "no batch was ready when it was taken");
      const before = loader.times;
      loader.prepare(requestOf(step));
      await new Promise((resolve) => setTimeout(resolve, 10));
      await loader.take(requestOf(step));
      const loadedMs = loader.times.loadedMs - before.loadedMs;
      if (loader.times.waitedMs - before.waitedMs < loadedMs) break;
    }
  });

  it("says of the file and of the batch what reading them here says", async () => {
    const missing = join(folder, "missing.bin");
    assert.equal(
      await messageOf(BatchLoader.open(missing)),
      await messageOf(PackedPatches.open(missing)),
    );
    using loader = await BatchLoader.open(path);
    assert.match(
      await messageOf(loader.take(requestOf(0, { batchSize: 91 }))),
      /^DataError: Cannot draw a training batch: batch_size: found 91 classes a batch from a patch set of \d+ labels, wanted at most \d+; lower batch_size or raise patch_sets$/,
    );
  });

  it("says so when the file is cut meanwhile, to whoever asks for the batch", async () => {
    const cut = join(folder, "cut.bin");
    await Deno.copyFile(path, cut);
    using loader = await BatchLoader.open(cut);
    await Deno.truncate(cut, 9999);
    loader.prepare(requestOf(0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    loader.prepare(requestOf(1));
    assert.equal(
      await messageOf(loader.take(requestOf(1))),
      `DataError: Cannot read packed patches: ${cut}: found the end of the file too early, wanted whole patches; run the download stage again`,
    );
    assert.equal(
      await messageOf(BatchLoader.open(cut)),
      await messageOf(PackedPatches.open(cut)),
    );
  });

  const linux = { skip: Deno.build.os !== "linux" };
  it(
    "ends its thread at once, and again, whatever the thread is doing",
    linux,
    async () => {
      const loader = await BatchLoader.open(path);
      assert.equal(timesOpen(path), 1);
      for (let step = 0; step < 20; step++) loader.prepare(requestOf(step));
      loader[Symbol.dispose]();
      loader[Symbol.dispose]();
      await whenClosed(path);
    },
  );
});
