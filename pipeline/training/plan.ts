import type {
  ActivationType,
  LossOptions,
  NetworkName,
  OptimizerName,
} from "../../gpu/mod.ts";
import type { Config } from "../config.ts";
import type { StepRates } from "./schedule.ts";
import type { Json } from "../files/json.ts";

/** A run of steps under one optimizer state. */
export interface TrainingCycle {
  /** Distinct labels in a batch. */
  batchSize: number;
  steps: number;
  /** After how many steps, and at the end, FPR95 is measured on the test pairs. */
  stepsPerEpoch: number;
  rates(step: number): StepRates;
  loss: LossOptions;
}

/** Everything a training stage decides. */
export interface TrainingPlan {
  /** 1 or 2; part of every random key. */
  stage: number;
  /** The network to train, and the teacher's. */
  network: NetworkName;
  cycles: readonly TrainingCycle[];
  /** Patches of each label in a batch. */
  positives: number;
  /** The update rule of every step. */
  optimizer: OptimizerName;
  weightDecay: number;
  dropoutRate: number;
  flipRotate: boolean;
  /** How the network's activations are stored. */
  activations: ActivationType;
  /** Checkpoint to start from; absent: the untrained network of the seed. */
  initialPath?: string;
  /** "self" or a checkpoint; absent where the loss needs no teacher. */
  teacher?: string;
  saveEverySteps: number;
  logEverySteps: number;
  /** Whether the model after every cycle is an output of its own. */
  saveCycles: boolean;
  /** Whether the loss's histograms go into the metrics. */
  histograms: boolean;
}

/** What of `[gpu]` steers training, for its stage key: activations that are rounded. */
export function rounding(
  { activations }: Config["gpu"],
): Record<string, Json> {
  return activations === "f32" ? {} : { activations };
}
