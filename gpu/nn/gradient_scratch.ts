import type { Convolution } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { weightGradientParts } from "../ops/conv3x3_backward.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { type Architecture, patchSize, usesWinograd } from "./architecture.ts";

/** Scratch of the backward pass of one micro-batch; layers of equal shape share theirs. */
export class GradientScratch implements Disposable {
  /** ∂x of a layer's FRN with a border, and ∂y of its TLU, by layer. */
  readonly layers: { dx: Tensor; dy: Tensor }[];
  /** ∂ of the input's normalisation: [M, 32, 32]. */
  readonly input: Tensor;
  /** Partial sums of the weight gradients of the first convolution and of those of stride 2. */
  readonly weightPartial: Tensor;
  /** Per sample: γ, β, τ and bias gradients. */
  readonly normPartial: Tensor;
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
    const partialSize = Math.max(
      ...body.filter((convolution) => !usesWinograd(convolution))
        .map((convolution) => partialElements(convolution, samples)),
    );
    this.weightPartial = arena.tensor("weight partials", [partialSize]);
    const mostChannels = Math.max(
      ...body.map(({ outputChannels }) => outputChannels),
    );
    this.normPartial = arena.tensor("norm partials", [
      samples * 4 * mostChannels,
    ]);
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
