export {
  type RandomStream,
  randomBits,
  randomBits4,
  randomInclude,
  randomPurpose,
  randomStream,
  randomUnit,
  streamUniform,
} from "./random.ts";
