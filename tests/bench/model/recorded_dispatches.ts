import type { ActivationType } from "../../../gpu/activation.ts";
import { transformsLength } from "../../../gpu/augmentation.ts";
import type { Cost } from "../../../gpu/costs/cost.ts";
import { costOf, stemOf } from "../../../gpu/costs/costs.ts";
import {
  type KernelText,
  KernelTexts,
} from "../../../gpu/costs/kernel_texts.ts";
import type { DeviceClass } from "../../../gpu/device_class.ts";
import type { Architecture } from "../../../gpu/nn/architecture.ts";
import { InferencePass } from "../../../gpu/nn/inference/inference_pass.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { Network } from "../../../gpu/nn/network.ts";
import { NetworkParameters } from "../../../gpu/nn/parameters.ts";
import {
  isInferenceNetwork,
  type KnownNetwork,
} from "../../../gpu/nn/recognize_network.ts";
import { Trainer } from "../../../gpu/nn/training/trainer.ts";
import type { TrainingBatch } from "../../../gpu/nn/training/training_types.ts";
import {
  type Dispatch,
  observeDispatches,
  Recorder,
} from "../../../gpu/recorder.ts";
import { idleGpu } from "../../helpers/gpu/idle_device.ts";
import { readStateOf } from "../../helpers/golden/inference_golden.ts";
import { stage1Step, views } from "../stage1_step.ts";

/** One dispatch of the real program, and what it costs. */
export interface RecordedDispatch {
  stem: string;
  dispatch: Dispatch;
  text: KernelText;
  /** undefined for a kernel that has no rule */
  cost: Cost | undefined;
}

/** A dispatch with what its text says and what it costs. */
export function recordedDispatch(
  dispatch: Dispatch,
  texts: KernelTexts,
): RecordedDispatch {
  const text = texts.of(dispatch.kernel);
  const cost = costOf(dispatch, text);
  return { stem: stemOf(dispatch), dispatch, text, cost };
}

/** What is recorded: a training step, or describing. */
export type RecordedWork = "step" | "forward";

/** What {@linkcode recordDispatches} records, and as for what device. */
export type RecordedBatch =
  & (
    | { architecture: Architecture; work: RecordedWork }
    | { architecture: KnownNetwork; work: "forward" }
  )
  & RecordedSize;

/** How large it is, and on what kind of device. */
interface RecordedSize {
  /** a multiple of {@linkcode views} for a step */
  patches: number;
  deviceClass: DeviceClass;
  /** what a trained network's activations are stored in, 32 bits unless told */
  activations?: ActivationType;
}

/**
 * Runs the real recording code of a training step or of describing, cut for a class of devices, on a device that takes every
 * command and computes nothing: with the limits of such a device, not those of the adapter at hand.
 *
 * @returns every dispatch in order, and how many submits there were
 */
export function recordDispatches(
  batch: RecordedBatch,
): { dispatches: RecordedDispatch[]; submits: number } {
  const { patches, deviceClass, activations = "f32" } = batch;
  const gpu = idleGpu(deviceClass);
  const texts = new KernelTexts(gpu);
  let submits = 0;
  gpu.device.queue.submit = () => {
    submits++;
    return undefined;
  };
  const found: Dispatch[] = [];
  observeDispatches(gpu, (dispatch) => {
    found.push(dispatch);
    return undefined;
  });
  if (batch.work === "step") {
    const { architecture } = batch;
    const initial = initialWeights(architecture, 211);
    const classes = Math.floor(patches / views);
    using trainer = new Trainer(gpu, {
      architecture,
      initial,
      teacher: "self",
      samples: classes * views,
      classes,
      activations,
    });
    found.length = submits = 0;
    trainer.step(blankBatch(classes), stage1Step(0));
  } else if (isInferenceNetwork(batch.architecture)) {
    const { architecture } = batch;
    const state = readStateOf(architecture.name);
    using recorder = new Recorder(gpu);
    using pass = new InferencePass(gpu, architecture, state, patches);
    pass.forward(recorder, patches, 1);
  } else {
    using parameters = new NetworkParameters(gpu, batch.architecture);
    using recorder = new Recorder(gpu);
    using network = new Network(gpu, parameters, {
      samples: patches,
      activations,
    });
    network.forward(recorder, patches, { training: false });
    recorder.submit();
  }
  const dispatches = found.map((dispatch) => recordedDispatch(dispatch, texts));
  return { dispatches, submits };
}

/** Classes of {@linkcode views} patches each, all of them black: nobody looks at the result. */
function blankBatch(classes: number): TrainingBatch {
  const rows = classes * views;
  const labels = Uint32Array.from(
    { length: rows },
    (_, row) => Math.floor(row / views),
  );
  return {
    patches: new Uint8Array(rows * 64 * 64),
    labels,
    transforms: new Float32Array(transformsLength(rows)),
  };
}
