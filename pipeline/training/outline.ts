/**
 * What training would do by its config: steps, epochs and batches, told without running anything.
 *
 * @module
 */
import { type AnnealingCycle, annealingCycles } from "./annealing.ts";
import type { Config } from "../config.ts";
import { countSteps } from "./schedule.ts";

/** What the two training stages of a config do. */
export interface TrainingOutline {
  stage1: {
    epochs: number;
    stepsPerEpoch: number;
    steps: number;
    /** Distinct labels in a batch. */
    batchSize: number;
    /** Patches of each label in a batch, at most. */
    positives: number;
    /** The rate that the schedule starts from, or goes up to. */
    learningRate: number;
    loss: string;
  };
  /** Absent when the config leaves stage 2 out. */
  stage2?: { positives: number; steps: number; cycles: AnnealingCycle[] };
}

/** The outline of a config; a pure function. */
export function trainingOutline({ stage1, stage2 }: Config): TrainingOutline {
  const cycles = annealingCycles(stage2);
  return {
    stage1: {
      epochs: stage1.epochs,
      ...countSteps(stage1),
      batchSize: stage1.batch_size,
      positives: stage1.Npos,
      learningRate: stage1.lr,
      loss: stage1.loss,
    },
    ...(stage2.enabled
      ? {
        stage2: {
          positives: stage2.Npos,
          steps: cycles.reduce((sum, { steps }) => sum + steps, 0),
          cycles,
        },
      }
      : {}),
  };
}

/** The outline as lines: one for stage 1, and a table of stage 2's cycles. */
export function formatTrainingOutline(
  { stage1, stage2 }: TrainingOutline,
): string[] {
  const { epochs, stepsPerEpoch, steps, batchSize, positives } = stage1;
  const lines = [
    `stage1: ${steps} steps (${epochs} × ${stepsPerEpoch}), batch ${batchSize} × ${positives} patches, lr ${
      shortNumber(stage1.learningRate)
    }, loss ${stage1.loss}`,
  ];
  if (stage2 === undefined) return lines;
  const rows = [
    ["cycle", "batch", "lr", "threshold", "steps"],
    ...stage2.cycles.map((cycle, index) => [
      String(index),
      String(cycle.batchSize),
      shortNumber(cycle.learningRate),
      shortNumber(cycle.threshold),
      String(cycle.steps),
    ]),
  ];
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => row[column].length))
  );
  return [
    ...lines,
    `stage2: ${stage2.steps} steps in ${stage2.cycles.length} cycles, ${stage2.positives} patches of each label`,
    ...rows.map((row) =>
      `  ${row.map((cell, at) => cell.padStart(widths[at])).join("  ")}`
    ),
  ];
}

/** Six significant digits, without the noise of binary fractions: 0.05, 1.5e-6. */
function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(6));
  // Sums such as −0.1 + 2·0.05 that miss 0 by a rounding error.
  if (Math.abs(value) < 1e-15) return "0";
  return Math.abs(rounded) < 1e-3 ? rounded.toExponential() : String(rounded);
}
