import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Gpu, openGpu } from "../../gpu/device.ts";
import type { DeviceClass } from "../../gpu/device_class.ts";
import { sampleGroup } from "../../gpu/convolution.ts";
import { DescriptorNetwork } from "../../gpu/nn/descriptor_network.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import { losses, lossNames } from "../../gpu/nn/losses.ts";
import { inferenceNetworks } from "../../gpu/nn/inference/inference_networks.ts";
import { networks } from "../../gpu/nn/networks.ts";
import { openDescriptorNetwork } from "../../gpu/nn/open_descriptor_network.ts";
import { optimizerNames } from "../../gpu/nn/optimizers.ts";
import { Trainer } from "../../gpu/nn/training/trainer.ts";
import { NearestRows } from "../../gpu/ops/nearest_rows.ts";
import { PoolScores } from "../../gpu/ops/pool_scores.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { KernelWork } from "../../gpu/tuning/kernel_work.ts";
import { tileCandidates } from "../../gpu/tuning/tile_candidates.ts";
import { tunedKernelsOf } from "../../gpu/tuning/tuned_kernels.ts";
import type { Tile } from "../../gpu/tiles.ts";
import { stage1 } from "../helpers/gpu/descriptor_loss.ts";
import { readStateOf } from "../helpers/golden/inference_golden.ts";
import { stepOptions, stripedBatch } from "../helpers/gpu/training_batch.ts";

const classes = 3;
const batch = stripedBatch(classes, 2, 0);
const samples = batch.labels.length;

const gpu = await openGpu();
after(() => gpu[Symbol.dispose]());

/** Texts of all that was compiled. */
const compiled = new Set<string>();
const { device } = gpu;
const createShaderModule = device.createShaderModule.bind(device);
device.createShaderModule = (descriptor) => {
  compiled.add(descriptor.code);
  return createShaderModule(descriptor);
};

/** The device as one of a class. */
function ofClass(deviceClass: DeviceClass): Gpu {
  return new Gpu(device, { ...gpu.adapter, deviceClass }, Infinity);
}

async function assertSound(of: Gpu): Promise<void> {
  await device.queue.onSubmittedWorkDone();
  of.assertHealthy();
}

const deviceClasses = ["software", "integrated", "discrete"] as const;
const activationTypes = device.features.has("shader-f16")
  ? ["f32", "f16"] as const
  : ["f32"] as const;

for (const deviceClass of deviceClasses) {
  describe(`the kernels of ${deviceClass} adapters`, () => {
    for (const architecture of Object.values(networks)) {
      const initial = initialWeights(architecture, 211);
      for (const activations of activationTypes) {
        for (const kind of lossNames) {
          it(`compile and run for a step of ${architecture.name}, ${kind}, ${activations}`, async () => {
            const own = ofClass(deviceClass);
            using trainer = new Trainer(own, {
              architecture,
              initial,
              samples,
              classes,
              activations,
              ...(losses[kind].needsTeacher
                ? { teacher: "self" as const }
                : {}),
            });
            trainer.step(batch, stepOptions(0, { loss: { ...stage1, kind } }));
            await assertSound(own);
          });
        }
        for (const optimizer of optimizerNames) {
          it(`compile and run for a step of ${architecture.name} by ${optimizer}, ${activations}`, async () => {
            const own = ofClass(deviceClass);
            using trainer = new Trainer(own, {
              architecture,
              initial,
              samples,
              classes,
              activations,
            });
            const loss = { ...stage1, kind: "balance" as const };
            trainer.step(batch, stepOptions(0, { loss, optimizer }));
            await assertSound(own);
          });
        }
      }

      it(`compile and run for descriptors of ${architecture.name}`, async () => {
        const own = ofClass(deviceClass);
        const options = { batchSize: 2 };
        using network = DescriptorNetwork.create(
          own,
          architecture,
          initial,
          options,
        );
        for (
          const [side, source] of [[64, "phototour64"], [
            65,
            "hpatches65",
          ]] as const
        ) {
          await network.describe(new Uint8Array(2 * side * side), source);
        }
        await assertSound(own);
      });
    }

    for (const { name } of inferenceNetworks) {
      it(`compile and run for descriptors of ${name}`, async () => {
        const own = ofClass(deviceClass);
        const state = readStateOf(name);
        using network = openDescriptorNetwork(own, state, { batchSize: 2 });
        await network.describe(new Uint8Array(2 * 64 * 64), "phototour64");
        await assertSound(own);
      });
    }

    for (const norm of ["L1", "L2"] as const) {
      it(`compile and run for the search of neighbours by ${norm}`, async () => {
        const own = ofClass(deviceClass);
        const dimension = 128;
        const options = { dimension, norm, rows: 2, columns: 3 };
        const rows = new Float32Array(2 * dimension);
        const columns = new Float32Array(3 * dimension);
        using nearest = new NearestRows(own, options);
        await (await nearest.search(rows, [columns], dimension))();
        using scores = new PoolScores(own, options);
        scores.writeColumns(columns, dimension);
        await scores.block(rows, dimension)();
        await assertSound(own);
      });
    }
  });
}

describe("the tiles that are measured", () => {
  for (const deviceClass of deviceClasses) {
    it(`compile and run on ${deviceClass} adapters`, async () => {
      const own = ofClass(deviceClass);
      const { maxComputeInvocationsPerWorkgroup: most } = device.limits;
      using recorder = new Recorder(own);
      const { tiles } = own;
      for (const tuned of tunedKernelsOf(own.tiles)) {
        using work = new KernelWork(own, tuned, sampleGroup);
        const candidates = tileCandidates(
          deviceClass,
          tuned.kernel,
          tuned.shape,
          device.limits.maxComputeWorkgroupStorageSize,
        );
        const groups = candidates.groups.filter((count) => count <= most);
        const cuts = candidates.tiles.flatMap((tile): Tile[] =>
          tile.shared === undefined
            ? groups.map((group) => ({ size: tile.size, group }))
            : [tile]
        );
        for (const tile of cuts) {
          own.tiles = { ...tiles, chosen: new Map([[tuned.name, tile]]) };
          work.record(recorder);
          recorder.submit();
        }
        await assertSound(own);
      }
    });
  }
});

describe("these tests", () => {
  it("leave no shader out", () => {
    const folder = fileURLToPath(new URL("../../gpu/wgsl", import.meta.url));
    const shaders = readdirSync(folder, { withFileTypes: true })
      .filter((room) => room.isDirectory() && room.name !== "lib")
      .flatMap(({ name }) =>
        readdirSync(`${folder}/${name}`).map((file) => `${name}/${file}`)
      );
    assert.ok(shaders.length > 30);
    const texts = [...compiled];
    const left = shaders.filter((file) => {
      // Every shader begins with a line that no other has.
      const [title] = readFileSync(`${folder}/${file}`, "utf8").split("\n");
      return !texts.some((text) => text.includes(title));
    });
    // Dawn without a driver grants 16 KiB of workgroup memory; with one (`--all`) nothing is left out.
    const tooLarge = device.limits.maxComputeWorkgroupStorageSize <= 16384
      ? ["convolution/conv3x3_first_frn_tlu.wgsl"]
      : [];
    assert.deepEqual(left, tooLarge);
  });
});
