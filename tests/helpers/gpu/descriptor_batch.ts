import type { LabelledDescriptors } from "../../../gpu/labelled_descriptors.ts";
import {
  randomBits4,
  randomStream,
  randomUnit,
} from "../../../gpu/random_bits.ts";
import type { Arena } from "../../../gpu/tensor.ts";

/** Descriptors on the CPU: rows [N, 128] sorted by class. */
export interface DescriptorBatch {
  /** [N, 128], f32 values */
  rows: Float32Array;
  labels: Uint32Array;
  firstRowOfClass: Uint32Array;
}

const dimension = 128;

/** Unit rows around one random centre a class; `spread` is the noise's share. */
export function clusteredDescriptors(
  classSizes: readonly number[],
  seed: number,
  spread = 0.8,
): DescriptorBatch {
  const rows: number[][] = [];
  classSizes.forEach((size, label) => {
    const centre = gaussians(seed, label, 0);
    for (let view = 0; view < size; view++) {
      const noise = gaussians(seed, label, view + 1);
      rows.push(unit(centre.map((value, d) => value + spread * noise[d])));
    }
  });
  return batchOf(rows, classSizes);
}

/** A batch of given rows. */
export function batchOf(
  rows: readonly (readonly number[])[],
  classSizes: readonly number[],
): DescriptorBatch {
  const firstRowOfClass = new Uint32Array(classSizes.length + 1);
  classSizes.forEach((size, label) =>
    firstRowOfClass[label + 1] = firstRowOfClass[label] + size
  );
  return {
    rows: Float32Array.from(rows.flat()),
    labels: Uint32Array.from(
      classSizes.flatMap((size, label) => new Array<number>(size).fill(label)),
    ),
    firstRowOfClass,
  };
}

/** `values` divided by its length. */
export function unit(values: readonly number[]): number[] {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

/** Rows [N, 128] as blocks [B, 128, 32]; padding rows hold `padding`. */
export function toBlocks(rows: Float32Array, padding = 0): Float32Array {
  const count = rows.length / dimension;
  const blocks = new Float32Array(Math.ceil(count / 32) * dimension * 32)
    .fill(padding);
  for (let n = 0; n < count; n++) {
    for (let d = 0; d < dimension; d++) {
      blocks[(Math.floor(n / 32) * dimension + d) * 32 + n % 32] =
        rows[n * dimension + d];
    }
  }
  return blocks;
}

/** The inverse of {@linkcode toBlocks} for the first `count` rows. */
export function fromBlocks(blocks: Float32Array, count: number): Float32Array {
  const rows = new Float32Array(count * dimension);
  for (let n = 0; n < count; n++) {
    for (let d = 0; d < dimension; d++) {
      rows[n * dimension + d] =
        blocks[(Math.floor(n / 32) * dimension + d) * 32 + n % 32];
    }
  }
  return rows;
}

/** The batch on the GPU; the last block's padding rows repeat no row but hold `padding` in every component. */
export function upload(
  arena: Arena,
  batch: DescriptorBatch,
  padding = 0.5,
): LabelledDescriptors {
  const blocks = toBlocks(batch.rows, padding);
  return {
    descriptors: arena.tensorOf("descriptors", [
      blocks.length / dimension / 32,
      dimension,
      32,
    ], blocks),
    classOfRow: arena.tensorOf(
      "classOfRow",
      [batch.labels.length],
      batch.labels,
    ),
    firstRowOfClass: arena.tensorOf("firstRowOfClass", [
      batch.firstRowOfClass.length,
    ], batch.firstRowOfClass),
    sampleCount: batch.labels.length,
    classCount: batch.firstRowOfClass.length - 1,
  };
}

function gaussians(seed: number, label: number, view: number): number[] {
  const stream = randomStream(seed, 1000, label, view);
  return Array.from({ length: dimension }, (_, d) => {
    const [first, second] = randomBits4(stream, d);
    return Math.sqrt(-2 * Math.log(1 - randomUnit(first))) *
      Math.cos(2 * Math.PI * randomUnit(second));
  });
}
