import type { Convolution } from "../../convolution.ts";
import type { Gpu } from "../../device.ts";
import { elementsOfPart, type PartialSums } from "../../sums/accumulate.ts";
import { weightGradientParts } from "../../ops/convolution/conv3x3_weight_gradient.ts";
import { frnTluBackwardTile } from "../../ops/normalized/conv3x3_frn_tlu_backward.ts";
import type { TensorSlice } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import {
  type Architecture,
  type BodyLayer,
  patchSize,
  usesWinograd,
} from "../architecture.ts";
import { normsOf } from "../forward_pass.ts";
import { alignment } from "../parameter_table.ts";
import type { NetworkParameters } from "../parameters.ts";

/** Gradients of a layer's normalisation. */
export interface LayerGradients {
  /** ∂x of its FRN, with a border. */
  dx: Tensor;
  /** ∂y of its TLU; undefined where the kernel that computes it normalises it at once. */
  dy: Tensor | undefined;
}

/** Scratch of the backward pass of one micro-batch; layers of equal shape share theirs, as far as no kernel reads and writes one. */
export class GradientScratch implements Disposable {
  readonly layers: readonly LayerGradients[];
  /** ∂ of the input's normalisation: [M, 32, 32]. */
  readonly input: Tensor;
  /** Of the input's normalisation, per sample: γ, β and τ gradients. */
  readonly inputPartial: TensorSlice;
  /** By layer and per sample: γ, β, τ and bias gradients. */
  readonly normPartials: readonly TensorSlice[];
  /** By layer: partial sums of the weight gradient, where it is a direct sum. */
  readonly weightPartials: readonly (TensorSlice | undefined)[];
  readonly #body: readonly BodyLayer[];
  readonly #arena: Arena;

  constructor(gpu: Gpu, { body }: Architecture, samples: number) {
    const arena = new Arena(gpu);
    this.#body = body;
    this.#arena = arena;
    this.layers = layerGradients(gpu, arena, body, samples);
    this.input = arena.tensor("input.dy", [samples, patchSize, patchSize]);
    let elements = 0;
    const reserve = (size: number) => {
      const offset = elements;
      elements += Math.ceil(size / alignment) * alignment;
      return { offset, size };
    };
    const weights = body.map((convolution) =>
      usesWinograd(convolution, gpu.tiles)
        ? undefined
        : reserve(partialElements(convolution, samples))
    );
    const norms = body.map(({ outputChannels }) =>
      reserve(samples * 4 * outputChannels)
    );
    const input = reserve(samples * elementsOfPart(3));
    const tensor = arena.tensor("partial sums", [elements]);
    this.weightPartials = weights.map((slice) => slice && { tensor, ...slice });
    this.normPartials = norms.map((slice) => ({ tensor, ...slice }));
    this.inputPartial = { tensor, ...input };
  }

  /** What the passes of one micro-batch leave to be added to the gradients of `parameters`, the largest first. */
  partialSums(
    parameters: NetworkParameters,
    gradients: Tensor,
    samples: number,
  ): PartialSums[] {
    const sums: PartialSums[] = [];
    for (const [layer, convolution] of this.#body.entries()) {
      const partial = this.weightPartials[layer];
      if (partial === undefined) continue;
      const name = `${convolution.convolution}.weight`;
      const totals = [parameters.slice(name, gradients)];
      const parts = layer === 0
        ? samples
        : weightGradientParts(convolution, samples);
      sums.push({ partial, totals, parts });
    }
    for (const [layer, names] of this.#body.entries()) {
      const { gamma, beta, tau } = normsOf(parameters, names, gradients);
      const bias = parameters.slice(`${names.convolution}.bias`, gradients);
      const totals = [gamma, beta, tau, bias];
      const partial = this.normPartials[layer];
      sums.push({ partial, totals, parts: samples });
    }
    const { input } = parameters.architecture;
    const { gamma, beta, tau } = normsOf(parameters, input, gradients);
    const totals = [gamma, beta, tau];
    sums.push({ partial: this.inputPartial, totals, parts: samples });
    return sums.sort((a, b) => elementsOf(b) - elementsOf(a));
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}

function partialElements(convolution: Convolution, samples: number): number {
  const { inputChannels, outputChannels } = convolution;
  const parts = inputChannels === 1
    ? samples
    : weightGradientParts(convolution, samples);
  return parts * 9 * inputChannels * outputChannels;
}

function elementsOf({ totals }: PartialSums): number {
  return totals.length * totals[0].size;
}

/** From the head down, since where a layer's ∂x is made of the ∂x above, the two must not lie in one place. */
function layerGradients(
  gpu: Gpu,
  arena: Arena,
  body: readonly BodyLayer[],
  samples: number,
): LayerGradients[] {
  const made = new Map<string, Tensor>();
  const shared = (name: string, shape: number[]) => {
    const tensor = made.get(name) ?? arena.tensor(name, shape);
    made.set(name, tensor);
    return tensor;
  };
  const layers: LayerGradients[] = [];
  for (
    const [layer, { outputChannels, size }] of [...body.entries()].reverse()
  ) {
    const above = body.at(layer + 1);
    const isNormalized = above !== undefined &&
      !usesWinograd(above, gpu.tiles) &&
      frnTluBackwardTile(gpu, above) !== undefined;
    const shape = `${outputChannels} ${size}×${size}`;
    const channels4 = outputChannels / 4;
    const bordered = [samples, channels4, size + 2, size + 2, 4];
    const dx = shared(`dx ${shape}`, bordered);
    layers.unshift({
      dx: isNormalized && dx === layers[0].dx
        ? shared(`other dx ${shape}`, bordered)
        : dx,
      dy: isNormalized
        ? undefined
        : shared(`dy ${shape}`, [samples, channels4, size, size, 4]),
    });
  }
  return layers;
}
