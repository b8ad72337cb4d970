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
