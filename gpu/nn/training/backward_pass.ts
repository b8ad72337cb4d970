import type { Gpu } from "../../device.ts";
import { accumulate } from "../../sums/accumulate.ts";
import { channelBlock, reversed } from "../../convolution.ts";
import { conv3x3Forward } from "../../ops/convolution/conv3x3.ts";
import { normalizeDescriptorsBackward } from "../../ops/batch_norm_backward.ts";
import {
  conv3x3InputGradientStride2,
  transposedChannelBlock,
} from "../../ops/convolution/conv3x3_input_gradient_stride2.ts";
import { conv3x3WeightGradient } from "../../ops/convolution/conv3x3_weight_gradient.ts";
import { conv3x3FirstBackward } from "../../ops/convolution/conv3x3_first_backward.ts";
import {
  denseInputGradient,
  denseWeightGradient,
} from "../../ops/dense_backward.ts";
import type { Dropout } from "../../normalization.ts";
import { frnTluBackward } from "../../ops/frn_tlu_backward.ts";
import { inputFrnTluBackward } from "../../ops/input_frn_tlu_backward.ts";
import { conv3x3FrnTluBackward } from "../../ops/normalized/conv3x3_frn_tlu_backward.ts";
import { transposeWeights } from "../../ops/convolution/transpose_weights.ts";
import { winogradInputGradient } from "../../ops/convolution/winograd_input_gradient.ts";
import {
  winogradAddWeightGradient,
  winogradWeightGradient,
} from "../../ops/convolution/winograd_weight_gradient.ts";
import type { Recorder, TensorSlice } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import { WinogradScratch, winogradWeightCount } from "../../winograd.ts";
import type { Activations } from "../activations.ts";
import {
  dropoutOf,
  type MicroBatch,
  type NetworkMode,
  normsOf,
} from "../forward_pass.ts";
import { type BodyLayer, usesWinograd } from "../architecture.ts";
import { GradientScratch } from "./gradient_scratch.ts";
import type { NetworkParameters } from "../parameters.ts";

/**
 * The network's backward pass from the head down, one micro-batch after the other, adding to flat gradients.
 *
 * Micro-batches in order and sample groups in order within each: the sums do not depend on how the batch is cut.
 * The gradients of stride 1 go by Winograd's method where the device's tiles say so. The outputs do not: their rounding
 * decides on which side of τ an activation lies, and with direct sums it decides as PyTorch's does more often.
 */
export class BackwardPass implements Disposable {
  /** Gradients of all parameters, flat as they are; see `ParameterTable`. */
  readonly gradients: Tensor;
  readonly #parameters: NetworkParameters;
  readonly #owned: DisposableStack;
  readonly #scratch: GradientScratch;
  /** Between the passes of the gradients of stride 1; the layers share it, where there are any. */
  readonly #winogradScratch: WinogradScratch | undefined;
  /** Of the convolutions whose input gradients are direct sums: weights with their channels exchanged. */
  readonly #transposed: (TensorSlice | undefined)[];
  /** Weight gradients at the points of Winograd's method. */
  readonly #atPoints: (Tensor | undefined)[];
  /** The bias of an input gradient of stride 1 that is a kernel of its own: direct sums whose workgroups do not hold whole maps. */
  readonly #zeros: Tensor;

  /** @param samples the most samples of a micro-batch */
  constructor(gpu: Gpu, parameters: NetworkParameters, samples: number) {
    this.#parameters = parameters;
    const { architecture, table } = parameters;
    const { body } = architecture;
    using owned = new DisposableStack();
    const arena = owned.use(new Arena(gpu));
    this.#scratch = owned.use(new GradientScratch(gpu, architecture, samples));
    this.gradients = arena.tensor("gradients", [table.flatSize]);
    const isWinograd = (layer: BodyLayer) => usesWinograd(layer, gpu.tiles);
    const winograds = body.filter(isWinograd);
    this.#winogradScratch = winograds.length === 0
      ? undefined
      : owned.use(new WinogradScratch(gpu, winograds, samples));
    this.#transposed = body.map((convolution, layer) => {
      if (layer === 0 || isWinograd(convolution)) return undefined;
      const size = convolution.inputChannels * convolution.outputChannels * 9;
      const label = `transposed weights ${layer}`;
      const tensor = arena.tensor(label, [size], { uniform: true });
      return { tensor, offset: 0, size };
    });
    this.#atPoints = body.map((convolution, layer) =>
      isWinograd(convolution)
        ? arena.tensor(`∂u${layer}`, [winogradWeightCount(convolution)])
        : undefined
    );
    const channels = body.map(({ inputChannels }) => inputChannels);
    this.#zeros = arena.tensor("no bias", [Math.max(...channels)]);
    this.#owned = owned.move();
  }

  /**
   * Records what precedes the micro-batches of a step: zero gradients, the weights transposed, and from the descriptors'
   * gradient to ∂z for the whole batch.
   *
   * @param tensors as `normalizeDescriptorsBackward` takes them
   * @param count samples of the batch
   */
  begin(
    recorder: Recorder,
    tensors: Parameters<typeof normalizeDescriptorsBackward>[1],
    count: number,
  ): void {
    recorder.clear(this.gradients);
    for (const [layer, convolution] of this.#body.entries()) {
      const target = this.#transposed[layer];
      if (target === undefined) continue;
      const { convolution: name } = convolution;
      transposeWeights(
        recorder,
        convolution,
        this.#parameters.slice(`${name}.weight`),
        target,
        convolution.stride === 1
          ? { block: channelBlock, turned: true }
          : { block: transposedChannelBlock, turned: false },
      );
    }
    for (const gradient of this.#atPoints) {
      if (gradient !== undefined) recorder.clear(gradient);
    }
    normalizeDescriptorsBackward(recorder, tensors, count);
  }

  /** Records one micro-batch, whose activations must be present, from ∂z [all, 128]. */
  addMicroBatch(
    recorder: Recorder,
    microBatch: MicroBatch,
    dz: Tensor,
    mode: NetworkMode,
  ): void {
    const { activations, patches, first, samples } = microBatch;
    const scratch = this.#scratch;
    const { input, body, head } = this.#parameters.architecture;
    const top = body.length - 1;
    const name = `${head}.weight`;
    const weights = this.#parameters.slice(name);
    const dw = this.#parameters.slice(name, this.gradients);
    const y = activations.layers[top].y;
    denseWeightGradient(recorder, { y, dz, dw }, first, samples);
    const dy = scratch.layers[top].dy!;
    denseInputGradient(recorder, { dz, weights, dy }, first, samples);
    for (let layer = top; layer >= 0; layer--) {
      const dropout = layer === top ? dropoutOf(mode, first) : undefined;
      this.#normalization(recorder, layer, activations, samples, dropout);
      if (layer === 0) this.#firstConvolution(recorder, activations, samples);
      else {
        this.#weightGradient(recorder, layer, microBatch);
        this.#inputGradient(recorder, layer, activations, samples);
      }
    }
    inputFrnTluBackward(recorder, normsOf(this.#parameters, input), {
      x: patches,
      scale: activations.inputScale,
      dy: scratch.input,
      partial: scratch.inputPartial,
    }, samples);
    const { gradients } = this;
    const sums = scratch.partialSums(this.#parameters, gradients, samples);
    accumulate(recorder, sums);
  }

  /** Records what follows the last micro-batch of a step. */
  end(recorder: Recorder): void {
    for (const [layer, convolution] of this.#body.entries()) {
      const du = this.#atPoints[layer];
      if (du === undefined) continue;
      const name = `${convolution.convolution}.weight`;
      const dw = this.#parameters.slice(name, this.gradients);
      winogradWeightGradient(recorder, convolution, { du, dw });
    }
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }

  get #body(): readonly BodyLayer[] {
    return this.#parameters.architecture.body;
  }

  #normalization(
    recorder: Recorder,
    layer: number,
    activations: Activations,
    samples: number,
    dropout: Dropout | undefined,
  ): void {
    const parameters = this.#parameters;
    const names = this.#body[layer];
    const { dx, dy } = this.#scratch.layers[layer];
    // The kernel that computed ∂y made ∂x of it at once.
    if (dy === undefined) return;
    const { x, scale } = activations.layers[layer];
    const partial = this.#scratch.normPartials[layer];
    frnTluBackward(
      recorder,
      normsOf(parameters, names),
      { x, scale, dy, dx, partial },
      samples,
      dropout,
    );
  }

  #firstConvolution(
    recorder: Recorder,
    activations: Activations,
    samples: number,
  ): void {
    const { layers, input: dx, weightPartials } = this.#scratch;
    const dy = layers[0].dx;
    const name = `${this.#body[0].convolution}.weight`;
    const weights = this.#parameters.slice(name);
    const partial = weightPartials[0]!;
    const x = activations.input;
    const tensors = { x, dy, weights, partial, dx };
    conv3x3FirstBackward(recorder, tensors, samples);
  }

  #weightGradient(
    recorder: Recorder,
    layer: number,
    { activations, samples }: MicroBatch,
  ): void {
    const convolution = this.#body[layer];
    const { layers, weightPartials } = this.#scratch;
    const dy = layers[layer].dx;
    const x = activations.layers[layer - 1].y;
    const du = this.#atPoints[layer];
    if (du !== undefined) {
      const tensors = { x, dy, du };
      const room = this.#winogradScratch!;
      winogradAddWeightGradient(recorder, convolution, tensors, room, samples);
      return;
    }
    const partial = weightPartials[layer]!;
    conv3x3WeightGradient(recorder, convolution, { x, dy, partial }, samples);
  }

  #inputGradient(
    recorder: Recorder,
    layer: number,
    activations: Activations,
    samples: number,
  ): void {
    const convolution = this.#body[layer];
    const { layers, normPartials } = this.#scratch;
    const dy = layers[layer].dx;
    const below = layer - 1;
    const dx = layers[below].dy;
    const transposedWeights = this.#transposed[layer];
    if (dx === undefined) {
      conv3x3FrnTluBackward(
        recorder,
        convolution,
        normsOf(this.#parameters, this.#body[below]),
        {
          dy,
          transposedWeights: transposedWeights!,
          x: activations.layers[below].x,
          scale: activations.layers[below].scale,
          dx: layers[below].dx,
          partial: normPartials[below],
        },
        samples,
      );
    } else if (transposedWeights === undefined) {
      const name = `${convolution.convolution}.weight`;
      const tensors = { dy, weights: this.#parameters.slice(name), dx };
      const room = this.#winogradScratch!;
      winogradInputGradient(recorder, convolution, tensors, room, samples);
    } else if (convolution.stride === 2) {
      const tensors = { dy, transposedWeights, dx };
      conv3x3InputGradientStride2(recorder, convolution, tensors, samples);
    } else {
      const size = convolution.inputChannels;
      const bias = { tensor: this.#zeros, offset: 0, size };
      const tensors = { x: dy, weights: transposedWeights, bias, y: dx };
      conv3x3Forward(recorder, reversed(convolution), tensors, samples);
    }
  }
}
