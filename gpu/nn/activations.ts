import type { ActivationType } from "../activation.ts";
import { type Convolution, sampleGroup } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { weightGradientParts } from "../ops/conv3x3.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { convolutions, patchSize, usesWinograd } from "./layers.ts";

/** What the forward pass of one micro-batch of M samples leaves for the backward pass. */
export class Activations implements Disposable {
  /** Normalised patches with a border: [M, 34, 34]; their scale [M]. */
  readonly input: Tensor;
  readonly inputScale: Tensor;
  /**
   * Per convolution: its output [M, C/4, S, S, 4], the scale of its FRN [M, C/4, 4], the TLU's output. Outputs are of the given
   * type, scales of 32 bits.
   */
  readonly layers: { x: Tensor; scale: Tensor; y: Tensor }[];
  readonly #arena: Arena;

  constructor(gpu: Gpu, samples: number, type: ActivationType) {
    const arena = new Arena(gpu);
    this.#arena = arena;
    const padded = patchSize + 2;
    this.input = arena.tensor("input.y", [samples, padded, padded]);
    this.inputScale = arena.tensor("input.scale", [samples]);
    this.layers = convolutions.map(({ outputChannels, size }, index) => {
      const channels4 = outputChannels / 4;
      // The last output feeds the 8×8 convolution, which has no padding.
      const border = index === convolutions.length - 1 ? 0 : 2;
      const side = size + border;
      const output = (name: string, side: number) =>
        arena.tensor(
          `layer${index}.${name}`,
          [samples, channels4, side, side, 4],
          { type },
        );
      return {
        x: output("x", size),
        scale: arena.tensor(`layer${index}.scale`, [samples, channels4, 4]),
        y: output("y", side),
      };
    });
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}

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

  constructor(gpu: Gpu, samples: number) {
    const arena = new Arena(gpu);
    this.#arena = arena;
    const shared = new Map<number, { dx: Tensor; dy: Tensor }>();
    this.layers = convolutions.map(({ outputChannels, size }) => {
      let pair = shared.get(outputChannels);
      if (pair === undefined) {
        const channels4 = outputChannels / 4;
        pair = {
          dx: arena.tensor(`dx${outputChannels}`, [
            samples,
            channels4,
            size + 2,
            size + 2,
            4,
          ]),
          dy: arena.tensor(`dy${outputChannels}`, [
            samples,
            channels4,
            size,
            size,
            4,
          ]),
        };
        shared.set(outputChannels, pair);
      }
      return pair;
    });
    this.input = arena.tensor("input.dy", [samples, patchSize, patchSize]);
    const partialSize = Math.max(
      ...convolutions.filter((convolution) => !usesWinograd(convolution))
        .map((convolution) => partialElements(convolution, samples)),
    );
    this.weightPartial = arena.tensor("weight partials", [partialSize]);
    const mostChannels = Math.max(
      ...convolutions.map(({ outputChannels }) => outputChannels),
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

/** Samples of one micro-batch and how many of them cover `batchSamples`, given that one may hold `most`. */
export function microBatches(
  batchSamples: number,
  most: number,
): { samples: number; count: number } {
  const count = Math.ceil(batchSamples / most);
  const samples = Math.ceil(batchSamples / count / sampleGroup) * sampleGroup;
  return { samples, count: Math.ceil(batchSamples / samples) };
}
