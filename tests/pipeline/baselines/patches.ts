import { RandomStream } from "../../../data/random.ts";

/** A patch of smooth random structure, bytes from 40 to 200. */
export function randomPatch(seed: number, side: number): Uint8Array {
  const stream = new RandomStream(seed, "patch");
  const waves = Array.from({ length: 6 }, () => ({
    x: stream.uniform(-0.5, 0.5),
    y: stream.uniform(-0.5, 0.5),
    phase: stream.uniform(0, 6.3),
  }));
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const x = i % side;
    const y = Math.floor(i / side);
    let sum = 0;
    for (const wave of waves) {
      sum += Math.sin(wave.x * x + wave.y * y + wave.phase);
    }
    return 120 + Math.max(-80, Math.min(80, Math.round(25 * sum)));
  });
}

/** The patch with every byte mapped. */
export function mapped(
  patch: Uint8Array,
  change: (value: number) => number,
): Uint8Array {
  return patch.map(change);
}
