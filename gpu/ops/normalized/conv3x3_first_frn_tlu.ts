import { activationInclude } from "../../activation.ts";
import { kernel } from "../../kernel.ts";
import { type FrnTluParameters, parameterSpan } from "../../normalization.ts";
import { type Recorder, unsigned } from "../../recorder.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import source from "../../wgsl/convolution/conv3x3_first_frn_tlu.wgsl" with {
  type: "text",
};
import keepInputs from "../../wgsl/lib/outputs/keep_inputs.wgsl" with {
  type: "text",
};
import keepNothing from "../../wgsl/lib/outputs/keep_nothing.wgsl" with {
  type: "text",
};
import { conv3x3FirstForward } from "../convolution/conv3x3_first.ts";
import { frnEpsilon, frnTluForward } from "../frn_tlu.ts";
import {
  assertNormalized,
  type NormalizedTensors,
} from "./normalized_tensors.ts";

/** Threads that share a row's sum of squares, one for each of four channels. */
const threadsOfRow = 4;

/**
 * x = the convolution of one input channel as by `conv3x3FirstForward`, y = its FRN and TLU as by `frnTluForward`; to the bit what these
 * two give.
 *
 * One kernel on GPUs whose workgroups have the memory for a map of four channels. input [N, H+2, W+2], x [N, K/4, H, W, 4], scale [N, K/4, 4], y as
 * x or with a border of one pixel that stays zero. The bias and `norms` are slices of one tensor.
 *
 * @param keep whether x and scale are wanted, for the backward pass; else they may be left as they are
 * @throws {GpuError} when a shape does not fit, or the parameters are of several tensors
 */
export function conv3x3FirstFrnTluForward(
  recorder: Recorder,
  norms: FrnTluParameters,
  tensors: NormalizedTensors,
  count: number,
  keep: boolean,
): void {
  const { input, weights, bias, x, scale, y } = tensors;
  const { tiles, device: { limits } } = recorder.gpu;
  const size = input.shape[1] - 2;
  const bytes = 16 * size * (size + 1) + 16 * size + 16;
  const isWhole = tiles.mapRows && size % threadsOfRow === 0 &&
    bytes <= limits.maxComputeWorkgroupStorageSize;
  if (!isWhole) {
    const convolved = { x: input, weights, bias, y: x };
    conv3x3FirstForward(recorder, convolved, count);
    frnTluForward(recorder, norms, { x, scale, y }, count);
    return;
  }
  const op = "conv3x3FirstFrnTluForward";
  const [capacity, channels4] = y.shape;
  assertShape(op, "input", input, [capacity, size + 2, size + 2]);
  assertSize(op, "weights", weights, 36 * channels4);
  const written = [capacity, channels4, size] as const;
  const border = assertNormalized(op, tensors, written, keep);
  const parameters = { bias, ...norms };
  const { span, places } = parameterSpan(op, parameters, 4 * channels4);
  const compiled = kernel(recorder.gpu, "conv3x3_first_frn_tlu", source, {
    W: size,
    KEEP: keep ? 1 : 0,
    EPSILON: { f32: frnEpsilon },
    GROUP: threadsOfRow * size,
  }, {
    keep: keep ? keepInputs : keepNothing,
    ...activationInclude(op, { y }),
  });
  recorder.dispatch(
    compiled,
    [input, weights, span, y, ...(keep ? [x, scale] : [])],
    [count * channels4],
    unsigned(channels4, border, ...places),
  );
}
