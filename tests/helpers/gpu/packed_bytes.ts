import { randomBits, randomStream } from "../../../gpu/random_bits.ts";

/** Bytes as little-endian words, the last one filled up with zeros. */
export function packWords(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(Math.ceil(bytes.length / 4));
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

/** Patches [count, size, size] of noise, with every tenth one black or white. */
export function noisePatches(
  count: number,
  sizePixels: number,
  seed: number,
): Uint8Array {
  const stream = randomStream(seed, 2000);
  const area = sizePixels ** 2;
  return Uint8Array.from({ length: count * area }, (_, i) => {
    const patch = Math.floor(i / area);
    if (patch % 10 === 9) return patch % 20 === 9 ? 255 : 0;
    return randomBits(stream, i) >>> 24;
  });
}

/** Sample n of patches [N, 32, 32] as a 32×32 image. */
export function sampleImage(patches: Float32Array, n: number): Float32Array {
  return patches.slice(n * 1024, (n + 1) * 1024);
}
