import { kernel } from "../kernel.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import { assertShape, type Tensor } from "../tensor.ts";
import { tilesOfClass } from "../tiles.ts";
import inputSource from "../wgsl/dense_input_gradient.wgsl" with {
  type: "text",
};
import weightSource from "../wgsl/dense_weight_gradient.wgsl" with {
  type: "text",
};
import forwardSource from "../wgsl/dense.wgsl" with { type: "text" };

const gradientSamples = 8;

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
  const { group, dense: [samples, outputs] } =
    tilesOfClass[recorder.gpu.adapter.deviceClass];
  const { y, weights, z } = tensors;
  const threads = count / samples * (z.shape[1] / 4 / outputs);
  const threadsInGroup = Math.min(
    group,
    8 / samples * z.shape[1] / 4 / outputs,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "dense", forwardSource, {
      ...sizes(tensors),
      TN: samples,
      TO: outputs,
      GROUP: threadsInGroup,
    }),
    [y, weights, z],
    [threads / threadsInGroup],
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
  recorder.dispatch(
    kernel(recorder.gpu, "dense_input_gradient", inputSource, {
      ...constants,
      TN: gradientSamples,
      GROUP: group,
    }),
    [dz, weights, dy],
    [count / gradientSamples * constants.K4 / group],
    [{ u32: firstSample }],
  );
}

/**
 * ∂w[k,o] ← ∂w[k,o] + Σ_n y[n,k] · ∂z[first+n, o], samples in order.
 *
 * @throws {GpuError} when a shape does not fit.
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
  assertShape("denseWeightGradient", "dz", dz, [
    constants.ALL,
    constants.OUT4 * 4,
  ]);
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
