import type { Convolution } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { elementsOfPart } from "../sums/accumulate.ts";
import { weightGradientParts } from "../ops/conv3x3_backward.ts";
import type { TensorSlice } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { type Architecture, patchSize, usesWinograd } from "./architecture.ts";
import { alignment } from "./parameter_table.ts";

/** Scratch of the backward pass of one micro-batch; layers of equal shape share theirs. */
export class GradientScratch implements Disposable {
  /** ∂x of a layer's FRN with a border, and ∂y of its TLU, by layer. */
  readonly layers: { dx: Tensor; dy: Tensor }[];
  /** ∂ of the input's normalisation: [M, 32, 32]. */
  readonly input: Tensor;
  /** Of the input's normalisation, per sample: γ, β and τ gradients. */
  readonly inputPartial: TensorSlice;
  /** By layer and per sample: γ, β, τ and bias gradients. */
  readonly normPartials: readonly TensorSlice[];
  /** By layer: partial sums of the weight gradient, where it is a direct sum. */
  readonly weightPartials: readonly (TensorSlice | undefined)[];
  readonly #arena: Arena;

  constructor(gpu: Gpu, { body }: Architecture, samples: number) {
    const arena = new Arena(gpu);
    this.#arena = arena;
    const shared = new Map<string, { dx: Tensor; dy: Tensor }>();
    this.layers = body.map(({ outputChannels, size }) => {
      const shape = `${outputChannels} ${size}×${size}`;
      let pair = shared.get(shape);
      if (pair === undefined) {
        const channels4 = outputChannels / 4;
        pair = {
          dx: arena.tensor(`dx ${shape}`, [
            samples,
            channels4,
            size + 2,
            size + 2,
            4,
          ]),
          dy: arena.tensor(`dy ${shape}`, [
            samples,
            channels4,
            size,
            size,
            4,
          ]),
        };
        shared.set(shape, pair);
      }
      return pair;
    });
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
