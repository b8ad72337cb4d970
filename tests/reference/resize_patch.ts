/**
 * PIL's `resize((32, 32), BILINEAR)` of an 8-bit 64×64 image: per axis a triangle of half-width 2 around
 * 2j + 1, cut at the border and normalised, in 22 bits, each pass rounded to 8 bits.
 */
export function resize64(patch: Uint8Array): Uint8Array {
  const rows = new Uint8Array(64 * 32);
  const result = new Uint8Array(32 * 32);
  for (let j = 0; j < 32; j++) {
    const { first, weights } = pilWeights(j);
    for (let y = 0; y < 64; y++) {
      rows[y * 32 + j] = weigh(weights, (k) => patch[y * 64 + first + k]);
    }
  }
  for (let i = 0; i < 32; i++) {
    const { first, weights } = pilWeights(i);
    for (let x = 0; x < 32; x++) {
      result[i * 32 + x] = weigh(weights, (k) => rows[(first + k) * 32 + x]);
    }
  }
  return result;
}

function pilWeights(j: number): { first: number; weights: number[] } {
  const scale = 2;
  const centre = (j + 0.5) * scale;
  const first = Math.max(0, Math.trunc(centre - scale + 0.5));
  const end = Math.min(64, Math.trunc(centre + scale + 0.5));
  const raw: number[] = [];
  for (let x = first; x < end; x++) {
    raw.push(Math.max(0, 1 - Math.abs((x - centre + 0.5) / scale)));
  }
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return {
    first,
    weights: raw.map((weight) => Math.floor(0.5 + weight / sum * 2 ** 22)),
  };
}

function weigh(weights: number[], pixel: (k: number) => number): number {
  const sum = weights.reduce(
    (total, weight, k) => total + weight * pixel(k),
    0,
  );
  return Math.floor((sum + 2 ** 21) / 2 ** 22);
}

/** OpenCV's `resize` of an 8-bit 65×65 image to 32×32 with INTER_LINEAR, in its 11-bit fixed point. */
export function resize65(patch: Uint8Array): Uint8Array {
  const result = new Uint8Array(32 * 32);
  const taps = Array.from({ length: 32 }, (_, j) => {
    const x = (j + 0.5) * 65 / 32 - 0.5;
    const first = Math.floor(x);
    return {
      first,
      before: Math.round(2048 * (1 - (x - first))),
      after: Math.round(2048 * (x - first)),
    };
  });
  for (let i = 0; i < 32; i++) {
    const vertical = taps[i];
    for (let j = 0; j < 32; j++) {
      const { first, before, after } = taps[j];
      const row = (y: number) =>
        patch[y * 65 + first] * before + patch[y * 65 + first + 1] * after;
      const upper = (vertical.before * (row(vertical.first) >> 4)) >> 16;
      const lower = (vertical.after * (row(vertical.first + 1) >> 4)) >> 16;
      result[i * 32 + j] = (upper + lower + 2) >> 2;
    }
  }
  return result;
}
