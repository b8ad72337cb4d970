/** What the pipeline may use of this layer: a device, a network in training, a network that describes. */
export type { LossStatistics } from "./nn/descriptor_loss.ts";
export type { LossKind, LossOptions } from "./ops/descriptor_loss.ts";
export { type AdapterFacts, Gpu, type GpuOptions, openGpu } from "./device.ts";
export { GpuError, type GpuErrorFacts } from "./errors.ts";
export { initialWeights } from "./nn/initial_weights.ts";
export { type NetworkState, type StateTensor } from "./nn/parameters.ts";
export {
  DescriptorNetwork,
  type PatchSource,
} from "./nn/descriptor_network.ts";
export { Trainer } from "./nn/trainer.ts";
export type {
  StepOptions,
  TrainerOptions,
  TrainerState,
  TrainingBatch,
} from "./nn/training_types.ts";
export type { AugmentKey } from "./augmentation.ts";
