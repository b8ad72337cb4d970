import { kernel } from "../kernel.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import { assertSize, type Tensor } from "../tensor.ts";
import { groupThatDivides, tilesOfClass } from "../tiles.ts";
import inputSource from "../wgsl/dense_input_gradient.wgsl" with {
  type: "text",
};
import weightSource from "../wgsl/dense_weight_gradient.wgsl" with {
  type: "text",
};
import forwardSource from "../wgsl/dense.wgsl" with { type: "text" };

/** Batches are padded to a multiple of it; the input gradient computes as many samples a thread. */
const sampleGroup = 8;

/** The tensors of the 8×8 convolution: y [N, C/4, 8, 8, 4] as [N, K], weights [K, O] flat, z [all, O]. */
export interface DenseTensors {
  y: Tensor;
  weights: TensorSlice;
  z: Tensor;
}

function sizes({ y, z }: { y: Tensor; z: Tensor }): Record<string, number> {
  return {
    N: y.shape[0],
    K4: y.size / y.shape[0] / 4,
    OUT4: z.shape[1] / 4,
    ALL: z.shape[0],
  };
}

function weightCount({ y, z }: { y: Tensor; z: Tensor }): number {
  return y.size / y.shape[0] * z.shape[1];
}

/**
 * z[first+n, o] = Σ_k y[n,k] · w[k,o]: the 8×8 convolution without padding, k = (channel block, row, column, channel).
 *
 * @throws {GpuError} when the weights do not fit.
 */
export function denseForward(
  recorder: Recorder,
  tensors: DenseTensors,
  firstSample: number,
  count: number,
): void {
  const { group: most, dense: [samples, outputs] } =
    tilesOfClass[recorder.gpu.adapter.deviceClass];
  const { y, weights, z } = tensors;
  assertSize("denseForward", "weights", weights, weightCount(tensors));
  const threadsAcross = z.shape[1] / 4 / outputs;
  const group = groupThatDivides(
    sampleGroup / samples * threadsAcross,
    most,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "dense", forwardSource, {
      ...sizes(tensors),
      TN: samples,
      TO: outputs,
      GROUP: group,
    }),
    [y, weights, z],
    [count / samples * threadsAcross / group],
    [{ u32: firstSample }],
  );
}

/**
 * ∂y[n,k] = Σ_o ∂z[first+n, o] · w[k,o].
 *
 * @throws {GpuError} when the weights do not fit.
 */
export function denseInputGradient(
  recorder: Recorder,
  tensors: { dz: Tensor; weights: TensorSlice; dy: Tensor },
  firstSample: number,
  count: number,
): void {
  const { group } = tilesOfClass[recorder.gpu.adapter.deviceClass];
  const { dz, weights, dy } = tensors;
  const constants = sizes({ y: dy, z: dz });
  const wanted = weightCount({ y: dy, z: dz });
  assertSize("denseInputGradient", "weights", weights, wanted);
  recorder.dispatch(
    kernel(recorder.gpu, "dense_input_gradient", inputSource, {
      ...constants,
      TN: sampleGroup,
      GROUP: group,
    }),
    [dz, weights, dy],
    [count / sampleGroup * constants.K4 / group],
    [{ u32: firstSample }],
  );
}

/**
 * ∂w[k,o] ← ∂w[k,o] + Σ_n y[n,k] · ∂z[first+n, o], samples in order.
 *
 * @throws {GpuError} when the weights do not fit.
 */
export function denseWeightGradient(
  recorder: Recorder,
  tensors: { y: Tensor; dz: Tensor; dw: TensorSlice },
  firstSample: number,
  count: number,
): void {
  const { group, denseGradient: [inputs, outputs] } =
    tilesOfClass[recorder.gpu.adapter.deviceClass];
  const { y, dz, dw } = tensors;
  const constants = sizes({ y, z: dz });
  assertSize("denseWeightGradient", "dw", dw, weightCount({ y, z: dz }));
  const threads = constants.K4 / inputs * (constants.OUT4 / outputs);
  recorder.dispatch(
    kernel(recorder.gpu, "dense_weight_gradient", weightSource, {
      ...constants,
      TK: inputs,
      TO: outputs,
      GROUP: group,
    }),
    [y, dz, dw],
    [threads / group],
    [{ u32: firstSample }, { u32: count }],
  );
}
