import {
  type AugmentKey,
  augmentTransforms,
} from "../../../gpu/augmentation.ts";
import type {
  StepOptions,
  TrainingBatch,
} from "../../../gpu/nn/training/training_types.ts";
import { randomBits, randomStream } from "../../../gpu/random_bits.ts";
import { stage1 } from "./descriptor_loss.ts";

/**
 * Classes of `views` patches each: smooth random stripes, and a little noise that tells the views apart; turned, cropped and
 * flipped as step 0's are.
 */
export function stripedBatch(
  classes: number,
  views: number,
  seed: number,
): TrainingBatch {
  const rows = classes * views;
  const patches = new Uint8Array(rows * 4096);
  const labels = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const label = Math.floor(row / views);
    labels[row] = label;
    const shape = randomStream(seed, 3000, label);
    const noise = randomStream(seed, 3001, row);
    const [across, down, phase] = [0, 1, 2].map((k) =>
      randomBits(shape, k) / 2 ** 32
    );
    for (let at = 0; at < 4096; at++) {
      const place = across * (at % 64) + down * Math.floor(at / 64);
      const stripe = Math.sin(place * 0.6 + phase * 2 * Math.PI);
      patches[row * 4096 + at] = 120 + 80 * stripe +
        (randomBits(noise, at) >>> 27);
    }
  }
  return transformed({ patches, labels }, keyOfStep(0));
}

/** A batch whose patches undergo what is drawn by `key`, each class as a set. */
export function transformed(
  { patches, labels }: Pick<TrainingBatch, "patches" | "labels">,
  key: AugmentKey,
  flipRotate = true,
): TrainingBatch {
  const transforms = augmentTransforms(key, labels, flipRotate);
  return { patches, labels, transforms };
}

function keyOfStep(step: number): AugmentKey {
  return { seed: 211, stage: 1, cycle: 0, step };
}

/** Settings of step number `step`; the loss weighs pairs by their level in between 0 and 1. */
export function stepOptions(
  step: number,
  changed: Partial<StepOptions> = {},
): StepOptions {
  return {
    key: keyOfStep(step),
    dropoutRate: 0.3,
    loss: { ...stage1, threshold: -2, upper: 2 },
    learningRate: 0.001,
    momentum: 0.9,
    weightDecay: 0.1,
    ...changed,
  };
}
