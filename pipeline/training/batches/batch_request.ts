import type { AugmentKey } from "../../../gpu/augmentation.ts";

/** Which batch is wanted, and all that it is drawn by: equal requests to one set of patches give equal batches. */
export interface BatchRequest {
  /** Everything random that the patches undergo follows from it; its seed draws the patches as well. */
  key: AugmentKey;
  /** Number of the epoch among all that the sampler draws for. */
  epoch: number;
  /** Step within the epoch. */
  step: number;
  /** Distinct labels in the batch. */
  batchSize: number;
  /** Patches of each label. */
  positives: number;
  /** Whether the patches of a label are transposed and flipped at all. */
  flipRotate: boolean;
}

/** What the loader asks its thread for: to open a set of patches, then batches of it. */
export type BatchTask = { path: string } | {
  request: BatchRequest;
  /** Memory for the patches, given away; a batch that finds none, or too little, makes its own. */
  room?: ArrayBuffer;
};

/** A batch as the thread gives it away. */
export interface DrawnBatch {
  /** u8 [rows, 64, 64]. */
  patches: Uint8Array<ArrayBuffer>;
  /** Class of each row within the batch, 0, 1, …, ascending: [rows]. */
  labels: Uint32Array<ArrayBuffer>;
  /** What each patch undergoes: [⌈rows/32⌉, 12, 32]. */
  transforms: Float32Array<ArrayBuffer>;
  /** What drawing and reading took, in milliseconds. */
  loadedMs: number;
}
