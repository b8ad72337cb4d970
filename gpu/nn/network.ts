import { sampleGroup } from "../convolution.ts";
import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import {
  batchStatistics,
  normalizeDescriptors,
  runningStatistics,
} from "../ops/batch_norm.ts";
import type { Recorder } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import type { Activations } from "./activations.ts";
import type { BackwardPass } from "./training/backward_pass.ts";
import {
  forwardMicroBatch,
  type MicroBatch,
  type NetworkMode,
} from "./forward_pass.ts";
import { patchSize } from "./architecture.ts";
import { type NetworkCapacity, NetworkMemory } from "./network_memory.ts";
import type { NetworkParameters } from "./parameters.ts";

/**
 * A network at work: [N, 32, 32] patches to [N, 128] descriptors of unit length.
 *
 * FRN + TLU; the body's 3×3 convolutions with FRN + TLU; dropout; the head to 128; BatchNorm without affine parameters; L2
 * normalisation: see `Architecture`.
 *
 * Only the BatchNorm and the loss couple samples, so a batch of any size runs exactly in micro-batches: forward up to
 * the head one after the other, BatchNorm on all, backward one after the other, recomputing the activations
 * (with the same dropout) of those whose tensors were reused.
 */
export class Network implements Disposable {
  readonly parameters: NetworkParameters;
  readonly #memory: NetworkMemory;

  /**
   * @throws {GpuError} when not even the smallest micro-batches fit the adapter or the memory budget, or the adapter cannot
   * store activations as wanted
   */
  constructor(
    gpu: Gpu,
    parameters: NetworkParameters,
    capacity: NetworkCapacity,
  ) {
    this.parameters = parameters;
    this.#memory = NetworkMemory.allocate(gpu, parameters, capacity);
  }

  /** Input: [N, 32, 32], to be filled before {@linkcode forward}. N is the capacity, whole micro-batches. */
  get patches(): Tensor {
    return this.#memory.patches;
  }

  /** Output of the last {@linkcode forward}: [N/32, 128, 32], blocks of 32 samples, component by component. */
  get descriptors(): Tensor {
    return this.#memory.descriptors;
  }

  /** Lengths of the rows that the last {@linkcode forward} normalised to descriptors: [N]. */
  get norm(): Tensor {
    return this.#memory.norm;
  }

  /** Gradient of the loss with respect to the descriptors, laid out alike; to be filled before {@linkcode backward}. */
  get descriptorGradient(): Tensor {
    return this.#memory.descriptorGradient;
  }

  /** Room for the descriptors that a teacher gives the same patches, laid out as {@linkcode descriptors}; for training only. */
  get teacherDescriptors(): Tensor | undefined {
    return this.#memory.teacherDescriptors;
  }

  /** Gradients of all parameters after {@linkcode backward}, flat as they are; see `ParameterTable`. */
  get gradients(): Tensor {
    return this.#trained().gradients;
  }

  /**
   * Computes descriptors of the first `count` patches; one submit a micro-batch, without waiting.
   *
   * Training mode also moves the running statistics; both modes overwrite what an earlier pass left.
   *
   * @param inference where the same patches' descriptors in inference mode go, with the statistics from before the pass;
   * beside a training pass they cost one head
   * @throws {GpuError} when there are more than the capacity
   */
  forward(
    recorder: Recorder,
    count: number,
    mode: NetworkMode,
    inference?: Tensor,
  ): void {
    const { z, undroppedZ, statistics, descriptors } = this.#memory;
    const { parameters } = this;
    const { running } = parameters;
    const beside = inference === undefined ? undefined : undroppedZ;
    this.#convolve(recorder, count, parameters, mode, beside);
    if (inference !== undefined) {
      this.#describe(recorder, parameters, undroppedZ, inference);
    }
    if (mode.training) {
      batchStatistics(recorder, { z, statistics, running }, count);
      parameters.batchesTracked++;
      this.#normalize(recorder, z, descriptors);
    } else {
      this.#describe(recorder, parameters, z, descriptors);
    }
    recorder.submit();
  }

  /**
   * Runs the first `count` patches through the network with other parameters in inference mode, into `descriptors`
   * [N/32, 128, 32]; what an earlier {@linkcode forward} left is overwritten.
   *
   * @throws {GpuError} when there are more than the capacity
   */
  describeWith(
    recorder: Recorder,
    count: number,
    parameters: NetworkParameters,
    descriptors: Tensor,
  ): void {
    this.#convolve(recorder, count, parameters, { training: false });
    this.#describe(recorder, parameters, this.#memory.z, descriptors);
    recorder.submit();
  }

  /**
   * Computes the gradients of all parameters from {@linkcode descriptorGradient}, after a training {@linkcode forward} of the
   * same `count` and `mode`; one submit a micro-batch, without waiting.
   *
   * @param normGradient gradient of the loss with respect to {@linkcode norm}, [≥ count], where it has one
   * @throws {GpuError} when the network was made for inference
   */
  backward(
    recorder: Recorder,
    count: number,
    mode: NetworkMode & { training: true },
    normGradient?: Tensor,
  ): void {
    const backward = this.#trained();
    const { z, statistics, descriptors, norm, descriptorGradient, sums, dz } =
      this.#memory;
    const { partial } = this.#memory;
    backward.begin(
      recorder,
      {
        ...{ z, statistics, descriptors, norm, descriptorGradient, sums, dz },
        ...(normGradient === undefined ? {} : { normGradient }),
      },
      count,
    );
    const shared = this.#memory.activations.length - 1;
    const batch = this.#microBatchesOf(count);
    for (const [index, microBatch] of batch.entries()) {
      const present = index < shared || batch.length - 1 === shared;
      if (!present) {
        const head = { z, partial };
        forwardMicroBatch(recorder, this.parameters, microBatch, head, mode);
      }
      backward.addMicroBatch(recorder, microBatch, dz, mode);
      recorder.submit();
    }
    backward.end(recorder);
    recorder.submit();
  }

  /**
   * For inspection only: what the last {@linkcode forward} left of the first micro-batch, and of the whole batch the
   * head's output z [N, 128] and its length after the BatchNorm [N]. A network made for inference may leave x and scale out.
   */
  activationTensors(): { activations: Activations; z: Tensor; norm: Tensor } {
    const { activations, z, norm } = this.#memory;
    return { activations: activations[0], z, norm };
  }

  [Symbol.dispose](): void {
    this.#memory[Symbol.dispose]();
  }

  /** All micro-batches up to z, one submit each. */
  #convolve(
    recorder: Recorder,
    count: number,
    parameters: NetworkParameters,
    mode: NetworkMode,
    undroppedZ?: Tensor,
  ): void {
    const { z, partial } = this.#memory;
    const head = { z, partial };
    for (const microBatch of this.#microBatchesOf(count)) {
      forwardMicroBatch(
        recorder,
        parameters,
        microBatch,
        head,
        mode,
        undroppedZ,
      );
      recorder.submit();
    }
  }

  /** z to descriptors with the running statistics. */
  #describe(
    recorder: Recorder,
    { running }: NetworkParameters,
    z: Tensor,
    descriptors: Tensor,
  ): void {
    const { statistics } = this.#memory;
    runningStatistics(recorder, { running, statistics });
    this.#normalize(recorder, z, descriptors);
  }

  #normalize(recorder: Recorder, z: Tensor, descriptors: Tensor): void {
    const { statistics, norm } = this.#memory;
    normalizeDescriptors(recorder, { z, statistics, descriptors, norm });
  }

  #trained(): BackwardPass {
    const { backward } = this.#memory;
    if (backward === undefined) {
      throw new GpuError({
        attempt: `run ${this.parameters.architecture.name} backward`,
        found: "a network made for inference",
        wanted: "one that was handed a backward pass",
      });
    }
    return backward;
  }

  #microBatchesOf(count: number): MicroBatch[] {
    const capacity = this.patches.shape[0];
    if (!Number.isInteger(count) || count < 1 || count > capacity) {
      throw new GpuError({
        attempt: `run ${this.parameters.architecture.name}`,
        where: "batch",
        found: `${count} samples`,
        wanted: `1 to ${capacity}`,
      });
    }
    const { patches, activations, backward, microBatchSamples: samples } =
      this.#memory;
    const patchPixels = patchSize * patchSize;
    const shared = activations.length - 1;
    return Array.from({ length: Math.ceil(count / samples) }, (_, index) => {
      const first = index * samples;
      const present = Math.min(samples, count - first);
      return {
        // The first micro-batches have activations of their own, the others share the last.
        activations: activations[Math.min(index, shared)],
        patches: {
          tensor: patches,
          offset: first * patchPixels,
          size: samples * patchPixels,
        },
        first,
        // Rows that pad the last group are carried along with zero gradient.
        samples: Math.ceil(present / sampleGroup) * sampleGroup,
        keep: backward !== undefined,
      };
    });
  }
}
