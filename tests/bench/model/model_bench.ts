import type { ActivationType } from "../../../gpu/activation.ts";
import { KernelTexts } from "../../../gpu/costs/kernel_texts.ts";
import { openGpu } from "../../../gpu/device.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { measureCeilings } from "../ceilings.ts";
import {
  describeAdapter,
  type DeviceDescription,
  readDeviceDescription,
} from "./device_description.ts";
import { modelStep } from "./model_step.ts";
import { modelTable, summaryTable } from "./model_table.ts";
import { recordDispatches, type RecordedWork } from "./recorded_dispatches.ts";
import { views } from "../stage1_step.ts";
import { timeStep } from "./time_step.ts";

/** Patches of a step, and of describing, unless told: the authors' batch, and a usual one. */
const usual = { step: 2560 * views, forward: 1024 };
/** Of a step that is measured where nothing is known of the device. */
const measuredPatches = 144;
const works = ["step", "forward"] as const;
const titles = { step: "A stage-1 step", forward: "Describing" };

/** What the model is asked of. */
export interface ModelOptions {
  /** of a step and of describing; by default as many as is usual */
  patches?: number | undefined;
  /** what activations are stored in, 32 bits unless told */
  activations?: ActivationType;
}

/** Records a training step or describing as a device gets it, and predicts it. */
function modelWork(
  device: DeviceDescription,
  work: RecordedWork,
  { patches = usual[work], activations = "f32" }: ModelOptions = {},
) {
  const { deviceClass } = device;
  const { dispatches, submits } = recordDispatches({
    architecture: sdgmnet128,
    work,
    patches,
    deviceClass,
    activations,
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
  const { step } = await modelWork(device, "forward", { patches });
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
  options: ModelOptions = {},
): string {
  const described = devices.map(readDeviceDescription);
  if (described.length > 1) {
    const rows = [];
    for (const device of described) {
      const { step } = modelWork(device, "step", options);
      const { step: forward } = modelWork(device, "forward", options);
      rows.push({ step, forward });
    }
    return summaryTable(rows);
  }
  const texts: string[] = [];
  for (const work of works) {
    const { step, submits } = modelWork(described[0], work, options);
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
  const device = describeAdapter(gpu.adapter, await measureCeilings(gpu), like);
  const classes = Math.floor(patches / views);
  const initial = initialWeights(sdgmnet128, 211);
  const timed = await timeStep(gpu, texts, initial, classes);
  const { dispatches, timesMs, submits } = timed;
  const step = modelStep(dispatches, classes * views, device, timesMs);
  return modelTable(titles.step, step, submits);
}
