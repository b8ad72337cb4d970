import type { TensorSlice } from "./recorder.ts";
import { uniformLimitBytes } from "./tensor.ts";
import storageWeights from "./wgsl/lib/weights_storage.wgsl" with {
  type: "text",
};
import uniformWeights from "./wgsl/lib/weights_uniform.wgsl" with {
  type: "text",
};

/** Text behind `#include "weights"`: a block of weights as a uniform where it fits one. */
export function weightBinding(sizeBytes: number): { weights: string } {
  return {
    weights: sizeBytes <= uniformLimitBytes ? uniformWeights : storageWeights,
  };
}

/** One block of weights to bind: at least the window that every uniform binding has. */
export function weightBlock(
  { tensor, offset }: TensorSlice,
  block: number,
  blockSize: number,
): TensorSlice {
  const size = Math.max(blockSize, uniformLimitBytes / 4);
  return { tensor, offset: offset + block * blockSize, size };
}
