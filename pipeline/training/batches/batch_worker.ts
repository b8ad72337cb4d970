import { BatchSampler } from "../../../data/patches/batch_sampler.ts";
import {
  PackedPatches,
  patchSizeBytes,
} from "../../../data/patches/packed_patches.ts";
import { type Answered, answerTasks } from "../../../data/worker_tasks.ts";
import { augmentTransforms } from "../../../gpu/augmentation.ts";
import type { BatchRequest, BatchTask, DrawnBatch } from "./batch_request.ts";

let patches: PackedPatches;
let sampler: BatchSampler;
/** What the sampler was made for. */
let sampled = "";

/** The sampler that a request means: the one before, except in another cycle. */
function samplerOf({ key, batchSize, positives }: BatchRequest): BatchSampler {
  const options = { seed: key.seed, batchSize, positives };
  const wanted = JSON.stringify(options);
  if (sampled !== wanted) {
    sampler = new BatchSampler(patches.labels, options);
    sampled = wanted;
  }
  return sampler;
}

function drawBatch(request: BatchRequest, room?: ArrayBuffer): DrawnBatch {
  const startMs = performance.now();
  const { key, epoch, step, flipRotate } = request;
  const { patchIndices, labels, setIds } = samplerOf(request)
    .batch(epoch, step);
  const sizeBytes = patchIndices.length * patchSizeBytes;
  const into = new Uint8Array(
    room !== undefined && room.byteLength >= sizeBytes
      ? room
      : new ArrayBuffer(mostBytes(request)),
  );
  patches.read(patchIndices, into);
  return {
    patches: into.subarray(0, sizeBytes),
    labels,
    transforms: augmentTransforms(key, setIds, flipRotate),
    loadedMs: performance.now() - startMs,
  };
}

/** Patches of the largest batch that a request's sampler draws: a class of one gives its patch twice. */
function mostBytes({ batchSize, positives }: BatchRequest): number {
  return batchSize * Math.max(2, positives) * patchSizeBytes;
}

// Opens the set that the first message names, then draws and reads the batches that the others ask for.
answerTasks(
  async (task: BatchTask): Promise<Answered<DrawnBatch | undefined>> => {
    if ("path" in task) {
      patches = await PackedPatches.open(task.path);
      return { result: undefined, transfer: [] };
    }
    const batch = drawBatch(task.request, task.room);
    const { buffer } = batch.patches;
    return {
      result: batch,
      transfer: [buffer, batch.labels.buffer, batch.transforms.buffer],
    };
  },
);
