import assert from "node:assert/strict";
import type { Gpu } from "../../../gpu/device.ts";
import type { DescriptorLoss } from "../../../gpu/nn/training/descriptor_loss.ts";
import type { LossStatistics } from "../../../gpu/nn/training/loss_statistics.ts";
import { lossNames, lossOf } from "../../../gpu/nn/losses.ts";
import type { LossOptions } from "../../../gpu/ops/losses/loss_terms.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import { hardNetLoss } from "../../reference/losses/hardnet.ts";
import { hyNetLoss } from "../../reference/losses/hynet.ts";
import type { PairedLoss } from "../../reference/losses/paired_views.ts";
import {
  initialRunning,
  type RunningFigures,
  sdgmNetLoss,
} from "../../reference/losses/sdgmnet.ts";
import { sosNetLoss } from "../../reference/losses/sosnet.ts";
import { type Tensor, tensorOf } from "../../reference/tensor.ts";
import { batchOf, fromBlocks, upload } from "../gpu/descriptor_batch.ts";
import { stage1 } from "../gpu/descriptor_loss.ts";
import { GoldenFigures } from "./network_golden.ts";

/** The class under test, or a mutated copy of it. */
export type LossClass = typeof DescriptorLoss;

/** What the network gives a batch of two views a class. */
export interface PairedRows {
  /** [2N, 128], unit rows */
  rows: Float32Array;
  /** [2N]: each row's length before it was normalised */
  norms: Float32Array;
}

/** What a loss makes of a batch. */
export interface PairedResult {
  loss: number;
  /** with respect to the descriptors [2N, 128] */
  gradient: ArrayLike<number>;
  /** with respect to the norms; absent where the loss does not read them */
  normGradient?: ArrayLike<number>;
  /** what goes on to the next step; absent where nothing does */
  running?: ArrayLike<number>;
}

/** A step's loss. */
export interface PairedStep {
  options: LossOptions;
  progress: number;
}

/** The losses of two views a class. */
export const pairedLossNames = lossNames.filter((name) =>
  lossOf(name).pairedViews
);

/** The published options of a loss of two views. */
export function pairedOptions(
  kind: LossOptions["kind"],
  marginpos = kind.startsWith("HyNet") ? 1.2 : 1,
): LossOptions {
  return { ...stage1, kind, marginpos };
}

/** One loss on the GPU, which goes on from step to step. */
export class PairedLossRun implements Disposable {
  readonly #gpu: Gpu;
  readonly #loss: DescriptorLoss;

  constructor(gpu: Gpu, Loss: LossClass, classes: number) {
    this.#gpu = gpu;
    this.#loss = new Loss(gpu, { samples: 2 * classes, classes });
  }

  /** Computes one step; padding rows of the input hold `padding`. */
  async step(
    { rows, norms }: PairedRows,
    { options, progress }: PairedStep,
    padding = 0.5,
  ): Promise<PairedResult & { statistics: LossStatistics; padded: number[] }> {
    using arena = new Arena(this.#gpu);
    using recorder = new Recorder(this.#gpu);
    const samples = norms.length;
    const listed = Array.from(
      { length: samples },
      (_, row) => [...rows.subarray(row * 128, row * 128 + 128)],
    );
    const batch = batchOf(listed, new Array<number>(samples / 2).fill(2));
    const inputs = upload(arena, batch, padding);
    const { shape } = inputs.descriptors;
    const gradient = arena.tensorOf(
      "gradient",
      shape,
      new Float32Array(shape[0] * 4096).fill(7),
    );
    const norm = arena.tensorOf("norm", [samples], norms);
    const step = { ...inputs, norm, progress };
    this.#loss.record(recorder, step, options, gradient);
    recorder.submit();
    const blocks = await gradient.readFloats();
    const statistics = await this.#loss.readStatistics();
    const { usesNorms, running } = lossOf(options.kind);
    return {
      statistics,
      loss: statistics.loss,
      gradient: fromBlocks(blocks, samples),
      padded: [...fromBlocks(blocks, shape[0] * 32).subarray(samples * 128)],
      ...(usesNorms
        ? {
          normGradient: await this.#loss.normGradient.readFloats(0, samples),
        }
        : {}),
      ...(running === undefined
        ? {}
        : { running: await this.#loss.running.readFloats() }),
    };
  }

  /** Goes on from running figures. */
  restore(figures: ArrayLike<number>): void {
    this.#loss.restoreRunning(Float32Array.from(figures));
  }

  [Symbol.dispose](): void {
    this.#loss[Symbol.dispose]();
  }
}

/** What a twin gives. */
export type TwinResult = PairedLoss & {
  normGradient?: number[];
  running?: number[];
};

/** The float64 twin of a step. */
export function referencePairedLoss(
  rows: Tensor,
  norms: ArrayLike<number>,
  { options: { kind, marginpos: margin }, progress }: PairedStep,
  running: ArrayLike<number> = initialRunning,
): TwinResult {
  switch (kind) {
    case "HardNet":
      return hardNetLoss(rows, { margin, otherView: true });
    case "HardNetAllViews":
      return hardNetLoss(rows, { margin, otherView: false });
    case "SOSNet":
      return sosNetLoss(rows, margin);
    case "HyNet":
      return hyNetLoss(rows, norms, { margin, secondOrder: false });
    case "HyNetSecondOrder":
      return hyNetLoss(rows, norms, { margin, secondOrder: true });
    case "SDGMNet":
      return sdgmNetLoss(
        rows,
        progress,
        Array.from(running) as RunningFigures,
      );
    default:
      throw new RangeError(`${kind} is no loss of two views a class`);
  }
}

/** {@linkcode referencePairedLoss} of float32 rows. */
export function referenceOf(
  { rows, norms }: PairedRows,
  step: PairedStep,
  running?: ArrayLike<number>,
): TwinResult {
  const shape = [norms.length, 128];
  return referencePairedLoss(tensorOf(shape, rows), norms, step, running);
}

/** Names of the files below `tests/golden/rivals`. */
export const rivalNames = ["hardnet", "sosnet", "hynet", "sdgmnet"] as const;

/** Name of a golden file. */
export type RivalName = typeof rivalNames[number];

/** Classes in each of their batches. */
export const rivalClasses = 25;

/** What a golden case of a rival is computed with. */
interface GoldenOptions {
  kind: LossOptions["kind"];
  marginpos?: number;
  progress?: number;
}

/**
 * Fails unless `compute` makes of every case of a golden file what PyTorch did: loss, gradient with respect to the network's
 * output before it is normalised, and running figures.
 */
export async function comparePairedLoss(
  golden: GoldenFigures,
  compute: (
    rows: PairedRows,
    step: PairedStep,
  ) => PairedResult | Promise<PairedResult>,
  entry = 1e-6,
): Promise<void> {
  for (const at of Object.keys(golden.options)) {
    const { kind, marginpos, progress = 0 } = golden.optionsOf<GoldenOptions>(
      at,
    );
    const prefix = golden.has(`${at}.rows`) ? `${at}.` : "";
    const [rows, norms] = ["rows", "norms"].map((name) =>
      Float32Array.from(golden.exact(prefix + name).data)
    );
    const options = pairedOptions(kind, marginpos);
    const result = await compute(
      { rows, norms },
      { options, progress },
    );
    golden.compare(`${at}.loss`, [result.loss], { entry });
    golden.compare(`${at}.gradient`, rawGradient({ rows, norms }, result), {
      entry,
    });
    if (result.running !== undefined) {
      golden.compare(`${at}.running`, result.running, { entry });
      // Each by its own size: the sums are larger than all others.
      const wanted = golden.exact(`${at}.running`).data;
      for (let figure = 0; figure < wanted.length; figure++) {
        const apart = Math.abs(result.running[figure] - wanted[figure]);
        assert.ok(
          apart <= 2 * entry * Math.abs(wanted[figure]),
          `${at}: running figure ${figure} is ${
            result.running[figure]
          }, PyTorch has ${wanted[figure]}`,
        );
      }
    }
  }
}

/** Opens the golden file of a rival. */
export function openRival(name: RivalName): Promise<GoldenFigures> {
  return GoldenFigures.open(name, "rivals");
}

/** The gradient with respect to the network's output: what is across a row divided by its length, and what is along it. */
function rawGradient(
  { rows, norms }: PairedRows,
  { gradient, normGradient }: PairedResult,
): Float64Array {
  const result = new Float64Array(rows.length);
  norms.forEach((norm, row) => {
    const first = row * 128;
    let along = 0;
    for (let at = first; at < first + 128; at++) {
      along += gradient[at] * rows[at];
    }
    for (let at = first; at < first + 128; at++) {
      result[at] = (gradient[at] - along * rows[at]) / norm +
        (normGradient?.[row] ?? 0) * rows[at];
    }
  });
  return result;
}
