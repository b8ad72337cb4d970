/** What the pipeline may use of this layer: a device, a network in training, a network that describes. */
export type { LossStatistics } from "./nn/training/loss_statistics.ts";
export type { LossOptions } from "./ops/losses/loss_terms.ts";
export { losses, type LossName, lossNames } from "./nn/losses.ts";
export type { ActivationType } from "./activation.ts";
export {
  type AdapterFacts,
  Gpu,
  type GpuOptions,
  openGpu,
  requireAdapter,
} from "./device.ts";
export { GpuError, type GpuErrorFacts } from "./errors.ts";
export { grantedMemory } from "./memory_probe.ts";
export { type TileChoice, tileText } from "./tiles.ts";
export {
  type KernelTuning,
  type MeasuredTile,
  tuneTiles,
  type Tuning,
  type TuningOptions,
} from "./tuning/tune.ts";
export { chosenTiles, storedTiles } from "./tuning/tuned_choice.ts";
export {
  type TunedKernel,
  tunedKernels,
  tunedKernelsOf,
  tuningText,
  unusualTiles,
} from "./tuning/tuned_kernels.ts";
export { initialWeights } from "./nn/initial_weights.ts";
export {
  type NetworkState,
  requireNetwork,
  type StateTensor,
} from "./nn/network_state.ts";
export {
  inferenceLayers,
  inferenceWeights,
  type Layer,
} from "./nn/inference_layers.ts";
export {
  type Architecture,
  descriptorSize,
  patchSize,
} from "./nn/architecture.ts";
export { type NetworkName, networkNames, networks } from "./nn/networks.ts";
export {
  isInferenceNetwork,
  type KnownNetwork,
  recognizeNetwork,
} from "./nn/recognize_network.ts";
export { requireTrainable } from "./nn/training/require_trainable.ts";
export { openDescriptorNetwork } from "./nn/open_descriptor_network.ts";
export {
  DescriptorNetwork,
  type OnBatch,
  type PatchSource,
} from "./nn/descriptor_network.ts";
export { type OptimizerName } from "./nn/optimizers.ts";
export { Trainer } from "./nn/training/trainer.ts";
export type {
  StepOptions,
  TrainerOptions,
  TrainerState,
  TrainingBatch,
} from "./nn/training/training_types.ts";
export { type AugmentKey, augmentTransforms } from "./augmentation.ts";
export { NearestRows } from "./ops/nearest_rows.ts";
export { type PoolBlock, PoolScores } from "./ops/pool_scores.ts";
