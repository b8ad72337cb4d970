import { type ActivationType, requireActivationType } from "../activation.ts";
import { sampleGroup } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { GpuMemoryError } from "../errors.ts";
import { samplesPerBlock } from "../labelled_descriptors.ts";
import { densePartial } from "../ops/dense.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { Activations, microBatches } from "./activations.ts";
import type { BackwardPass } from "./training/backward_pass.ts";
import { descriptorSize, patchSize } from "./architecture.ts";
import type { NetworkParameters } from "./parameters.ts";

/** How large a network's tensors are. */
export interface NetworkCapacity {
  /** Most samples of one batch. */
  samples: number;
  /** Most samples of one micro-batch, by default as many as suit the device's class; the result does not depend on it. */
  microBatchSamples?: number;
  /** The backward pass of a network that is trained; who only describes is handed none, and so depends on none. */
  backward?: typeof BackwardPass;
  /** How activations are stored, "f32" by default; "f16" halves their memory and rounds them. */
  activations?: ActivationType;
}

/**
 * Every tensor that a network works with at one batch size, its parameters apart.
 *
 * What couples the samples of a batch exists for all of it; activations and the scratch of the backward pass for one
 * micro-batch. The activations of further micro-batches are kept for the backward pass as far as the budget reaches;
 * the others share the last and are computed again.
 */
export class NetworkMemory implements Disposable {
  /** Samples of a micro-batch, whole sample groups; the last one of a batch may have fewer. */
  readonly microBatchSamples: number;
  /** Input: [N, 32, 32]; N is whole micro-batches. */
  readonly patches: Tensor;
  /** [N/32, 128, 32], blocks of 32 samples, component by component. */
  readonly descriptors: Tensor;
  readonly descriptorGradient: Tensor;
  /** Room for the descriptors that a teacher gives the same patches, laid out alike; for training only. */
  readonly teacherDescriptors: Tensor | undefined;
  /** The head's output [N, 128] with and without dropout, and ∂z. */
  readonly z: Tensor;
  readonly undroppedZ: Tensor;
  readonly dz: Tensor;
  /** Room for sums of parts of z of one micro-batch, where the device has them. */
  readonly partial: Tensor | undefined;
  /** Mean and variance that the BatchNorm normalises with: [2, 128]. */
  readonly statistics: Tensor;
  /** Length of each sample's row after the BatchNorm: [N]. */
  readonly norm: Tensor;
  readonly sums: Tensor;
  /** Of the first micro-batches one each; the last is shared by all that remain. */
  readonly activations: readonly Activations[];
  readonly backward: BackwardPass | undefined;
  readonly #owned: DisposableStack;

  private constructor(
    gpu: Gpu,
    parameters: NetworkParameters,
    { samples, count }: { samples: number; count: number },
    { backward, activations: type = "f32" }: NetworkCapacity,
  ) {
    using owned = new DisposableStack();
    const arena = owned.use(new Arena(gpu));
    const all = samples * count;
    const rows = [all, descriptorSize];
    const blockCount = Math.ceil(all / samplesPerBlock);
    const blocks = [blockCount, descriptorSize, samplesPerBlock];
    const perChannel = [2, descriptorSize];
    this.microBatchSamples = samples;
    this.patches = arena.tensor("patches", [all, patchSize, patchSize]);
    this.descriptors = arena.tensor("descriptors", blocks);
    this.descriptorGradient = arena.tensor("∂descriptors", blocks);
    this.z = arena.tensor("z", rows);
    this.undroppedZ = arena.tensor("z without dropout", rows);
    this.dz = arena.tensor("∂z", rows, { uniform: true });
    this.norm = arena.tensor("norm", [all]);
    this.statistics = arena.tensor("statistics", perChannel);
    this.sums = arena.tensor("sums", perChannel);
    const beforeBytes = gpu.allocatedBytes;
    const { architecture } = parameters;
    const makeActivations = () =>
      owned.use(new Activations(gpu, architecture, samples, type));
    const activations = [makeActivations()];
    const activationBytes = gpu.allocatedBytes - beforeBytes;
    const { y } = activations[0].layers[architecture.body.length - 1];
    this.partial = densePartial(arena, gpu, y, descriptorSize);
    if (backward !== undefined) {
      this.teacherDescriptors = arena.tensor("teacher descriptors", blocks);
      this.backward = owned.use(new backward(gpu, parameters, samples));
      while (activations.length < count && gpu.freeBytes >= activationBytes) {
        activations.push(makeActivations());
      }
    }
    this.activations = activations;
    this.#owned = owned.move();
  }

  /**
   * Allocates for `capacity`, in smaller micro-batches where the adapter or the budget does not hold the wanted ones.
   *
   * @throws {GpuMemoryError} when not even the smallest fit
   * @throws {GpuError} when the adapter cannot store activations as wanted
   */
  static allocate(
    gpu: Gpu,
    parameters: NetworkParameters,
    capacity: NetworkCapacity,
  ): NetworkMemory {
    const { samples, microBatchSamples, activations = "f32" } = capacity;
    requireActivationType(gpu, activations);
    let most = Math.min(
      microBatchSamples ?? gpu.tiles.microBatchSamples,
      samples,
    );
    while (true) {
      const shape = microBatches(samples, most);
      try {
        return new NetworkMemory(gpu, parameters, shape, capacity);
      } catch (error) {
        const isSmallest = shape.samples <= sampleGroup;
        if (!(error instanceof GpuMemoryError) || isSmallest) throw error;
        most = shape.samples / 2;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }
}
