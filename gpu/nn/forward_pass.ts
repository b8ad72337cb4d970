import { conv3x3FirstFrnTluForward } from "../ops/normalized/conv3x3_first_frn_tlu.ts";
import { conv3x3FrnTluForward } from "../ops/normalized/conv3x3_frn_tlu.ts";
import { denseForward, type DenseTensors } from "../ops/dense.ts";
import type { Dropout } from "../normalization.ts";
import { frnTluForward } from "../ops/frn_tlu.ts";
import { inputFrnTluForward } from "../ops/input_frn_tlu.ts";
import type { RandomStream } from "../random_bits.ts";
import type { Recorder, TensorSlice } from "../recorder.ts";
import type { Tensor } from "../tensor.ts";
import type { Activations } from "./activations.ts";
import type { FrnTlu } from "./architecture.ts";
import type { NetworkParameters } from "./parameters.ts";

/** Inference normalises with the running statistics; training with the batch's, and drops activations. */
export type NetworkMode =
  | { training: false }
  | { training: true; dropoutRate: number; stream: RandomStream };

/** One micro-batch: where it stands in the whole batch and what holds it. */
export interface MicroBatch {
  activations: Activations;
  /** Its patches, [M, 32, 32] as they are allocated. */
  patches: TensorSlice;
  /** Place of its first sample in the whole batch. */
  first: number;
  /** Samples to compute, whole sample groups. */
  samples: number;
  /** Whether what the backward pass needs is kept of the body's convolutions. */
  keep: boolean;
}

/** What the head computes with: z [all, 128], and room for sums of parts where the device has them. */
export type HeadTensors = Pick<DenseTensors, "z" | "partial">;

/** The dropout before the head, if the mode has any. */
export function dropoutOf(
  mode: NetworkMode,
  firstSample: number,
): Dropout | undefined {
  if (!mode.training || mode.dropoutRate === 0) return undefined;
  return { rate: mode.dropoutRate, stream: mode.stream, firstSample };
}

/** γ, β and τ by the names of their layers; of the values, or of `tensor` laid out alike. */
export function normsOf(
  parameters: NetworkParameters,
  names: FrnTlu,
  tensor?: Tensor,
): { gamma: TensorSlice; beta: TensorSlice; tau: TensorSlice } {
  return {
    gamma: parameters.slice(`${names.frn}.weight`, tensor),
    beta: parameters.slice(`${names.frn}.bias`, tensor),
    tau: parameters.slice(`${names.tlu}.tau`, tensor),
  };
}

/**
 * Records patches → z = the head's output [all, 128] for one micro-batch, top to bottom.
 *
 * With `undroppedZ` also the output without dropout, which is what inference mode gives: up to the dropout both modes
 * are the same, because FRN sees one sample at a time.
 */
export function forwardMicroBatch(
  recorder: Recorder,
  parameters: NetworkParameters,
  { activations, patches, first, samples, keep }: MicroBatch,
  { z, partial }: HeadTensors,
  mode: NetworkMode,
  undroppedZ?: Tensor,
): void {
  const { input, body, head } = parameters.architecture;
  inputFrnTluForward(recorder, normsOf(parameters, input), {
    x: patches,
    scale: activations.inputScale,
    y: activations.input,
  }, samples);
  const denseWeights = parameters.slice(`${head}.weight`);
  let below = activations.input;
  for (const [layer, convolution] of body.entries()) {
    const { convolution: name } = convolution;
    const weights = parameters.slice(`${name}.weight`);
    const bias = parameters.slice(`${name}.bias`);
    const { x, scale, y } = activations.layers[layer];
    const norms = normsOf(parameters, convolution);
    const last = layer === body.length - 1;
    const dropout = last ? dropoutOf(mode, first) : undefined;
    const undropped = last && undroppedZ !== undefined;
    const tensors = { input: below, weights, bias, x, scale, y };
    if (layer === 0) {
      conv3x3FirstFrnTluForward(recorder, norms, tensors, samples, keep);
    } else {
      conv3x3FrnTluForward(recorder, convolution, norms, tensors, samples, {
        keep,
        dropout: undropped ? undefined : dropout,
      });
    }
    if (undropped) {
      const head = { y, weights: denseWeights, z: undroppedZ, partial };
      denseForward(recorder, head, first, samples);
      if (dropout !== undefined) {
        frnTluForward(recorder, norms, { x, scale, y }, samples, dropout);
      }
    }
    below = y;
  }
  const dense = { y: below, weights: denseWeights, z, partial };
  denseForward(recorder, dense, first, samples);
}
