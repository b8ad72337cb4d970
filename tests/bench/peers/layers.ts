import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";

/** SDGMNet128's 3×3 convolutions as the peers build them: input channels, output channels, stride. */
export const convolutions = sdgmnet128.body.map((
  { inputChannels, outputChannels, stride },
) => [inputChannels, outputChannels, stride] as const);

/** What a peer reaches, in patches per second. */
export interface PeerFigures {
  forwardPatchesPerSecond: number;
  forwardBackwardPatchesPerSecond: number;
}

/** Values that look random, between −scale and scale. */
export function wave(length: number, scale: number): Float32Array {
  return Float32Array.from(
    { length },
    (_, i) => Math.sin(i * 12.9898) * scale,
  );
}

/** Patches per second of the shortest of `runs` calls, after one that compiles. */
export async function patchesPerSecond(
  patches: number,
  runs: number,
  call: () => Promise<void>,
): Promise<number> {
  await call();
  let bestMs = Infinity;
  for (let run = 0; run < runs; run++) {
    const startMs = performance.now();
    await call();
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return patches / bestMs * 1000;
}
