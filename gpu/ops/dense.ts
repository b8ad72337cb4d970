import { activationInclude } from "../activation.ts";
import { sampleGroup } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import { kernel } from "../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import type { Arena, Tensor } from "../tensor.ts";
import {
  assertShape,
  assertSize,
  productOf,
  productShape,
} from "../tensor_checks.ts";
import { isSharedProduct, partsOfDense } from "../tiles/shared_product.ts";
import { groupThatDivides, tileOf } from "../tiles.ts";
import forwardSource from "../wgsl/convolution/dense.wgsl" with {
  type: "text",
};
import sumSource from "../wgsl/convolution/dense_sum.wgsl" with {
  type: "text",
};
import { sharedProduct } from "./products/dense_shared.ts";

const sumGroup = 64;

/** The tensors of the 8×8 convolution: y [N, C/4, 8, 8, 4] as [N, K] in 32 or 16 bits, weights [K, O] flat, z [all, O]. */
export interface DenseTensors {
  y: Tensor;
  weights: TensorSlice;
  z: Tensor;
  /** As {@linkcode densePartial} made it for as many samples as y has. */
  partial?: Tensor | undefined;
}

/** Room for sums of parts of y · w [K, O] where workgroups share what they read: [parts, N, O]; elsewhere none. */
export function densePartial(
  arena: Arena,
  { tiles }: Gpu,
  y: Tensor,
  outputChannels: number,
): Tensor | undefined {
  const shape = productOf(y, outputChannels);
  if (!isSharedProduct(tileOf(tiles, "dense", shape))) return undefined;
  const extents = [partsOfDense(shape, tiles), y.shape[0], outputChannels];
  return arena.tensor("parts of z", extents);
}

/**
 * Requires room for sums of parts.
 *
 * @throws {GpuError} when there is none, or another
 */
function partialOf({ partial }: DenseTensors, shape: number[]): Tensor {
  if (partial === undefined) {
    throw new GpuError({
      attempt: "run denseForward",
      where: "partial",
      found: "none",
      wanted: `[${shape.join(", ")}]`,
    });
  }
  assertShape("denseForward", "partial", partial, shape);
  return partial;
}

/**
 * z[first+n, o] = Σ_k y[n,k] · w[k,o]: the 8×8 convolution without padding, k = (channel block, row, column, channel).
 *
 * @throws {GpuError} when the weights do not fit, or the room for sums of parts
 */
export function denseForward(
  recorder: Recorder,
  tensors: DenseTensors,
  firstSample: number,
  count: number,
): void {
  const { y, weights, z } = tensors;
  const shape = productShape(y, z);
  const { inputChannels, outputChannels } = shape;
  const weightCount = inputChannels * outputChannels;
  assertSize("denseForward", "weights", weights, weightCount);
  const tile = tileOf(recorder.gpu.tiles, "dense", shape);
  if (isSharedProduct(tile)) {
    const parts = partsOfDense(shape, recorder.gpu.tiles);
    const partial = partialOf(tensors, [parts, y.shape[0], outputChannels]);
    sharedProduct(recorder, {
      op: "denseForward",
      a: y,
      weights,
      isTransposed: false,
      result: partial,
      terms: inputChannels,
      columns: outputChannels,
      parts,
      count,
      firstRow: 0,
      firstResult: 0,
    }, tile);
    const size = count * outputChannels / 4;
    recorder.dispatch(
      kernel(recorder.gpu, "dense_sum", sumSource, { GROUP: sumGroup }),
      [partial, z],
      [Math.ceil(size / sumGroup)],
      unsigned(parts, size, firstSample * outputChannels / 4),
    );
    return;
  }
  const { size: [samples, outputs], group: most } = tile;
  const threadsAcross = outputChannels / 4 / outputs;
  const group = groupThatDivides(
    sampleGroup / samples * threadsAcross,
    most,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "dense", forwardSource, {
      TN: samples,
      TO: outputs,
      GROUP: group,
    }, activationInclude("denseForward", { y })),
    [y, weights, z],
    [count / samples * threadsAcross / group],
    unsigned(inputChannels / 4, outputChannels / 4, firstSample),
  );
}
