import { type Convolution, sampleGroup } from "../../convolution.ts";
import { kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import { groupThatDivides, tileOf } from "../../tiles.ts";
import {
  winogradInput,
  winogradLibrary,
  winogradPlan,
  winogradPoints as points,
  type WinogradScratch,
  winogradWeightCount,
} from "../../winograd.ts";
import outputGradientSource from "../../wgsl/winograd/winograd_output_gradient.wgsl" with {
  type: "text",
};
import productSource from "../../wgsl/winograd/winograd_weight_product.wgsl" with {
  type: "text",
};
import weightGradientSource from "../../wgsl/winograd/winograd_weight_gradient.wgsl" with {
  type: "text",
};

/**
 * ∂u ← ∂u + Σ_t (A ∂y Aᵀ) ⊙ (Bᵀ x B): the weight gradient of a convolution of stride 1 at the 36 points of Winograd's
 * F(4×4, 3×3), from which {@linkcode winogradWeightGradient} makes that of the weights.
 *
 * x and ∂y [N, C/4 | K/4, H+2, W+2, 4] with a border of one zero pixel, ∂u [36, C, K] flat. Sample groups are summed
 * one by one and added in order, so no bit depends on how a batch is cut.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function winogradAddWeightGradient(
  recorder: Recorder,
  convolution: Convolution,
  { x, dy, du }: { x: Tensor; dy: Tensor; du: Tensor },
  scratch: WinogradScratch,
  count: number,
): void {
  const { inputChannels, outputChannels, size } = convolution;
  const { v, m } = scratch;
  const [capacity] = x.shape;
  const op = "winogradAddWeightGradient";
  const channels = { C4: inputChannels / 4, OUT4: outputChannels / 4 };
  const shape = [capacity, channels.OUT4, size + 2, size + 2, 4];
  assertShape(op, "dy", dy, shape);
  assertSize(op, "du", du, winogradWeightCount(convolution));
  const { size: [inputs, outputs], group: most } = tileOf(
    recorder.gpu.tiles,
    "winograd_weight_product",
    convolution,
  );
  const plan = winogradPlan(convolution, scratch, capacity, count);
  const { tiles, tilesOfSample } = plan;

  const gradientThreads = channels.OUT4 * tilesOfSample;
  const gradientGroup = groupThatDivides(
    sampleGroup * gradientThreads,
    recorder.gpu.tiles.group,
  );
  const outputGradient = kernel(
    recorder.gpu,
    "winograd_output_gradient",
    outputGradientSource,
    { GROUP: gradientGroup },
    winogradLibrary,
  );
  const threads = points * (channels.C4 / inputs) * (channels.OUT4 / outputs);
  const group = groupThatDivides(threads, most);
  const product = kernel(
    recorder.gpu,
    "winograd_weight_product",
    productSource,
    {
      TC: inputs,
      TK: outputs,
      GROUP: group,
    },
  );
  for (const chunk of plan.chunks) {
    winogradInput(recorder, convolution, x, v, plan, chunk);
    recorder.dispatch(
      outputGradient,
      [dy, m],
      [chunk.samples * gradientThreads / gradientGroup],
      unsigned(channels.OUT4, size, size, tiles, chunk.first),
    );
    const parts = chunk.samples / sampleGroup;
    const partTiles = sampleGroup * tilesOfSample;
    recorder.dispatch(
      product,
      [v, m, du],
      [threads / group],
      unsigned(channels.C4, channels.OUT4, tiles, partTiles, parts),
    );
  }
}

/**
 * ∂w = Gᵀ ∂u G: the weight gradient from its 36 points.
 *
 * ∂u [36, C, K] flat, ∂w [K/16, C/4, 3, 3, 4, 16] flat, overwritten.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function winogradWeightGradient(
  recorder: Recorder,
  convolution: Convolution,
  { du, dw }: { du: Tensor; dw: TensorSlice },
): void {
  const { inputChannels, outputChannels } = convolution;
  const op = "winogradWeightGradient";
  assertSize(op, "du", du, winogradWeightCount(convolution));
  assertSize(op, "dw", dw, inputChannels * outputChannels * 9);
  const threads = inputChannels * outputChannels / 4;
  const group = groupThatDivides(threads, recorder.gpu.tiles.group);
  recorder.dispatch(
    kernel(recorder.gpu, "winograd_weight_gradient", weightGradientSource, {
      GROUP: group,
    }, winogradLibrary),
    [du, dw],
    [threads / group],
    unsigned(inputChannels / 4, outputChannels / 4),
  );
}
