import type { ActivationType } from "../activation.ts";
import { sampleGroup } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { type Architecture, patchSize } from "./architecture.ts";

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

  constructor(
    gpu: Gpu,
    { body }: Architecture,
    samples: number,
    type: ActivationType,
  ) {
    const arena = new Arena(gpu);
    this.#arena = arena;
    const padded = patchSize + 2;
    this.input = arena.tensor("input.y", [samples, padded, padded]);
    this.inputScale = arena.tensor("input.scale", [samples]);
    this.layers = body.map(({ outputChannels, size }, index) => {
      const channels4 = outputChannels / 4;
      // The last output feeds the head, which has no padding.
      const border = index === body.length - 1 ? 0 : 2;
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

/** Samples of one micro-batch and how many of them cover `batchSamples`, given that one may hold `most`. */
export function microBatches(
  batchSamples: number,
  most: number,
): { samples: number; count: number } {
  const count = Math.ceil(batchSamples / most);
  const samples = Math.ceil(batchSamples / count / sampleGroup) * sampleGroup;
  return { samples, count: Math.ceil(batchSamples / samples) };
}
