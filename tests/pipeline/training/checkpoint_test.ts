import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  readTrainingCheckpoint,
  type TrainingCheckpoint,
  writeTrainingCheckpoint,
} from "../../../pipeline/training/checkpoint.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const path = () => join(folder, "checkpoint.safetensors");

function checkpointAt(total: number): TrainingCheckpoint {
  return {
    key: "3f".repeat(32),
    position: { cycle: 2, step: 7, total },
    state: {
      values: Float32Array.of(1, -2, 3e-39, total),
      firstMoments: Float32Array.of(0.1, 0.2, 0.3, 0.4),
      secondMoments: Float32Array.of(4, 3, 2, 1),
      running: Float32Array.of(-0, 5),
      lossRunning: Float32Array.of(-1, 1e4),
      batchesTracked: 41,
      optimizerSteps: 7,
    },
    files: { "cycle_00.safetensors": "0f", "metrics.jsonl": "a1" },
  };
}

describe("a training checkpoint", () => {
  it("comes back as it was written, the newest one", async () => {
    await writeTrainingCheckpoint(folder, checkpointAt(20));
    await writeTrainingCheckpoint(folder, checkpointAt(21));
    assert.deepEqual(await readTrainingCheckpoint(folder), checkpointAt(21));
    assert.deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name),
      ["checkpoint.safetensors"],
    );
  });

  it("is absent in a folder without one, and where a crash left half of one", async () => {
    assert.equal(await readTrainingCheckpoint(folder), undefined);
    Deno.writeTextFileSync(`${path()}.partial`, "half");
    assert.equal(await readTrainingCheckpoint(folder), undefined);
  });

  it("counts as damaged wherever it is cut off", async () => {
    await writeTrainingCheckpoint(folder, checkpointAt(20));
    const bytes = Deno.readFileSync(path());
    for (const share of [0, 0.01, 0.3, 0.8, 0.99]) {
      const length = Math.floor(share * bytes.length);
      Deno.writeFileSync(path(), bytes.subarray(0, length));
      assert.equal(await readTrainingCheckpoint(folder), "damaged");
    }
  });

  it("counts as damaged when any one byte is another", async () => {
    await writeTrainingCheckpoint(folder, checkpointAt(20));
    const bytes = Deno.readFileSync(path());
    const headerEnd = bytes.length - 4 * 14;
    for (let at = 0; at < bytes.length; at += 5) {
      const changed = bytes.slice();
      changed[at] ^= 1;
      Deno.writeFileSync(path(), changed);
      const read = await readTrainingCheckpoint(folder);
      // The padding behind the header is blank either way.
      if (at < headerEnd && bytes[at] === 0x20) continue;
      assert.equal(read, "damaged", `byte ${at}`);
    }
  });
});
