/**
 * Random numbers on the CPU as pure functions of (seed, purpose, indices): a 64-bit key is hashed from these, and
 * draw number n of the key's stream is an integer mix of key and n. Nothing depends on the order of calls elsewhere,
 * and only 32-bit integer arithmetic decides, so that the same seed gives the same numbers on every machine.
 */

/** A bijective mix of 32 bits in which every input bit reaches every output bit. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  value = Math.imul(value ^ (value >>> 15), 0x735a2d97);
  return (value ^ (value >>> 15)) >>> 0;
}

/** A stream of draws belonging to one (seed, purpose, indices); two streams of equal arguments give equal draws. */
export class RandomStream {
  #low: number;
  #high: number;
  #counter = 0;

  /**
   * @param seed any safe integer
   * @param purpose what the numbers are for, so that two uses of the same indices stay independent
   * @param indices safe integers, such as image and view number
   */
  constructor(seed: number, purpose: string, ...indices: number[]) {
    this.#low = 0x9e3779b9;
    this.#high = 0x85ebca6b;
    this.#absorbInteger(seed);
    for (let i = 0; i < purpose.length; i++) {
      this.#absorb(purpose.charCodeAt(i));
    }
    this.#absorb(0x10000 + purpose.length);
    for (const index of indices) this.#absorbInteger(index);
  }

  #absorbInteger(value: number) {
    this.#absorb(value >>> 0);
    this.#absorb(Math.floor(value / 0x100000000) >>> 0);
  }

  #absorb(word: number) {
    this.#low = mix(this.#low ^ word);
    this.#high = mix(
      Math.imul(this.#high, 0x2c1b3c6d) + (word ^ 0x297a2d39) + this.#low | 0,
    );
  }

  /** The next 32 random bits, as an integer in [0, 2³²). */
  bits(): number {
    const counter = this.#counter++;
    const first = mix(this.#low ^ Math.imul(counter, 0x9e3779b1));
    return mix(first + this.#high | 0);
  }

  /** Uniform in [low, high), by default [0, 1). */
  uniform(low = 0, high = 1): number {
    return low + (high - low) * (this.bits() / 0x100000000);
  }

  /** Standard normal (Box and Muller's transform, two draws a number). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.bits() + 1) / 0x100000000));
    return radius * Math.cos(2 * Math.PI * (this.bits() / 0x100000000));
  }

  /** Uniform integer in [0, bound), without bias: draws of the incomplete last block are thrown away. */
  integer(bound: number): number {
    const limit = 0x100000000 - (0x100000000 % bound);
    let value = this.bits();
    while (value >= limit) value = this.bits();
    return value % bound;
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }
}

/** One uniform number in [0, 1) for (seed, purpose, indices). */
export function uniform(
  seed: number,
  purpose: string,
  ...indices: number[]
): number {
  return new RandomStream(seed, purpose, ...indices).uniform();
}

/** One standard normal number for (seed, purpose, indices). */
export function normal(
  seed: number,
  purpose: string,
  ...indices: number[]
): number {
  return new RandomStream(seed, purpose, ...indices).normal();
}

/** One uniform integer in [0, bound) for (seed, purpose, indices). */
export function integer(
  bound: number,
  seed: number,
  purpose: string,
  ...indices: number[]
): number {
  return new RandomStream(seed, purpose, ...indices).integer(bound);
}

/** Shuffles in place (Fisher and Yates) with the stream's next draws, and returns the array. */
export function shuffle<T extends { length: number; [index: number]: unknown }>(
  items: T,
  stream: RandomStream,
): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const held = items[i];
    items[i] = items[j];
    items[j] = held;
  }
  return items;
}

/**
 * Draws `count` distinct integers of [0, pool) in random order, in O(count) time.
 * `identity` must hold 0, 1, …, pool−1; it is used as working space and is restored before the return.
 */
export function chooseDistinct(
  count: number,
  identity: Uint32Array,
  stream: RandomStream,
): Uint32Array {
  const pool = identity.length;
  const chosen = new Uint32Array(count);
  const swapped = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const j = i + stream.integer(pool - i);
    swapped[i] = j;
    chosen[i] = identity[j];
    identity[j] = identity[i];
    identity[i] = chosen[i];
  }
  for (let i = count - 1; i >= 0; i--) {
    const j = swapped[i];
    const held = identity[j];
    identity[j] = identity[i];
    identity[i] = held;
  }
  return chosen;
}
