import { type Convolution, reversed, sampleGroup } from "../../convolution.ts";
import { weightBinding, weightBlocks } from "../../convolution_weights.ts";
import { kernel } from "../../kernel.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import { type Tensor, uniformLimitBytes } from "../../tensor.ts";
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
import outputSource from "../../wgsl/winograd/winograd_input_gradient.wgsl" with {
  type: "text",
};
import productSource from "../../wgsl/winograd/winograd_product.wgsl" with {
  type: "text",
};
import weightsSource from "../../wgsl/winograd/winograd_weights.wgsl" with {
  type: "text",
};

/**
 * ∂x[n,c,i,j] = Σ_{k,p,q} w[k,c,p,q] · ∂y[n,k,i−p+1,j−q+1] at stride 1, by Winograd's F(4×4, 3×3):
 * ∂x = Aᵀ [Σ_k (G w′ Gᵀ) ⊙ (Bᵀ ∂y B)] A for every tile of 4×4, w′ being the weights with channels exchanged and taps
 * turned about: a quarter of the direct sum's products.
 *
 * ∂y [N, K/4, H+2, W+2, 4] with a border of one zero pixel, weights [K/16, C/4, 3, 3, 4, 16] flat,
 * ∂x [N, C/4, H, W, 4]; the first `count` samples are computed, whole sample groups.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function winogradInputGradient(
  recorder: Recorder,
  convolution: Convolution,
  tensors: { dy: Tensor; weights: TensorSlice; dx: Tensor },
  scratch: WinogradScratch,
  count: number,
): void {
  const op = "winogradInputGradient";
  const { inputChannels, outputChannels, size } = convolution;
  const { dy, weights, dx } = tensors;
  const { v, m, u } = scratch;
  const [capacity] = dy.shape;
  const backward = reversed(convolution);
  const outputs4 = inputChannels / 4;
  assertShape(op, "dx", dx, [capacity, outputs4, size, size, 4]);
  assertSize(op, "weights", weights, inputChannels * outputChannels * 9);
  const { size: [tilesAtOnce, channels4], group: most } = tileOf(
    recorder.gpu.tiles,
    "winograd_product",
    backward,
  );
  const plan = winogradPlan(backward, scratch, capacity, count);
  const { tilesOfSample } = plan;
  const inputs4 = outputChannels / 4;

  const transformGroup = groupThatDivides(
    outputChannels * outputs4,
    recorder.gpu.tiles.group,
  );
  recorder.dispatch(
    kernel(recorder.gpu, "winograd_weights", weightsSource, {
      K4: channels4,
      GROUP: transformGroup,
    }, winogradLibrary),
    [weights, sliceOf(u, 0, winogradWeightCount(convolution))],
    [outputChannels * outputs4 / transformGroup],
    unsigned(inputs4, outputs4),
  );

  const pointSize = inputChannels * outputChannels;
  const pointsAtOnce = divisorUpTo(uniformLimitBytes / 4 / pointSize);
  const threads = tilesOfSample / tilesAtOnce * (outputs4 / channels4);
  const group = groupThatDivides(sampleGroup * threads, most);
  const product = kernel(recorder.gpu, "winograd_product", productSource, {
    K4: channels4,
    T: tilesAtOnce,
    GROUP: group,
  }, weightBinding(pointsAtOnce * pointSize * 4));
  const outputThreads = outputs4 * tilesOfSample;
  const outputGroup = groupThatDivides(
    sampleGroup * outputThreads,
    recorder.gpu.tiles.group,
  );
  const output = kernel(recorder.gpu, "winograd_input_gradient", outputSource, {
    GROUP: outputGroup,
  }, winogradLibrary);
  for (const chunk of plan.chunks) {
    winogradInput(recorder, backward, dy, v, plan, chunk);
    const groups = chunk.samples * threads / group;
    for (let point = 0; point < points; point += pointsAtOnce) {
      const place = point * pointSize;
      const some = weightBlocks(
        sliceOf(u, 0, u.size),
        place,
        pointsAtOnce * pointSize,
      );
      recorder.dispatch(
        product,
        [v, some, m],
        [groups, pointsAtOnce],
        unsigned(inputs4, outputs4, plan.tiles, point),
      );
    }
    recorder.dispatch(
      output,
      [m, dx],
      [chunk.samples * outputThreads / outputGroup],
      unsigned(outputs4, size, size, plan.tiles, chunk.first),
    );
  }
}

function sliceOf(tensor: Tensor, offset: number, size: number): TensorSlice {
  return { tensor, offset, size };
}

/** The largest divisor of the number of points, at most `most` or 1. */
function divisorUpTo(most: number): number {
  let divisor = Math.max(1, Math.min(points, Math.floor(most)));
  while (points % divisor !== 0) divisor--;
  return divisor;
}
