import {
  randomBits,
  randomPurpose,
  type RandomStream,
  randomStream,
} from "../../gpu/random_bits.ts";

/** The draws that belong to (seed, turn). */
export function sampleStream(seed: number, turn: number): RandomStream {
  return randomStream(seed, randomPurpose.samplePairs, turn);
}

/**
 * Distinct members of a list, a pure function of (stream, list).
 *
 * @param candidates at least as many as the sample takes
 * @param sample filled
 */
export function drawSample(
  stream: RandomStream,
  candidates: Uint32Array,
  sample: Uint32Array,
): void {
  let draw = 0;
  for (let i = 0; i < sample.length; i++) {
    do {
      const position = randomBits(stream, draw++) / 2 ** 32 * candidates.length;
      sample[i] = candidates[Math.floor(position)];
    } while (sample.indexOf(sample[i]) < i);
  }
}
