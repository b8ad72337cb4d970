import {
  type Architecture,
  descriptorSize,
  headChannels,
  headSize,
} from "../../gpu/nn/architecture.ts";

/** Multiply-adds of a network's convolutions on one patch, forward; the rest takes about a hundredth of them. */
export function forwardMultiplyAdds(architecture: Architecture): number {
  const head = headSize ** 2 * headChannels(architecture) * descriptorSize;
  return architecture.body.reduce(
    (sum, { inputChannels, outputChannels, size }) =>
      sum + 9 * inputChannels * outputChannels * size ** 2,
    head,
  );
}
