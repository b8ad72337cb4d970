import type { Gpu } from "../../device.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import { densePartial } from "../../ops/dense.ts";
import { descriptorSize, patchSize } from "../architecture.ts";
import {
  type InferenceLayer,
  type InferenceNetwork,
  inferenceShapes,
} from "./inference_network.ts";

/** What one block of a body reads and writes for M samples. */
export interface LayerTensors extends InferenceLayer {
  /** the convolution's input, with a border of one zero pixel where it pads */
  input: Tensor;
  /** the convolution's output [M, C/4, S, S, 4] */
  convolved: Tensor;
  /** after the activation; with the next block's border, unless a pooling comes between */
  activated: Tensor;
  /** after the pooling, where there is one */
  pooled: Tensor | undefined;
}

/** What passes through a network for inference, of one micro-batch of M samples. */
export class InferenceActivations implements Disposable {
  /** The normalised patches: [M, 32, 32], or [M, 34, 34] with a border. */
  readonly patches: Tensor;
  readonly layers: readonly LayerTensors[];
  /** Room for sums of parts of the head's output, where the device has them. */
  readonly partial: Tensor | undefined;
  readonly #arena: Arena;

  constructor(gpu: Gpu, network: InferenceNetwork, samples: number) {
    using owned = new DisposableStack();
    const arena = owned.use(new Arena(gpu));
    const shapes = inferenceShapes(network, patchSize);
    const side = patchSize + 2 * shapes[0].padding;
    this.patches = arena.tensor("patches.y", [samples, side, side]);
    let input = this.patches;
    this.layers = shapes.map((layer, index) => {
      const { outputChannels, outputSize, maxPool } = layer;
      // The head has no padding.
      const border = 2 * (shapes[index + 1]?.padding ?? 0);
      const tensor = (name: string, size: number) =>
        arena.tensor(
          `layer${index}.${name}`,
          [samples, outputChannels / 4, size, size, 4],
        );
      const convolved = tensor("x", outputSize);
      const activated = tensor("y", outputSize + (maxPool ? 0 : border));
      const pooled = maxPool
        ? tensor("pooled", outputSize / 2 + border)
        : undefined;
      const tensors = { ...layer, input, convolved, activated, pooled };
      input = pooled ?? activated;
      return tensors;
    });
    this.partial = densePartial(arena, gpu, this.last, descriptorSize);
    this.#arena = arena;
    owned.move();
  }

  /** What the head reads: [M, C/4, 8, 8, 4]. */
  get last(): Tensor {
    const { pooled, activated } = this.layers[this.layers.length - 1];
    return pooled ?? activated;
  }

  [Symbol.dispose](): void {
    this.#arena[Symbol.dispose]();
  }
}
