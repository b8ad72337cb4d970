import type { Gpu } from "../../../gpu/device.ts";
import { BackwardPass } from "../../../gpu/nn/training/backward_pass.ts";
import { DescriptorLoss } from "../../../gpu/nn/training/descriptor_loss.ts";
import type { NetworkState } from "../../../gpu/nn/network_state.ts";
import type { NetworkParameters } from "../../../gpu/nn/parameters.ts";
import { Network as NetworkOnGpu } from "../../../gpu/nn/network.ts";
import { adamStep } from "../../../gpu/ops/optimizers/adam.ts";
import type { LossOptions } from "../../../gpu/ops/losses/loss_terms.ts";
import type { RandomStream } from "../../../gpu/random_bits.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena, type Tensor } from "../../../gpu/tensor.ts";
import { parametersOf } from "./network_on_gpu.ts";

/** The settings of one step. */
export interface ComposedStep {
  stream: RandomStream;
  dropoutRate: number;
  loss: LossOptions;
  learningRate: number;
  momentum: number;
  weightDecay: number;
}

/** A training run put together from its parts: self-teacher, student, loss, backward pass, Adam; no augmentation. */
export class ComposedTraining implements Disposable {
  readonly parameters: NetworkParameters;
  readonly recorder: Recorder;
  /** To be filled before a step. */
  readonly patches: Tensor;
  readonly #arena: Arena;
  readonly #network: NetworkOnGpu;
  readonly #loss: DescriptorLoss;
  readonly #inputs: Parameters<DescriptorLoss["record"]>[1] & {
    teacher: Tensor;
  };
  readonly #firstMoments: Tensor;
  readonly #secondMoments: Tensor;
  #steps = 0;

  /**
   * A batch's rows are grouped by class; `firstRowOfClass` ends with their number.
   *
   * @param Network the network's class, or a changed copy of it
   */
  constructor(
    gpu: Gpu,
    start: NetworkState,
    batch: { labels: Uint32Array; firstRowOfClass: Uint32Array },
    Network = NetworkOnGpu,
  ) {
    const samples = batch.labels.length;
    const classes = batch.firstRowOfClass.length - 1;
    this.parameters = parametersOf(gpu, start);
    this.recorder = new Recorder(gpu);
    const arena = new Arena(gpu);
    this.#arena = arena;
    const capacity = { samples, backward: BackwardPass };
    this.#network = new Network(gpu, this.parameters, capacity);
    this.#loss = new DescriptorLoss(gpu, { samples, classes });
    const { patches, descriptors } = this.#network;
    this.patches = patches;
    this.#inputs = {
      descriptors,
      teacher: arena.tensor("teacher", descriptors.shape),
      classOfRow: arena.tensorOf("classes", [samples], batch.labels),
      firstRowOfClass: arena.tensorOf(
        "rows",
        [classes + 1],
        batch.firstRowOfClass,
      ),
      sampleCount: samples,
      classCount: classes,
    };
    const { flatSize } = this.parameters.table;
    this.#firstMoments = arena.tensor("first moments", [flatSize]);
    this.#secondMoments = arena.tensor("second moments", [flatSize]);
  }

  /** Takes one step; returns its loss. */
  async step(options: ComposedStep): Promise<number> {
    const { stream, dropoutRate, loss, ...rule } = options;
    const mode = { training: true as const, dropoutRate, stream };
    const { sampleCount: count, teacher } = this.#inputs;
    const { decayedSize: decayedCount } = this.parameters.table;
    const { descriptorGradient, gradients } = this.#network;
    const { recorder } = this;
    this.#network.forward(recorder, count, mode, teacher);
    this.#loss.record(recorder, this.#inputs, loss, descriptorGradient);
    this.#network.backward(recorder, count, mode);
    adamStep(recorder, {
      values: this.parameters.values,
      gradients,
      firstMoments: this.#firstMoments,
      secondMoments: this.#secondMoments,
    }, { ...rule, step: ++this.#steps, decayedCount });
    recorder.submit();
    return (await this.#loss.readStatistics()).loss;
  }

  [Symbol.dispose](): void {
    this.#loss[Symbol.dispose]();
    this.#network[Symbol.dispose]();
    this.parameters[Symbol.dispose]();
    this.#arena[Symbol.dispose]();
    this.recorder[Symbol.dispose]();
  }
}
