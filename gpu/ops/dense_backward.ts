import { activationInclude } from "../activation.ts";
import { sampleGroup } from "../convolution.ts";
import { kernel } from "../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../recorder.ts";
import { type Tensor, uniformLimitBytes } from "../tensor.ts";
import { assertSize, assertType, productShape } from "../tensor_checks.ts";
import {
  isSharedProduct,
  rowsOfGroup,
  slabTerms,
} from "../tiles/shared_product.ts";
import { groupThatDivides, tileOf } from "../tiles.ts";
import inputSource from "../wgsl/convolution/dense_input_gradient.wgsl" with {
  type: "text",
};
import sharedWeightSource from "../wgsl/convolution/dense_weight_gradient_shared.wgsl" with {
  type: "text",
};
import weightSource from "../wgsl/convolution/dense_weight_gradient.wgsl" with {
  type: "text",
};
import storageGradient from "../wgsl/lib/gradient_storage.wgsl" with {
  type: "text",
};
import uniformGradient from "../wgsl/lib/gradient_uniform.wgsl" with {
  type: "text",
};
import { sharedProduct } from "./products/dense_shared.ts";

/**
 * ∂y[n,k] = Σ_o ∂z[first+n, o] · w[k,o]. ∂z may be read as a uniform buffer, a window of it at a time.
 *
 * @throws {GpuError} when the weights do not fit
 */
export function denseInputGradient(
  recorder: Recorder,
  tensors: { dz: Tensor; weights: TensorSlice; dy: Tensor },
  firstSample: number,
  count: number,
): void {
  const { dz, weights, dy } = tensors;
  const shape = productShape(dy, dz);
  const { inputChannels, outputChannels } = shape;
  const inputs4 = inputChannels / 4;
  const outputs4 = outputChannels / 4;
  const weightCount = inputChannels * outputChannels;
  assertSize("denseInputGradient", "weights", weights, weightCount);
  assertType("denseInputGradient", "dy", dy);
  const tile = tileOf(recorder.gpu.tiles, "dense_input_gradient", shape);
  if (isSharedProduct(tile)) {
    sharedProduct(recorder, {
      op: "denseInputGradient",
      a: dz,
      weights,
      isTransposed: true,
      result: dy,
      terms: outputChannels,
      columns: inputChannels,
      parts: 1,
      count,
      firstRow: firstSample,
      firstResult: 0,
    }, tile);
    return;
  }
  const { size: [samples, inputsAtOnce], group: most } = tile;
  const threadsAcross = inputs4 / inputsAtOnce;
  const group = groupThatDivides(sampleGroup / samples * threadsAcross, most);
  const { uniformWindows } = recorder.gpu.tiles;
  const compiled = kernel(recorder.gpu, "dense_input_gradient", inputSource, {
    TN: samples,
    TK: inputsAtOnce,
    GROUP: group,
  }, { gradient: uniformWindows ? uniformGradient : storageGradient });
  const window = uniformWindows ? uniformLimitBytes / 4 : count * 4 * outputs4;
  const held = Math.floor(window / (4 * outputs4) / sampleGroup) * sampleGroup;
  for (let first = 0; first < count; first += held) {
    const offset = (firstSample + first) * 4 * outputs4;
    const threads = Math.min(held, count - first) / samples * threadsAcross;
    recorder.dispatch(
      compiled,
      [{ tensor: dz, offset, size: window }, weights, dy],
      [threads / group],
      unsigned(inputs4, outputs4, first),
    );
  }
}

/**
 * ∂w[k,o] ← ∂w[k,o] + Σ_n y[n,k] · ∂z[first+n, o], samples in order.
 *
 * @throws {GpuError} when the weights do not fit
 */
export function denseWeightGradient(
  recorder: Recorder,
  tensors: { y: Tensor; dz: Tensor; dw: TensorSlice },
  firstSample: number,
  count: number,
): void {
  const { y, dz, dw } = tensors;
  const shape = productShape(y, dz);
  const { inputChannels, outputChannels } = shape;
  assertSize("denseWeightGradient", "dw", dw, inputChannels * outputChannels);
  const inputs4 = inputChannels / 4;
  const outputs4 = outputChannels / 4;
  const uniform = unsigned(inputs4, outputs4, firstSample, count);
  const include = activationInclude("denseWeightGradient", { y });
  const tile = tileOf(recorder.gpu.tiles, "dense_weight_gradient", shape);
  if (isSharedProduct(tile)) {
    const { size: [inputs, outputs], group, shared: [, across] } = tile;
    const compiled = kernel(
      recorder.gpu,
      "dense_weight_gradient_shared",
      sharedWeightSource,
      {
        TK: inputs,
        TO: outputs,
        ACROSS: across / 4,
        SLAB: slabTerms,
        GROUP: group,
      },
      include,
    );
    const groups = Math.ceil(inputs4 / rowsOfGroup(tile)) *
      (outputChannels / across);
    recorder.dispatch(compiled, [y, dz, dw], [groups], uniform);
    return;
  }
  const { size: [inputs, outputs], group: most } = tile;
  const threads = inputs4 / inputs * (outputs4 / outputs);
  const group = groupThatDivides(threads, most);
  recorder.dispatch(
    kernel(recorder.gpu, "dense_weight_gradient", weightSource, {
      TK: inputs,
      TO: outputs,
      GROUP: group,
    }, include),
    [y, dz, dw],
    [threads / group],
    uniform,
  );
}
