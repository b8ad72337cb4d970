import { KernelTexts } from "../../../gpu/costs/kernel_texts.ts";
import { costOf, stemOf } from "../../../gpu/costs/costs.ts";
import { openGpu } from "../../../gpu/device.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../../gpu/nn/trainer.ts";
import { KernelTimes } from "../../../gpu/tuning/kernel_times.ts";
import { stripedBatch } from "../../helpers/gpu/training_batch.ts";
import { measureCeilings } from "../ceilings.ts";
import { stage1Step } from "../stage1_step.ts";
import {
  type DeviceDescription,
  readDeviceDescription,
  withCeilings,
} from "./device_description.ts";
import { modelStep } from "./model_step.ts";
import { modelTable, summaryTable } from "./model_table.ts";
import {
  recordDispatches,
  type RecordedDispatch,
  type RecordedWork,
  views,
} from "./recorded_dispatches.ts";

/** Patches of a step, and of describing, unless told: the authors' batch, and a usual one. */
const usual = { step: 2560 * views, forward: 1024 };
/** Of a step that is measured where nothing is known of the device. */
const measuredPatches = 144;
const runs = 3;

/** What stands for a class of devices when the adapter at hand is modelled. */
const likeClass = { software: "llvmpipe", integrated: "m2", discrete: "h100" };

const works = ["step", "forward"] as const;
const titles = { step: "A stage-1 step", forward: "Describing" };

/** Records a training step or describing as a device gets it, and predicts it. */
function modelWork(
  device: DeviceDescription,
  work: RecordedWork,
  patches = usual[work],
) {
  const { deviceClass } = device;
  const { dispatches, submits } = recordDispatches({
    architecture: sdgmnet128,
    work,
    patches,
    deviceClass,
  });
  return { step: modelStep(dispatches, patches, device), submits };
}

/**
 * Patches that the network of `patches` at a time describes in a second on a device, by calculation.
 *
 * @throws {PipelineError} when there is no such device
 */
export async function predictDescribing(
  nameOrPath: string,
  patches: number,
): Promise<{ name: string; patchesPerSecond: number }> {
  const device = readDeviceDescription(nameOrPath);
  const { step } = await modelWork(device, "forward", patches);
  return { name: device.name, patchesPerSecond: step.patchesPerSecond };
}

/**
 * What the model says of a training step and of describing on a device that need not be there: of one device every kernel, of several
 * the sums.
 *
 * @param devices names or paths of descriptions
 * @throws {PipelineError} when there is no such device
 */
export function modelText(
  devices: readonly string[],
  patches?: number,
): string {
  const described = devices.map(readDeviceDescription);
  if (described.length > 1) {
    const rows = [];
    for (const device of described) {
      const { step } = modelWork(device, "step", patches);
      const { step: forward } = modelWork(device, "forward", patches);
      rows.push({ step, forward });
    }
    return summaryTable(rows);
  }
  const texts: string[] = [];
  for (const work of works) {
    const { step, submits } = modelWork(described[0], work, patches);
    texts.push(modelTable(titles[work], step, submits));
  }
  return texts.join("\n\n");
}

/**
 * What the model says of a training step on the adapter at hand, from its two measured ceilings, beside what each kernel takes there.
 *
 * @param like the description that everything but the ceilings is taken from; by default that of a device of its class
 * @throws {PipelineError} when there is no such description
 */
export async function modelHere(
  patches = measuredPatches,
  like?: string,
): Promise<string> {
  using gpu = await openGpu({ timestamps: true });
  const texts = new KernelTexts(gpu);
  using times = new KernelTimes(gpu);
  const { deviceClass, description } = gpu.adapter;
  const ceilings = await measureCeilings(gpu);
  const device: DeviceDescription = withCeilings(
    readDeviceDescription(like ?? likeClass[deviceClass]),
    description || deviceClass,
    ceilings,
  );
  const classes = Math.floor(patches / views);
  using trainer = new Trainer(gpu, {
    architecture: sdgmnet128,
    initial: initialWeights(sdgmnet128, 211),
    teacher: "self",
    samples: classes * views,
    classes,
  });
  const batch = stripedBatch(classes, views, 211);
  let submits = 0;
  const { queue } = gpu.device;
  const submit = queue.submit.bind(queue);
  queue.submit = (commands) => {
    submits++;
    return submit(commands);
  };
  const dispatches: RecordedDispatch[] = [];
  const measuredMs: number[] = [];
  // The first step compiles.
  for (let run = 0; run <= runs; run++) {
    submits = 0;
    times.start();
    trainer.step(batch, stage1Step(run));
    const submitsOfStep = submits;
    const measured = await times.stop();
    submits = submitsOfStep;
    if (run === 0) continue;
    for (const [index, { dispatch, timeMs }] of measured.entries()) {
      const text = texts.of(dispatch.kernel);
      const cost = costOf(dispatch, text);
      dispatches[index] ??= { stem: stemOf(dispatch), dispatch, text, cost };
      measuredMs[index] = Math.min(timeMs, measuredMs[index] ?? Infinity);
    }
  }
  const count = classes * views;
  const step = modelStep(dispatches, count, device, measuredMs);
  return modelTable(titles.step, step, submits);
}
