export {
  randomBits,
  randomBits4,
  randomInclude,
  randomPurpose,
  type RandomStream,
  randomStream,
  randomUnit,
  streamUniform,
} from "./random.ts";
export {
  adamEpsilon,
  type AdamOptions,
  adamStep,
  type AdamTensors,
  squareMomentum,
} from "./ops/adam.ts";
export type {
  BatchCapacity,
  LabelledDescriptors,
} from "./labelled_descriptors.ts";
export {
  HardestInBatch,
  sameDescriptorDistance,
  squareDistanceEpsilon,
} from "./ops/hardest_in_batch.ts";
export { median, type MedianOptions } from "./ops/median.ts";
export {
  DescriptorLoss,
  type LossInputs,
  type LossStatistics,
} from "./nn/descriptor_loss.ts";
export type { LossKind, LossOptions } from "./ops/descriptor_loss.ts";
export {
  type PatchRange,
  resizePatch64,
  resizePatch65,
} from "./ops/resize_patch.ts";
export {
  type AugmentKey,
  augmentMatrix,
  type AugmentParameters,
  drawAugmentation,
} from "./augmentation.ts";
export { Augment, type AugmentRange } from "./ops/augment.ts";
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
