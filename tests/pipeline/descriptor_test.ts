import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { initialWeights } from "../../gpu/mod.ts";
import { loadDescriptor, PipelineError } from "../../mod.ts";
import { sha256File } from "../../pipeline/files/hash.ts";
import { assertClose } from "../helpers/closeness.ts";
import { collage } from "../helpers/data/test_images.ts";
import { projectDirectory } from "../helpers/command_line.ts";
import { torchZip } from "../helpers/data/torch_file.ts";
import { writeUntrainedModel } from "../helpers/pipeline/untrained_model.ts";
import { randomPatch } from "./baselines/patches.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

function patchesOf(side: number, count: number): Uint8Array {
  const patches = new Uint8Array(count * side * side);
  for (let i = 0; i < count; i++) {
    patches.set(randomPatch(i, side), i * side * side);
  }
  return patches;
}

async function writeModel(): Promise<string> {
  const path = join(folder, "model.safetensors");
  await writeUntrainedModel(path, 4);
  return path;
}

async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof Error);
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  throw new Error("nothing was refused");
}

describe("loadDescriptor", () => {
  it("takes the network in weights/ when none is named, whose card tells its digest", async () => {
    const weights = join(projectDirectory, "weights");
    const card = Deno.readTextFileSync(join(weights, "README.md"));
    const { digest } = await sha256File(join(weights, "model.safetensors"));
    assert.ok(card.includes(digest));
    using published = await loadDescriptor();
    using named = await loadDescriptor(join(weights, "model.safetensors"));
    const patches = patchesOf(64, 2);
    const values = await published.describe(patches, 64);
    assert.deepEqual(values, await named.describe(patches, 64));
    const length = Math.hypot(...values.subarray(0, 128));
    assert.ok(Math.abs(length - 1) < 1e-5, String(length));
  });

  it("describes patches of both sides alike from safetensors and PyTorch, by path and URL", async () => {
    const model = await writeModel();
    const torch = join(folder, "model.pt");
    Deno.writeFileSync(torch, torchZip(initialWeights(sdgmnet128, 4)));
    const patches = { 64: patchesOf(64, 3), 65: patchesOf(65, 3) };
    const described: Float32Array[][] = [];
    for (const checkpoint of [model, pathToFileURL(torch)]) {
      using descriptor = await loadDescriptor(checkpoint, {
        batchSize: 32,
        memoryMib: 512,
      });
      assert.equal(descriptor.dimension, 128);
      described.push([
        await descriptor.describe(patches[64], 64),
        await descriptor.describe(patches[65], 65),
      ]);
      // One patch alone is described as it is among others.
      assert.deepEqual(
        await descriptor.describe(patches[64].slice(4096, 8192), 64),
        described[0][0].slice(128, 256),
      );
      assert.equal((await descriptor.describe(new Uint8Array(), 64)).length, 0);
      assert.equal(
        await refusal(descriptor.describe(new Uint8Array(4095), 64)),
        "Cannot describe patches: patches: found 4095 bytes, wanted a multiple of 64·64 = 4096",
      );
      for (
        const [kind, other] of [
          ["a Float32Array", new Float32Array(4096)],
          ["a Uint16Array", new Uint16Array(4096)],
          ["a Uint8ClampedArray", new Uint8ClampedArray(4096)],
          ["an Int8Array", new Int8Array(4096)],
          ["an ArrayBuffer", new Uint8Array(4096).buffer],
          ["an Array", Array(4096).fill(0)],
        ]
      ) {
        assert.equal(
          await refusal(
            descriptor.describe(other as unknown as Uint8Array, 64),
          ),
          `Cannot describe patches: patches: found ${kind}, wanted a Uint8Array of grey values 0 … 255`,
        );
      }
      assert.equal(
        await refusal(descriptor.describe(new Uint8Array(4096), 64, {
          signal: {} as AbortSignal,
        })),
        "Cannot describe patches: options: found a plain object with a plain object as signal, wanted an object with the options, or nothing",
      );
      assert.equal(
        await refusal(descriptor.describe(new Uint8Array(1024), 32 as 64)),
        "Cannot describe patches: side: found the number 32, wanted the number 64 or 65",
      );
    }
    assert.deepEqual(described[0], described[1]);
    for (const rows of described[0]) {
      assert.equal(rows.length, 3 * 128);
      for (let row = 0; row < 3; row++) {
        const norm = Math.hypot(...rows.subarray(row * 128, row * 128 + 128));
        assertClose(norm, 1, 1e-5);
      }
    }
  });

  it("answers its caller between batches, tells how far it is, and can be ended there", async () => {
    using descriptor = await loadDescriptor(await writeModel(), {
      batchSize: 4,
    });
    const patches = patchesOf(64, 10);
    const told: [number, number][] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const descriptors = await descriptor.describe(patches, 64, {
      onProgress: (done, total) => told.push([done, total]),
    });
    clearInterval(timer);
    assert.deepEqual(told, [[4, 10], [8, 10], [10, 10]]);
    assert.ok(turns >= 2, `${turns} turns`);
    assert.deepEqual(descriptors, await descriptor.describe(patches, 64));

    const controller = new AbortController();
    const ended = descriptor.describe(patches, 64, {
      signal: controller.signal,
      onProgress: (done) => {
        told.push([done, 0]);
        if (done === 8) controller.abort(new Error("enough"));
      },
    });
    await assert.rejects(ended, { message: "enough" });
    assert.deepEqual(told.slice(3), [[4, 0], [8, 0]]);

    const picture = collage(200, 160, 3);
    const image = descriptor.describeImage(picture, {
      signal: AbortSignal.abort(new Error("not even begun")),
    });
    await assert.rejects(image, { message: "not even begun" });
    // Nothing is to be described here, and yet it was aborted.
    const pixels = new Uint8Array(64 * 64);
    const flat = descriptor.describeImage({ width: 64, height: 64, pixels }, {
      signal: AbortSignal.abort(new Error("before it began")),
    });
    await assert.rejects(flat, { message: "before it began" });
    const parts: number[] = [];
    const { keypoints } = await descriptor.describeImage(picture, {
      onProgress: (done) => parts.push(done),
    });
    assert.ok(keypoints.length > 4);
    assert.deepEqual(parts.at(-1), keypoints.length);
    assert.equal(parts.length, Math.ceil(keypoints.length / 4));
  });

  it("refuses what is no checkpoint, and names it", async () => {
    const path = join(folder, "bad.pt");
    Deno.writeFileSync(
      path,
      torchZip(initialWeights(sdgmnet128, 4)).subarray(0, 9999),
    );
    assert.match(
      await refusal(loadDescriptor(path)),
      /^Cannot read .+bad\.pt: found /,
    );
    assert.match(
      await refusal(loadDescriptor(join(folder, "none.safetensors"))),
      /^Cannot read the checkpoint: .+none\.safetensors: found no such file or folder, /,
    );
    assert.equal(
      await refusal(loadDescriptor(new URL("https://example.org/m.pt"))),
      "Cannot describe patches: checkpoint: found https://example.org/m.pt, wanted a file: URL or a path",
    );
  });

  it("refuses a network of another shape by its file and tensor", async () => {
    const weights = initialWeights(sdgmnet128, 4);
    weights.set("features.3.0.weight", {
      shape: [8, 1, 1, 1],
      data: new Float32Array(8),
    });
    const path = join(folder, "other.pt");
    Deno.writeFileSync(path, torchZip(weights));
    assert.match(
      await refusal(loadDescriptor(path, { batchSize: 32 })),
      /^Cannot load a network: .+other\.pt: features\.\d\.\d\.weight: found shape \[8, 1, 1, 1\], wanted \[\d+, \d+, 3, 3\]; use a checkpoint of SDGMNet128$/,
    );
  });

  it("refuses options that are none", async () => {
    const path = await writeModel();
    for (const batchSize of [0, -1, 1.5, NaN]) {
      const loading = loadDescriptor(path, { batchSize });
      await assert.rejects(loading, PipelineError);
      assert.equal(
        await refusal(loading),
        `Cannot describe patches: batchSize: found ${batchSize}, wanted a whole number of 1 or more`,
      );
    }
    assert.match(
      await refusal(loadDescriptor(path, { memoryMib: -1 })),
      /: memoryMib: found -1, wanted a whole number of 0 or more$/,
    );
    assert.match(
      await refusal(loadDescriptor(path, { memoryMib: 1 })),
      /^Cannot .+memory.+$/,
    );
  });
});
