import type { StepOptions, TrainingBatch } from "../../gpu/mod.ts";
import { randomBits, randomStream } from "../../gpu/random.ts";

/** Noise patches of `classes` labels with `views` patches each. */
export function noiseBatch(classes: number, views: number): TrainingBatch {
  const rows = classes * views;
  const stream = randomStream(211, 99);
  const classOf = (_: unknown, row: number) => Math.floor(row / views);
  return {
    patches: Uint8Array.from(
      { length: rows * 4096 },
      (_, i) => randomBits(stream, i) >>> 24,
    ),
    labels: Uint32Array.from({ length: rows }, classOf),
    setIds: Uint32Array.from({ length: rows }, classOf),
  };
}

/** The authors' stage-1 settings for step number `step`, at a learning rate that keeps noise from diverging. */
export function stage1Step(step: number): StepOptions {
  return {
    key: { seed: 211, stage: 1, cycle: 0, step },
    flipRotate: true,
    dropoutRate: 0.3,
    loss: {
      kind: "ExpTeacher",
      R: 1,
      B: 3.7,
      A: 1.05,
      useStB: true,
      threshold: -0.55,
      upper: 0.1,
      marginpos: 1,
      negNum: 1,
    },
    learningRate: 1e-4,
    momentum: 0.9,
    weightDecay: 0.1,
  };
}
