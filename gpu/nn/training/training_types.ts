import type { ActivationType } from "../../activation.ts";
import type { AugmentKey } from "../../augmentation.ts";
import type { LossOptions } from "../../ops/losses/loss_terms.ts";
import type { LossName } from "../losses.ts";
import type { Architecture } from "../architecture.ts";
import type { OptimizerName } from "../optimizers.ts";
import type { NetworkState } from "../network_state.ts";

/** How a Trainer is set up. */
export interface TrainerOptions {
  /** The network to train, and the teacher's. */
  architecture: Architecture;
  /** The network training starts from. */
  initial: NetworkState;
  /** A fixed teacher's tensors, or "self": the student itself in inference mode; absent where the loss needs none. */
  teacher?: NetworkState | "self";
  /** What the steps' loss will be, where it needs memory that others do not, so that the network leaves room for it. */
  loss?: LossName;
  /** Most patches of one batch. */
  samples: number;
  /** Most classes of one batch. */
  classes: number;
  /**
   * How activations are stored, "f32" by default; the teacher's and those of {@linkcode Trainer.describe} as well, which work in the
   * same memory.
   */
  activations?: ActivationType;
}

/** One batch of 8-bit patches, grouped by class. */
export interface TrainingBatch {
  /** u8 [rows, 64, 64]. */
  patches: Uint8Array;
  /** Class of each row within the batch, 0, 1, …, ascending: [rows]. */
  labels: Uint32Array;
  /** What each patch undergoes, as `augmentTransforms` draws it: [⌈rows/32⌉, 12, 32]. */
  transforms: Float32Array<ArrayBuffer>;
}

/** The settings of one step. */
export interface StepOptions {
  /** Which activations are dropped follows from it; what the patches undergo stands in the batch. */
  key: AugmentKey;
  /** Share of activations dropped before the last convolution. */
  dropoutRate: number;
  loss: LossOptions;
  /** Share of all steps that are done, in [0, 1), for a loss that changes on the way; 0 by default. */
  progress?: number;
  /** The update rule, fastai's Adam by default. */
  optimizer?: OptimizerName;
  learningRate: number;
  momentum: number;
  weightDecay: number;
}

/** Everything a training run needs to go on exactly where it stood. */
export interface TrainerState {
  values: Float32Array<ArrayBuffer>;
  firstMoments: Float32Array<ArrayBuffer>;
  secondMoments: Float32Array<ArrayBuffer>;
  running: Float32Array<ArrayBuffer>;
  /** What the loss carries from step to step. */
  lossRunning: Float32Array<ArrayBuffer>;
  batchesTracked: number;
  /** Optimizer steps since the last reset. */
  optimizerSteps: number;
}
