/** Twins of the reproducible numbers of tests/golden/golden_file.py, to the bit. */

/** A 32-bit number for a name: FNV-1a of its UTF-8 bytes. */
export function streamOf(name: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    value = Math.imul(value ^ byte, 0x01000193);
  }
  return value >>> 0;
}

/** `count` 32-bit numbers, a pure function of (name, position). */
function hashNumbers(name: string, count: number): Uint32Array {
  const stream = streamOf(name);
  return Uint32Array.from({ length: count }, (_, position) => {
    let x = Math.imul(position, 0x9e3779b1) ^ stream;
    x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return x ^ (x >>> 15);
  });
}

/** Numbers in [0, 1) with 24 bits. */
export function goldenUniform(name: string, count: number): Float64Array {
  return Float64Array.from(
    hashNumbers(name, count),
    (x) => (x >>> 8) / 2 ** 24,
  );
}

/** The 256 positions at which a golden file stores a tensor of `size` entries. */
export function sampleIndices(name: string, size: number): number[] {
  return Array.from(
    hashNumbers(`sample:${name}`, 256),
    (x) => Math.floor(x * size / 2 ** 32),
  );
}
