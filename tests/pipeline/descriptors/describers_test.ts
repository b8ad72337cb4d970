import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  DataError,
  type TensorData,
  writeSafetensors,
} from "../../../data/mod.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { type Gpu, initialWeights, openGpu } from "../../../gpu/mod.ts";
import {
  type DescriberOptions,
  openDescriber,
} from "../../../pipeline/descriptors/describers.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { randomPatch } from "../baselines/patches.ts";

let folder: string;
let gpu: Gpu | undefined;

beforeEach(async () => {
  folder = await Deno.makeTempDir();
});

afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

/** Options with one GPU for all tests, which saves compiling the kernels again. */
async function options(changes: { seed?: number; batchSize?: number } = {}) {
  const shared = gpu ??= await openGpu();
  let asked = 0;
  return {
    modelPath: join(folder, "model.safetensors"),
    network: "SDGMNet128" as const,
    seed: 211,
    batchSize: 64,
    gpu: () => {
      asked++;
      return Promise.resolve(shared);
    },
    timesAsked: () => asked,
    ...changes,
  };
}

function patchesOf(count: number, side: number): Uint8Array {
  const patches = new Uint8Array(count * side * side);
  for (let i = 0; i < count; i++) {
    patches.set(randomPatch(i, side), i * side * side);
  }
  return patches;
}

async function describeWith(
  name: "trained" | "untrained",
  side: 64 | 65,
  count: number,
  given: Promise<DescriberOptions> = options(),
): Promise<Float32Array> {
  using describer = await openDescriber(name, await given);
  assert.equal(describer.dimension, 128);
  return await describer.describe(patchesOf(count, side), side);
}

describe("openDescriber", () => {
  it("describes with unit vectors that follow from seed and patch alone", async () => {
    const described = await describeWith("untrained", 65, 70);
    assert.equal(described.length, 70 * 128);
    for (let row = 0; row < 70; row++) {
      const values = described.subarray(row * 128, (row + 1) * 128);
      assertClose(Math.hypot(...values), 1, 1e-5);
    }
    const inSmallBatches = await describeWith(
      "untrained",
      65,
      70,
      options({ batchSize: 32 }),
    );
    assert.deepEqual(inSmallBatches, described);
    const ofAnotherSeed = await describeWith(
      "untrained",
      65,
      70,
      options({ seed: 212 }),
    );
    assert.notDeepEqual(ofAnotherSeed, described);
  });

  it("describes with the weights of a checkpoint, on one GPU", async () => {
    const tensors = new Map<string, TensorData>();
    for (const [name, { shape, data }] of initialWeights(sdgmnet128, 211)) {
      tensors.set(name, {
        dtype: "F32",
        shape: [...shape],
        data: Float32Array.from(data),
      });
    }
    await writeSafetensors(join(folder, "model.safetensors"), tensors);
    const given = await options();
    const trained = await describeWith(
      "trained",
      64,
      5,
      Promise.resolve(given),
    );
    assert.deepEqual(trained, await describeWith("untrained", 64, 5));
    assert.equal(given.timesAsked(), 1);
  });

  it("refuses a checkpoint without weights", async () => {
    await writeSafetensors(
      join(folder, "model.safetensors"),
      new Map([["count", {
        dtype: "I64",
        shape: [1],
        data: BigInt64Array.of(1n),
      }]]),
    );
    await assert.rejects(openDescriber("trained", await options()), DataError);
  });

  it("leaves the GPU alone for the baselines", async () => {
    for (
      const [name, dimension] of [
        ["meanstd", 2],
        ["pixels", 256],
        ["sift", 128],
        ["rootsift", 128],
      ] as const
    ) {
      const given = await options();
      using describer = await openDescriber(
        name,
        given,
      );
      assert.equal(describer.dimension, dimension);
      const described = await describer.describe(patchesOf(3, 65), 65);
      assert.equal(described.length, 3 * describer.dimension);
      assert.equal(given.timesAsked(), 0);
    }
  });
});
