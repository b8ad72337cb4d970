import type { TensorSlice } from "./recorder.ts";
import { uniformLimitBytes } from "./tensor.ts";
import storageWeights from "./wgsl/lib/weights_storage.wgsl" with {
  type: "text",
};
import uniformWeights from "./wgsl/lib/weights_uniform.wgsl" with {
  type: "text",
};

/** Text behind `#include "weights"`: so many bytes of weights as a uniform where it fits one. */
export function weightBinding(sizeBytes: number): { weights: string } {
  return {
    weights: sizeBytes <= uniformLimitBytes ? uniformWeights : storageWeights,
  };
}

/** Some of the weights to bind, from element `first` on: at least the window that every uniform binding has. */
export function weightBlocks(
  { tensor, offset }: TensorSlice,
  first: number,
  count: number,
): TensorSlice {
  const size = Math.max(count, uniformLimitBytes / 4);
  return { tensor, offset: offset + first, size };
}
