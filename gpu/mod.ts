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
