import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { transformsLength } from "../../../../gpu/augmentation.ts";
import type { DeviceClass } from "../../../../gpu/device_class.ts";
import { initialWeights } from "../../../../gpu/nn/initial_weights.ts";
import { losses, lossNames } from "../../../../gpu/nn/losses.ts";
import { sdgmnet128 } from "../../../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../../../gpu/nn/training/trainer.ts";
import { observeDispatches } from "../../../../gpu/recorder.ts";
import { tilesOfClass } from "../../../../gpu/tiles.ts";
import { stage1 } from "../../../helpers/gpu/descriptor_loss.ts";
import { idleGpu } from "../../../helpers/gpu/idle_device.ts";
import {
  stepOptions,
  stripedBatch,
} from "../../../helpers/gpu/training_batch.ts";

const initial = initialWeights(sdgmnet128, 211);
const deviceClasses = Object.keys(tilesOfClass) as DeviceClass[];

describe("a step of 65,536 patches", () => {
  const samples = 65_536;
  const classes = samples / 2;
  const labels = Uint32Array.from({ length: samples }, (_, row) => row >> 1);
  const patches = new Uint8Array(samples * 4096);
  const transforms = new Float32Array(transformsLength(samples));
  const batch = { patches, labels, transforms };

  for (const deviceClass of deviceClasses) {
    it(`keeps to the most workgroups on ${deviceClass} adapters`, () => {
      const gpu = idleGpu(deviceClass);
      let most = 0;
      observeDispatches(gpu, ({ groups }) => {
        most = Math.max(most, ...groups.map((count) => count ?? 1));
        return undefined;
      });
      using trainer = new Trainer(gpu, {
        architecture: sdgmnet128,
        initial,
        teacher: "self",
        samples,
        classes,
      });
      for (const kind of lossNames) {
        if (losses[kind].needsTeacher) {
          trainer.step(batch, stepOptions(0, { loss: { ...stage1, kind } }));
        }
      }
      assert.ok(most > 8192 && most < 65536, String(most));
    });
  }
});

describe("a step of the authors' 2,560 × 3 patches", () => {
  for (
    const [deviceClass, most] of [["discrete", 400], [
      "integrated",
      600,
    ]] as const
  ) {
    it(`is at most ${most} dispatches on class ${deviceClass}`, () => {
      const gpu = idleGpu(deviceClass);
      let dispatches = 0;
      observeDispatches(gpu, () => {
        dispatches++;
        return undefined;
      });
      const classes = 2560;
      using trainer = new Trainer(gpu, {
        architecture: sdgmnet128,
        initial,
        teacher: "self",
        samples: 3 * classes,
        classes,
      });
      trainer.step(
        stripedBatch(classes, 3, 0),
        stepOptions(0, { loss: stage1 }),
      );
      assert.ok(dispatches > 100 && dispatches <= most, String(dispatches));
    });
  }
});
