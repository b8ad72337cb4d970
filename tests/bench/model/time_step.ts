import type { KernelTexts } from "../../../gpu/costs/kernel_texts.ts";
import type { Gpu } from "../../../gpu/device.ts";
import type { NetworkState } from "../../../gpu/nn/network_state.ts";
import { KernelTimes } from "../../../gpu/tuning/kernel_times.ts";
import { stripedBatch } from "../../helpers/gpu/training_batch.ts";
import { shortestMs } from "../ceilings.ts";
import { stage1Step, stage1Trainer, views } from "../stage1_step.ts";
import {
  type RecordedDispatch,
  recordedDispatch,
} from "./recorded_dispatches.ts";

const runs = 3;

/** A stage-1 step as it ran on the adapter at hand. */
export interface TimedStep {
  /** whether times are the adapter's own, or those of each dispatch repeated on its own */
  timestamps: boolean;
  /** wall time of a whole step that nobody looks at, the shortest of several */
  stepMs: number;
  dispatches: RecordedDispatch[];
  /** of each dispatch, the shortest of several steps */
  timesMs: number[];
  submits: number;
}

/**
 * Times every dispatch of a stage-1 step.
 *
 * @param gpu opened with `timestamps: true`
 * @param texts of every kernel that was compiled for it
 * @param classes of {@linkcode views} patches each
 */
export async function timeStep(
  gpu: Gpu,
  texts: KernelTexts,
  initial: NetworkState,
  classes: number,
): Promise<TimedStep> {
  using times = new KernelTimes(gpu);
  using trainer = stage1Trainer(gpu, initial, classes);
  const batch = stripedBatch(classes, views, 211);
  let step = 0;
  const run = () => trainer.step(batch, stage1Step(step++));
  const submits = countSubmits(gpu, run);
  const stepMs = await shortestMs(runs, run, () => trainer.readStatistics());
  let dispatches: RecordedDispatch[] = [];
  const timesMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    times.start();
    run();
    const measured = await times.stop();
    dispatches = measured.map(({ dispatch }) =>
      recordedDispatch(dispatch, texts)
    );
    for (const [index, { timeMs }] of measured.entries()) {
      timesMs[index] = Math.min(timeMs, timesMs[index] ?? Infinity);
    }
  }
  const { hasTimestamps: timestamps } = times;
  return { timestamps, stepMs, dispatches, timesMs, submits };
}

/** How often `work` submits. */
function countSubmits({ device: { queue } }: Gpu, work: () => void): number {
  const submit = queue.submit;
  let count = 0;
  queue.submit = function (commands) {
    count++;
    return submit.call(queue, commands);
  };
  work();
  queue.submit = submit;
  return count;
}
