/** What random numbers are for; equal indices of different purposes are independent. */
export const randomPurpose = {
  dropout: 1,
  augmentPatch: 2,
  augmentSet: 3,
  initialWeights: 4,
  samplePairs: 5,
} as const;

/** The three words that select one sequence of draws; see {@linkcode randomStream}. */
export interface RandomStream {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * Four independent 32-bit words: the pure function pcg4d(a, b, c, index); bit for bit `random_u32x4` of
 * wgsl/lib/random.wgsl.
 *
 * Source: Jarzynski and Olano, Hash Functions for GPU Rendering, JCGT 2020.
 */
export function randomBits4(
  stream: RandomStream,
  index: number,
): [number, number, number, number] {
  let x = congruence(stream.a);
  let y = congruence(stream.b);
  let z = congruence(stream.c);
  let w = congruence(index);
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  x ^= x >>> 16;
  y ^= y >>> 16;
  z ^= z >>> 16;
  w ^= w >>> 16;
  x = (x + Math.imul(y, w)) | 0;
  y = (y + Math.imul(z, x)) | 0;
  z = (z + Math.imul(x, y)) | 0;
  w = (w + Math.imul(y, z)) | 0;
  return [x >>> 0, y >>> 0, z >>> 0, w >>> 0];
}

/** The first word of {@linkcode randomBits4}; `random_u32` on the GPU. */
export function randomBits(stream: RandomStream, index: number): number {
  return randomBits4(stream, index)[0];
}

/** A word's upper 24 bits as a number in [0, 1), exact in f32; `random_unit` on the GPU. */
export function randomUnit(bits: number): number {
  return (bits >>> 8) / 2 ** 24;
}

/**
 * The stream of draws that belongs to (seed, purpose, indices…): 96 bits, so that streams of different keys do
 * not overlap in practice.
 *
 * @param seed any safe non-negative integer
 * @param indices what the draws belong to, outermost first: stage, epoch or cycle, step, layer …; u32 each
 */
export function randomStream(
  seed: number,
  purpose: number,
  ...indices: number[]
): RandomStream {
  let [a, b, c, d] = randomBits4(
    { a: seed >>> 0, b: Math.floor(seed / 2 ** 32), c: purpose },
    indices.length,
  );
  for (const index of indices) {
    [a, b, c, d] = randomBits4({ a: (a ^ index) >>> 0, b, c }, d);
  }
  return { a, b, c };
}

function congruence(word: number): number {
  return (Math.imul(word, 1664525) + 1013904223) | 0;
}
