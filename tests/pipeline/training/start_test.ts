import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type TrainingCheckpoint,
  writeTrainingCheckpoint,
} from "../../../pipeline/training/checkpoint.ts";
import {
  cycleFile,
  readSoundCheckpoint,
} from "../../../pipeline/training/start.ts";
import {
  eventFileName,
  metricsFileName,
} from "../../../pipeline/training/metrics.ts";
import { sha256File } from "../../../pipeline/files/hash.ts";
import { writeSteps } from "../../helpers/pipeline/small/metrics.ts";

let folder: string;
let checkpoint: TrainingCheckpoint;

const key = "3f".repeat(32);

const path = (name: string) => join(folder, name);

/** What a stage leaves when it is killed after step 6, its last checkpoint being that of step 4 in its third cycle. */
beforeEach(async () => {
  folder = Deno.makeTempDirSync();
  const metricsDigest = await writeSteps(folder, 0, 4);
  const files: Record<string, string> = { [metricsFileName]: metricsDigest };
  for (const cycle of [0, 1]) {
    const name = cycleFile(cycle);
    Deno.writeTextFileSync(path(name), `model of cycle ${cycle}`);
    files[name] = (await sha256File(path(name))).digest;
  }
  const vector = Float32Array.of(1, 2, 3);
  checkpoint = {
    key,
    position: { cycle: 2, step: 0, total: 4 },
    state: {
      values: vector,
      firstMoments: vector,
      secondMoments: vector,
      running: vector,
      lossRunning: vector,
      batchesTracked: 4,
      optimizerSteps: 0,
    },
    files,
  };
  await writeTrainingCheckpoint(folder, checkpoint);
  await writeSteps(folder, 4, 6);
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("the start of training", () => {
  it("is the checkpoint where all is as it was left", async () => {
    assert.deepEqual(await readSoundCheckpoint(folder, key, true), checkpoint);
  });

  it("does not mind what came after the checkpoint", async () => {
    Deno.writeTextFileSync(path(cycleFile(2)), "half a mod");
    const lines = Deno.readTextFileSync(path(metricsFileName));
    Deno.writeTextFileSync(path(metricsFileName), lines.slice(0, -30));
    Deno.removeSync(path(eventFileName)); // written anew from the metrics
    assert.deepEqual(await readSoundCheckpoint(folder, key, true), checkpoint);
  });

  it("is not the sound checkpoint of another stage key", async () => {
    const other = "4f".repeat(32);
    assert.equal(await readSoundCheckpoint(folder, other, true), "foreign");
  });

  it("is elsewhere without a checkpoint", async () => {
    Deno.removeSync(path("checkpoint.safetensors"));
    assert.equal(await readSoundCheckpoint(folder, key, true), undefined);
  });

  it("trusts neither model nor metrics with any one bit changed, cut off or missing", async () => {
    const kept = Deno.readTextFileSync(path(metricsFileName))
      .split('"step":5')[0].lastIndexOf("\n");
    const lengths: Record<string, number> = {
      [cycleFile(0)]: 16,
      [cycleFile(1)]: 16,
      [metricsFileName]: kept,
    };
    for (const [name, length] of Object.entries(lengths)) {
      const bytes = Deno.readFileSync(path(name));
      assert.ok(bytes.length >= length && length > 10);
      for (let at = 0; at < length; at += 5) {
        const changed = bytes.slice();
        changed[at] ^= 1 << at % 8;
        Deno.writeFileSync(path(name), changed);
        const read = await readSoundCheckpoint(folder, key, true);
        assert.equal(read, "damaged", `${name}, byte ${at}`);
      }
      Deno.writeFileSync(path(name), bytes.subarray(0, length - 1));
      assert.equal(await readSoundCheckpoint(folder, key, true), "damaged");
      Deno.removeSync(path(name));
      assert.equal(await readSoundCheckpoint(folder, key, true), "damaged");
      Deno.writeFileSync(path(name), bytes);
      assert.deepEqual(
        await readSoundCheckpoint(folder, key, true),
        checkpoint,
      );
    }
  });
});
