import { GpuError } from "../errors.ts";
import { kernel } from "../kernel.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertShape } from "../tensor_checks.ts";
import source64 from "../wgsl/patches/resize_patch_64.wgsl" with {
  type: "text",
};
import source65 from "../wgsl/patches/resize_patch_65.wgsl" with {
  type: "text",
};

/** Patches of one workgroup. */
const patchesPerGroup = 32;

/** Which patches of the packed bytes are meant. */
export interface PatchRange {
  count: number;
  /** Number of the first patch within the bytes; 0 by default. */
  firstPatch?: number;
}

/**
 * 8-bit 64×64 → 32×32 exactly as PIL's bilinear (antialiased, each pass rounded to 8 bits), then /255: what the
 * network sees of a patch in a test.
 *
 * @param bytes u32: u8 [·, 64, 64] packed four to a word, lowest byte first
 * @param output f32 [N, 32, 32], 0 … 1, N at least `count`
 * @throws {GpuError} when the bytes are too few or the output has another shape
 */
export function resizePatch64(
  recorder: Recorder,
  bytes: Tensor,
  output: Tensor,
  range: PatchRange,
): void {
  resize(recorder, "resizePatch64", source64, bytes, output, range, 64, 16);
}

/**
 * 8-bit 65×65 → 32×32 exactly as OpenCV's `resize` (bilinear, not antialiased, fixed point); the values stay 0 … 255.
 * HPatches descriptors are extracted from these.
 *
 * @param bytes u32: u8 [·, 65, 65] packed without gaps, four to a word, lowest byte first
 * @param output f32 [N, 32, 32], N at least `count`
 * @throws {GpuError} when the bytes are too few or the output has another shape
 */
export function resizePatch65(
  recorder: Recorder,
  bytes: Tensor,
  output: Tensor,
  range: PatchRange,
): void {
  resize(recorder, "resizePatch65", source65, bytes, output, range, 65, 32);
}

function resize(
  recorder: Recorder,
  op: string,
  source: string,
  bytes: Tensor,
  output: Tensor,
  { count, firstPatch = 0 }: PatchRange,
  sizePixels: number,
  invocationsPerRow: number,
): void {
  const neededWords = Math.ceil((firstPatch + count) * sizePixels ** 2 / 4);
  if (count < 1 || bytes.size < neededWords) {
    throw new GpuError({
      attempt: `run ${op}`,
      where: bytes.label,
      found: `${bytes.size} words for patches ${firstPatch} to ${
        firstPatch + count - 1
      }`,
      wanted: `at least one patch and ${neededWords} words`,
    });
  }
  const groups = Math.ceil(count / patchesPerGroup);
  assertShape(op, "output", output, [
    Math.max(count, output.shape[0]),
    32,
    32,
  ]);
  recorder.dispatch(
    kernel(recorder.gpu, `resize_patch_${sizePixels}`, source, {
      L: patchesPerGroup,
    }),
    [bytes, output],
    [invocationsPerRow, 32, groups],
    [{ u32: count }, { u32: firstPatch }],
  );
}
