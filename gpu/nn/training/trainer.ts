import { BackwardPass } from "./backward_pass.ts";
import { transformsLength } from "../../augmentation.ts";
import { compileAhead } from "../../compiling/compile_ahead.ts";
import type { Gpu } from "../../device.ts";
import { GpuError } from "../../errors.ts";
import { Augment } from "../../ops/augment.ts";
import { resizePatch64 } from "../../ops/resize_patch.ts";
import { randomPurpose, randomStream } from "../../random_bits.ts";
import { Recorder } from "../../recorder.ts";
import { Arena, type Tensor } from "../../tensor.ts";
import { DescriptorLoss } from "./descriptor_loss.ts";
import { describeInBatches, packedWords } from "../descriptor_network.ts";
import type { LossStatistics } from "./loss_statistics.ts";
import { lossOf } from "../losses.ts";
import { Network } from "../network.ts";
import { stepOfOptimizer } from "./optimizer_operations.ts";
import { NetworkParameters } from "../parameters.ts";
import type {
  StepOptions,
  TrainerOptions,
  TrainerState,
  TrainingBatch,
} from "./training_types.ts";

/** Rows and columns of the patches that training and PhotoTour tests read. */
const photoTourSide = 64;

/**
 * One network in training on the GPU: augmentation, teacher, student, mining, loss, backward pass and optimizer.
 *
 * Order of a step: teacher in inference mode with the running statistics from before the step, student's pass, loss,
 * backward pass, decay and optimizer. The self-teacher shares the student's convolutions, which inference mode would repeat
 * bit for bit. Source: the authors' training loop.
 */
export class Trainer implements Disposable {
  readonly #owned: DisposableStack;
  readonly #recorder: Recorder;
  readonly #parameters: NetworkParameters;
  readonly #network: Network;
  readonly #teacherParameters: NetworkParameters | undefined;
  readonly #hasTeacher: boolean;
  readonly #augment: Augment;
  readonly #loss: DescriptorLoss;
  readonly #bytes: Tensor;
  readonly #classOfRow: Tensor;
  readonly #firstRowOfClass: Tensor;
  readonly #firstMoments: Tensor;
  readonly #secondMoments: Tensor;
  readonly #samples: number;
  #optimizerSteps = 0;

  /**
   * @throws {GpuError} when the memory budget is too small, a checkpoint is not a sound network of the architecture, or the adapter cannot store
   * activations as wanted
   */
  constructor(gpu: Gpu, options: TrainerOptions) {
    const { architecture, initial, teacher, samples, classes } = options;
    const { activations = "f32", loss } = options;
    using owned = new DisposableStack();
    this.#samples = samples;
    this.#recorder = owned.use(new Recorder(gpu));
    this.#parameters = owned.use(new NetworkParameters(gpu, architecture));
    this.#parameters.load(initial);
    const arena = owned.use(new Arena(gpu));
    this.#hasTeacher = teacher !== undefined;
    if (teacher !== undefined && teacher !== "self") {
      this.#teacherParameters = owned.use(
        new NetworkParameters(gpu, architecture),
      );
      this.#teacherParameters.load(teacher);
    }
    this.#augment = owned.use(new Augment(gpu, samples));
    this.#loss = owned.use(new DescriptorLoss(gpu, { samples, classes }));
    if (loss !== undefined) this.#loss.reserve(loss);
    const u32 = { type: "u32" } as const;
    this.#bytes = arena.tensor("patch bytes", [samples * 1024], u32);
    this.#classOfRow = arena.tensor("classes of rows", [samples], u32);
    this.#firstRowOfClass = arena.tensor("rows of classes", [classes + 1], u32);
    const { flatSize } = this.#parameters.table;
    this.#firstMoments = arena.tensor("first moments", [flatSize]);
    this.#secondMoments = arena.tensor("second moments", [flatSize]);
    // Last, because it keeps as many activations as the budget still holds.
    this.#network = owned.use(
      new Network(gpu, this.#parameters, {
        samples,
        backward: BackwardPass,
        activations,
      }),
    );
    this.#owned = owned.move();
  }

  /** Forgets moments and step count: each annealing cycle begins with a fresh optimizer. */
  resetOptimizer(): void {
    this.#recorder.clear(this.#firstMoments);
    this.#recorder.clear(this.#secondMoments);
    this.#recorder.submit();
    this.#optimizerSteps = 0;
  }

  /**
   * Compiles what a step with these settings runs, several kernels at once where that is possible. To be called before steps,
   * which compile by themselves what is missing.
   */
  async prepare(options: StepOptions): Promise<void> {
    const steps = this.#optimizerSteps;
    const tracked = this.#parameters.batchesTracked;
    // The smallest batch: two classes of two patches.
    const labels = Uint32Array.of(0, 0, 1, 1);
    const patches = new Uint8Array(labels.length * photoTourSide ** 2);
    const transforms = new Float32Array(transformsLength(labels.length));
    const kernels = this.#recorder.rehearse(() =>
      this.step({ patches, labels, transforms }, options)
    );
    this.#optimizerSteps = steps;
    this.#parameters.batchesTracked = tracked;
    await compileAhead(this.#recorder.gpu, kernels);
  }

  /**
   * Submits one step, one submit a micro-batch and pass; returns without waiting for it.
   *
   * @throws {GpuError} when the batch exceeds the capacity, its parts do not fit each other, or an earlier command failed
   */
  step(batch: TrainingBatch, options: StepOptions): void {
    const recorder = this.#recorder;
    const { key } = options;
    const count = batch.labels.length;
    const classCount = this.#uploadBatch(batch);
    this.#augment.prepare(batch.transforms, count);
    this.#augment.record(recorder, this.#bytes, this.#network.patches, {
      count,
    });
    const network = this.#network;
    const teacher = this.#hasTeacher ? network.teacherDescriptors : undefined;
    const isNamed = this.#teacherParameters !== undefined;
    if (teacher !== undefined && this.#teacherParameters !== undefined) {
      // It works in the student's memory, which the student's own pass overwrites.
      network.describeWith(recorder, count, this.#teacherParameters, teacher);
    }
    const mode = {
      training: true as const,
      dropoutRate: options.dropoutRate,
      stream: randomStream(
        key.seed,
        randomPurpose.dropout,
        key.stage,
        key.cycle,
        key.step,
      ),
    };
    const { descriptors, descriptorGradient } = network;
    const { usesNorms } = lossOf(options.loss.kind);
    network.forward(recorder, count, mode, isNamed ? undefined : teacher);
    this.#loss.record(
      recorder,
      {
        descriptors,
        classOfRow: this.#classOfRow,
        firstRowOfClass: this.#firstRowOfClass,
        sampleCount: count,
        classCount,
        progress: options.progress ?? 0,
        ...(usesNorms ? { norm: network.norm } : {}),
        ...(teacher === undefined ? {} : { teacher }),
      },
      options.loss,
      descriptorGradient,
    );
    const normGradient = usesNorms ? this.#loss.normGradient : undefined;
    this.#network.backward(recorder, count, mode, normGradient);
    stepOfOptimizer[options.optimizer ?? "adam"](recorder, {
      values: this.#parameters.values,
      gradients: this.#network.gradients,
      firstMoments: this.#firstMoments,
      secondMoments: this.#secondMoments,
    }, {
      learningRate: options.learningRate,
      momentum: options.momentum,
      weightDecay: options.weightDecay,
      step: ++this.#optimizerSteps,
      decayedCount: this.#parameters.table.decayedSize,
    });
    recorder.submit();
  }

  /** Waits for the last step and reads its loss and figures. */
  async readStatistics(): Promise<LossStatistics> {
    return await this.#loss.readStatistics();
  }

  /**
   * Descriptors [count, 128] of 8-bit 64×64 patches in inference mode, transformed as in a PhotoTour test.
   *
   * @param patches u8 [count, 64, 64]
   */
  async describe(patches: Uint8Array): Promise<Float32Array> {
    return await describeInBatches(patches, photoTourSide, this.#samples, {
      network: this.#network,
      recorder: this.#recorder,
      bytes: this.#bytes,
      resize: resizePatch64,
    });
  }

  /** The network as a checkpoint's tensors. */
  async network(): Promise<
    Awaited<ReturnType<NetworkParameters["state"]>>
  > {
    return await this.#parameters.state();
  }

  /** Reads back what {@linkcode restore} takes. */
  async state(): Promise<TrainerState> {
    return {
      values: await this.#parameters.values.readFloats(),
      firstMoments: await this.#firstMoments.readFloats(),
      secondMoments: await this.#secondMoments.readFloats(),
      running: await this.#parameters.running.readFloats(),
      lossRunning: await this.#loss.running.readFloats(),
      batchesTracked: this.#parameters.batchesTracked,
      optimizerSteps: this.#optimizerSteps,
    };
  }

  /**
   * Goes back to a state that {@linkcode state} gave; the next step is then bit for bit what it would have been.
   *
   * @throws {GpuError} when a length is wrong
   */
  restore(state: TrainerState): void {
    const targets: [Tensor, Float32Array][] = [
      [this.#parameters.values, state.values],
      [this.#parameters.running, state.running],
      [this.#firstMoments, state.firstMoments],
      [this.#secondMoments, state.secondMoments],
      [this.#loss.running, state.lossRunning],
    ];
    for (const [tensor, values] of targets) {
      if (values.length !== tensor.size) {
        throw new GpuError({
          attempt: "resume training",
          where: tensor.label,
          found: `${values.length} values`,
          wanted: String(tensor.size),
        });
      }
      tensor.write(values);
    }
    this.#loss.restoreRunning(state.lossRunning);
    this.#parameters.batchesTracked = state.batchesTracked;
    this.#optimizerSteps = state.optimizerSteps;
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }

  /** Sends patches and classes; returns how many classes there are. */
  #uploadBatch({ patches, labels }: TrainingBatch): number {
    const rows = labels.length;
    if (patches.length !== rows * photoTourSide ** 2) {
      throw new GpuError({
        attempt: "train a step",
        where: "patches",
        found: `${patches.length} bytes`,
        wanted: `${rows * photoTourSide ** 2} for ${rows} rows`,
      });
    }
    const starts: number[] = [];
    for (let row = 0; row < rows; row++) {
      if (row === 0 || labels[row] !== labels[row - 1]) starts.push(row);
    }
    this.#bytes.write(packedWords(patches));
    this.#classOfRow.write(labels);
    this.#firstRowOfClass.write(Uint32Array.from([...starts, rows]));
    return starts.length;
  }
}
