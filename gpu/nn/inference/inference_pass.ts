import { sampleGroup } from "../../convolution.ts";
import type { Gpu } from "../../device.ts";
import { GpuMemoryError } from "../../errors.ts";
import { samplesPerBlock } from "../../labelled_descriptors.ts";
import { activate } from "../../ops/inference/activate.ts";
import { normalizeDescriptors } from "../../ops/batch_norm.ts";
import { conv3x3Forward } from "../../ops/convolution/conv3x3.ts";
import { conv3x3FirstForward } from "../../ops/convolution/conv3x3_first.ts";
import { convValidForward } from "../../ops/inference/conv_valid.ts";
import { denseForward } from "../../ops/dense.ts";
import { maxPool } from "../../ops/inference/max_pool.ts";
import { normalizePatches } from "../../ops/inference/normalize_patch.ts";
import { tanhDescriptors } from "../../ops/inference/tanh_descriptor.ts";
import type { Recorder } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import { microBatches } from "../activations.ts";
import { descriptorSize, patchSize } from "../architecture.ts";
import type { NetworkState } from "../network_state.ts";
import { foldNetwork } from "./fold_network.ts";
import {
  InferenceActivations,
  type LayerTensors,
} from "./inference_activations.ts";
import type { InferenceNetwork } from "./inference_network.ts";
import { InferenceParameters } from "./inference_parameters.ts";

/** Samples of a micro-batch where memory suffices: about 1 MiB of activations each. */
const mostSamples = 256;

/** A network for inference at work: [N, 32, 32] patches to [N, 128] descriptors. */
export class InferencePass implements Disposable {
  /** Input: [N, 32, 32], to be filled before {@linkcode forward}. */
  readonly patches: Tensor;
  /** Output of the last {@linkcode forward}: [N/32, 128, 32], blocks of 32 samples, component by component. */
  readonly descriptors: Tensor;
  readonly #network: InferenceNetwork;
  readonly #parameters: InferenceParameters;
  readonly #activations: InferenceActivations;
  readonly #microBatchSamples: number;
  /** The head's output [N, 128], without its bias. */
  readonly #z: Tensor;
  /** What the head's bias is as mean and inverse deviation: [2, 128]; and lengths of the rows, which nobody reads. */
  readonly #statistics: Tensor;
  readonly #norm: Tensor;
  readonly #owned: DisposableStack;

  /**
   * Loads a checkpoint's tensors, for batches of up to `samples`.
   *
   * @throws {GpuError} when they are not a sound network of that kind
   * @throws {GpuMemoryError} when not even the smallest micro-batches fit the adapter or the memory budget
   */
  constructor(
    gpu: Gpu,
    network: InferenceNetwork,
    state: NetworkState,
    samples: number,
  ) {
    using owned = new DisposableStack();
    const { convolution: head } = network.head;
    const folded = foldNetwork(network, state);
    this.#network = network;
    this.#parameters = owned.use(new InferenceParameters(gpu, folded, head));
    const arena = owned.use(new Arena(gpu));
    const all = Math.ceil(samples / sampleGroup) * sampleGroup;
    this.patches = arena.tensor("patches", [all, patchSize, patchSize]);
    this.descriptors = arena.tensor("descriptors", [
      Math.ceil(all / samplesPerBlock),
      descriptorSize,
      samplesPerBlock,
    ]);
    this.#z = arena.tensor("z", [all, descriptorSize]);
    this.#norm = arena.tensor("norm", [all]);
    const { bias } = folded.get(head)!;
    const statistics = new Float32Array(2 * descriptorSize).fill(1);
    statistics.set(bias.map((value) => -value));
    this.#statistics = arena.tensorOf(
      "statistics",
      [2, descriptorSize],
      statistics,
    );
    this.#activations = owned.use(fittingActivations(gpu, network, all));
    this.#microBatchSamples = this.#activations.patches.shape[0];
    this.#owned = owned.move();
  }

  /**
   * Computes descriptors of the first `count` patches; one submit a micro-batch, without waiting.
   *
   * @param unit what makes values 0 … 1 of the patches'
   */
  forward(recorder: Recorder, count: number, unit: number): void {
    const most = this.#microBatchSamples;
    for (let first = 0; first < count; first += most) {
      const present = Math.min(most, count - first);
      const samples = Math.ceil(present / sampleGroup) * sampleGroup;
      this.#convolve(recorder, first, samples, unit);
      recorder.submit();
    }
    this.#describe(recorder);
    recorder.submit();
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }

  /** Patches to z of one micro-batch. */
  #convolve(
    recorder: Recorder,
    first: number,
    samples: number,
    unit: number,
  ): void {
    const { input, head } = this.#network;
    const { patches, layers, last, partial } = this.#activations;
    const pixels = patchSize * patchSize;
    const x = {
      tensor: this.patches,
      offset: first * pixels,
      size: samples * pixels,
    };
    normalizePatches(recorder, input, { x, y: patches }, {
      count: samples,
      size: patchSize,
      unit,
    });
    for (const layer of layers) {
      const { convolved, activated, pooled, activation } = layer;
      this.#convolution(recorder, layer, samples);
      activate(recorder, activation, { x: convolved, y: activated }, samples);
      if (pooled !== undefined) {
        maxPool(recorder, { x: activated, y: pooled }, samples);
      }
    }
    const { weights } = this.#parameters.of(head.convolution);
    const tensors = { y: last, weights, z: this.#z, partial };
    denseForward(recorder, tensors, first, samples);
  }

  #convolution(
    recorder: Recorder,
    layer: LayerTensors,
    samples: number,
  ): void {
    const { convolution, inputChannels, outputChannels, outputSize } = layer;
    const { input: x, convolved: y, kernelSize, stride, padding } = layer;
    const tensors = { x, y, ...this.#parameters.of(convolution) };
    if (padding === 0) {
      convValidForward(recorder, kernelSize, tensors, samples);
    } else if (inputChannels === 1) {
      conv3x3FirstForward(recorder, tensors, samples);
    } else {
      const shape = { inputChannels, outputChannels, size: outputSize, stride };
      conv3x3Forward(recorder, shape, tensors, samples);
    }
  }

  /** z to descriptors. */
  #describe(recorder: Recorder): void {
    const { head, output } = this.#network;
    const [z, descriptors] = [this.#z, this.descriptors];
    if (output === "tanh") {
      const { bias } = this.#parameters.of(head.convolution);
      tanhDescriptors(recorder, { z, bias, descriptors });
    } else {
      const [statistics, norm] = [this.#statistics, this.#norm];
      normalizeDescriptors(recorder, { z, statistics, descriptors, norm });
    }
  }
}

/** Activations of as many samples as fit, `samples` at most. */
function fittingActivations(
  gpu: Gpu,
  network: InferenceNetwork,
  samples: number,
): InferenceActivations {
  let most = mostSamples;
  while (true) {
    const { samples: count } = microBatches(samples, most);
    try {
      return new InferenceActivations(gpu, network, count);
    } catch (error) {
      const isSmallest = count <= sampleGroup;
      if (!(error instanceof GpuMemoryError) || isSmallest) throw error;
      most = count / 2;
    }
  }
}
