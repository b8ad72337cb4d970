import type { Gpu } from "../device.ts";
import { GpuError } from "../errors.ts";
import { samplesPerBlock } from "../labelled_descriptors.ts";
import {
  batchStatistics,
  normalizeDescriptors,
  normalizeDescriptorsBackward,
  runningStatistics,
} from "../ops/batch_norm.ts";
import { sampleGroup } from "../ops/conv3x3.ts";
import type { Recorder } from "../recorder.ts";
import { Arena, type Tensor } from "../tensor.ts";
import { Activations, microBatches } from "./activations.ts";
import { BackwardPass } from "./backward_pass.ts";
import {
  forwardMicroBatch,
  type MicroBatch,
  type NetworkMode,
} from "./forward_pass.ts";
import { descriptorSize, patchSize } from "./layers.ts";
import type { NetworkParameters } from "./parameters.ts";

/** How large a network's tensors are. */
export interface NetworkCapacity {
  /** Most samples of one batch. */
  samples: number;
  /** Most samples of one micro-batch; the result does not depend on it. */
  microBatchSamples?: number;
  /** Whether {@link Sdgmnet128.backward} will be called. */
  training: boolean;
}

/** Samples of a micro-batch unless told otherwise: 1.1 MiB of activations each. */
const defaultMicroBatchSamples = 256;

/** Budget for kept activations where `gpu.memory_mib` names none. */
const defaultBudgetBytes = 2 * 2 ** 30;

/**
 * SDGMNet128: [N, 32, 32] patches to [N, 128] descriptors of unit length.
 *
 * FRN+TLU, six times (3×3 convolution, FRN, TLU): 1→32, 32→32, 32→64 stride 2, 64→64, 64→128 stride 2, 128→128; dropout;
 * 8×8 convolution to 128; BatchNorm without affine parameters; L2 normalisation. 1,336,355 parameters.
 *
 * Only the BatchNorm and the loss couple samples, so a batch of any size runs exactly in micro-batches: forward up to
 * the 8×8 convolution one after the other, BatchNorm on all, backward one after the other, recomputing the activations
 * (with the same dropout) of those whose tensors were reused. Source: HyNet's architecture as the authors use it.
 */
export class Sdgmnet128 implements Disposable {
  readonly parameters: NetworkParameters;
  /** Input: [N, 32, 32], to be filled before {@link forward}. N is the capacity, whole micro-batches. */
  readonly patches: Tensor;
  /** Output of the last {@link forward}: [N/32, 128, 32], blocks of 32 samples, component by component. */
  readonly descriptors: Tensor;
  /** Gradient of the loss with respect to the descriptors, laid out alike; to be filled before {@link backward}. */
  readonly descriptorGradient: Tensor;
  readonly #arena: Arena;
  readonly #microBatch: { samples: number; count: number };
  readonly #activations: Activations[] = [];
  readonly #backward: BackwardPass | undefined;
  readonly #z: Tensor;
  readonly #undroppedZ: Tensor;
  readonly #dz: Tensor;
  readonly #statistics: Tensor;
  readonly #norm: Tensor;
  readonly #sums: Tensor;

  constructor(
    gpu: Gpu,
    parameters: NetworkParameters,
    capacity: NetworkCapacity,
  ) {
    this.parameters = parameters;
    this.#microBatch = microBatches(
      capacity.samples,
      capacity.microBatchSamples ?? defaultMicroBatchSamples,
    );
    const { samples, count } = this.#microBatch;
    const all = samples * count;
    const arena = new Arena(gpu);
    this.#arena = arena;
    const rows = [all, descriptorSize];
    const blocks = [
      Math.ceil(all / samplesPerBlock),
      descriptorSize,
      samplesPerBlock,
    ];
    const perChannel = [2, descriptorSize];
    this.patches = arena.tensor("patches", [all, patchSize, patchSize]);
    this.descriptors = arena.tensor("descriptors", blocks);
    this.descriptorGradient = arena.tensor("∂descriptors", blocks);
    this.#z = arena.tensor("z", rows);
    this.#undroppedZ = arena.tensor("z without dropout", rows);
    this.#dz = arena.tensor("∂z", rows);
    this.#norm = arena.tensor("norm", [all]);
    this.#statistics = arena.tensor("statistics", perChannel);
    this.#sums = arena.tensor("sums", perChannel);
    this.#activations.push(new Activations(gpu, samples));
    if (!capacity.training) return;
    this.#backward = new BackwardPass(gpu, parameters, samples);
    while (this.#activations.length < count && fits(gpu, samples)) {
      this.#activations.push(new Activations(gpu, samples));
    }
  }

  /** Gradients of all parameters after {@link backward}, flat as they are; see `parameterTable`. */
  get gradients(): Tensor {
    return this.#trained().gradients;
  }

  /**
   * Records descriptors of the first `count` patches.
   *
   * Training mode also moves the running statistics; both modes overwrite what an earlier pass left.
   *
   * @param inference where the same patches' descriptors in inference mode go, with the statistics from before the pass;
   * beside a training pass they cost one 8×8 convolution
   * @throws {GpuError} when there are more than the capacity.
   */
  forward(
    recorder: Recorder,
    count: number,
    mode: NetworkMode,
    inference?: Tensor,
  ): void {
    const z = this.#z;
    const undroppedZ = inference === undefined ? undefined : this.#undroppedZ;
    for (const microBatch of this.#microBatchesOf(count)) {
      const { parameters } = this;
      forwardMicroBatch(recorder, parameters, microBatch, z, mode, undroppedZ);
    }
    const statistics = this.#statistics;
    const running = this.parameters.running;
    if (inference !== undefined) {
      runningStatistics(recorder, { running, statistics });
      normalizeDescriptors(recorder, {
        z: this.#undroppedZ,
        statistics,
        descriptors: inference,
        norm: this.#norm,
      });
    }
    if (mode.training) {
      batchStatistics(recorder, { z, statistics, running }, count);
      this.parameters.batchesTracked++;
    } else {
      runningStatistics(recorder, { running, statistics });
    }
    normalizeDescriptors(recorder, {
      z,
      statistics,
      descriptors: this.descriptors,
      norm: this.#norm,
    });
  }

  /**
   * Records the gradients of all parameters from {@link descriptorGradient}, after a training {@link forward} of the
   * same `count` and `mode`.
   *
   * @throws {GpuError} when the network was made for inference.
   */
  backward(
    recorder: Recorder,
    count: number,
    mode: NetworkMode & { training: true },
  ): void {
    const backward = this.#trained();
    backward.begin(recorder);
    normalizeDescriptorsBackward(recorder, {
      z: this.#z,
      statistics: this.#statistics,
      descriptors: this.descriptors,
      norm: this.#norm,
      descriptorGradient: this.descriptorGradient,
      sums: this.#sums,
      dz: this.#dz,
    }, count);
    const shared = this.#activations.length - 1;
    const batch = this.#microBatchesOf(count);
    for (const [index, microBatch] of batch.entries()) {
      const present = index < shared || batch.length - 1 === shared;
      if (!present) {
        forwardMicroBatch(recorder, this.parameters, microBatch, this.#z, mode);
      }
      backward.addMicroBatch(recorder, microBatch, this.#dz, mode);
    }
  }

  /**
   * For inspection only: what the last {@link forward} left of the first micro-batch, and of the whole batch the 8×8
   * convolution's output z [N, 128] and its length after the BatchNorm [N].
   */
  activationTensors(): { activations: Activations; z: Tensor; norm: Tensor } {
    return {
      activations: this.#activations[0],
      z: this.#z,
      norm: this.#norm,
    };
  }

  [Symbol.dispose](): void {
    for (const activations of this.#activations) activations[Symbol.dispose]();
    this.#backward?.[Symbol.dispose]();
    this.#arena[Symbol.dispose]();
  }

  #trained(): BackwardPass {
    if (this.#backward === undefined) {
      throw new GpuError({
        attempt: "run SDGMNet128 backward",
        found: "a network made for inference",
        wanted: "one made with training: true",
      });
    }
    return this.#backward;
  }

  #microBatchesOf(count: number): MicroBatch[] {
    const capacity = this.patches.shape[0];
    if (!Number.isInteger(count) || count < 1 || count > capacity) {
      throw new GpuError({
        attempt: "run SDGMNet128",
        where: "batch",
        found: `${count} samples`,
        wanted: `1 to ${capacity}`,
      });
    }
    const { samples } = this.#microBatch;
    const patchPixels = patchSize * patchSize;
    const shared = this.#activations.length - 1;
    return Array.from({ length: Math.ceil(count / samples) }, (_, index) => {
      const first = index * samples;
      const present = Math.min(samples, count - first);
      return {
        // The first micro-batches have activations of their own, the others share the last.
        activations: this.#activations[Math.min(index, shared)],
        patches: {
          tensor: this.patches,
          offset: first * patchPixels,
          size: samples * patchPixels,
        },
        first,
        // Rows that pad the last group are carried along with zero gradient.
        samples: Math.ceil(present / sampleGroup) * sampleGroup,
      };
    });
  }
}

/** Whether one more micro-batch's activations (about 1.1 MiB a sample) leave as much again free for other tensors. */
function fits(gpu: Gpu, samples: number): boolean {
  const sizeBytes = samples * 1.1 * 2 ** 20;
  const budgetBytes = Math.min(gpu.budgetBytes, defaultBudgetBytes);
  return gpu.allocatedBytes + 2 * sizeBytes < budgetBytes;
}
