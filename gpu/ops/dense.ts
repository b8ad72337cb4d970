import { activationInclude } from "../activation.ts";
import { sampleGroup } from "../convolution.ts";
import { kernel } from "../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import { assertSize, productShape } from "../tensor_checks.ts";
import { groupThatDivides, tileOf } from "../tiles.ts";
import forwardSource from "../wgsl/convolution/dense.wgsl" with {
  type: "text",
};

/** The tensors of the 8×8 convolution: y [N, C/4, 8, 8, 4] as [N, K] in 32 or 16 bits, weights [K, O] flat, z [all, O]. */
export interface DenseTensors {
  y: Tensor;
  weights: TensorSlice;
  z: Tensor;
}

/**
 * z[first+n, o] = Σ_k y[n,k] · w[k,o]: the 8×8 convolution without padding, k = (channel block, row, column, channel).
 *
 * @throws {GpuError} when the weights do not fit
 */
export function denseForward(
  recorder: Recorder,
  tensors: DenseTensors,
  firstSample: number,
  count: number,
): void {
  const { y, weights, z } = tensors;
  const shape = productShape(y, z);
  const { size: [samples, outputs], group: most } = tileOf(
    recorder.gpu.tiles,
    "dense",
    shape,
  );
  const { inputChannels, outputChannels } = shape;
  const weightCount = inputChannels * outputChannels;
  assertSize("denseForward", "weights", weights, weightCount);
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
