import { activationInclude, activationTypes } from "../../activation.ts";
import type { Convolution } from "../../convolution.ts";
import {
  type Dropout,
  dropoutInclude,
  dropoutUniform,
  type FrnTluParameters,
  parameterSpan,
} from "../../normalization.ts";
import { type Recorder, unsigned } from "../../recorder.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import { isSquare } from "../../tiles/square_tile.ts";
import { sumsOfRow, wholeMapTileOf } from "../../whole_map_tiles.ts";
import keepInputs from "../../wgsl/lib/outputs/keep_inputs.wgsl" with {
  type: "text",
};
import keepNothing from "../../wgsl/lib/outputs/keep_nothing.wgsl" with {
  type: "text",
};
import normalizedOutput from "../../wgsl/lib/outputs/output_normalized.wgsl" with {
  type: "text",
};
import {
  conv3x3Forward,
  sharedGroups,
  sharedKernel,
  squareGroups,
  squareKernel,
} from "../convolution/conv3x3.ts";
import { frnEpsilon, frnTluForward } from "../frn_tlu.ts";
import {
  assertNormalized,
  type NormalizedTensors,
} from "./normalized_tensors.ts";

const { random, dropout: dropoutText } = dropoutInclude;
const outputs = {
  keeping: [random, dropoutText, keepInputs, normalizedOutput].join("\n"),
  dropping: [random, dropoutText, keepNothing, normalizedOutput].join("\n"),
};

/** What {@linkcode conv3x3FrnTluForward} may be told. */
export interface Conv3x3FrnTluOptions {
  /** Whether x and scale are wanted, for the backward pass; else they may be left as they are. */
  keep: boolean;
  dropout?: Dropout | undefined;
}

/**
 * x = the 3×3 convolution of `input` as by `conv3x3Forward`, y = its FRN and TLU as by `frnTluForward`; to the bit what these two give.
 *
 * One kernel where workgroups that share what they read hold whole maps: x is normalised before it leaves them. input
 * [N, C/4, S·H+2, S·W+2, 4], x [N, K/4, H, W, 4], scale [N, K/4, 4], y as x or with a border of one pixel that stays zero. The bias and
 * `norms` are slices of one tensor.
 *
 * @throws {GpuError} when a shape does not fit, or the parameters are of several tensors
 */
export function conv3x3FrnTluForward(
  recorder: Recorder,
  convolution: Convolution,
  norms: FrnTluParameters,
  tensors: NormalizedTensors,
  count: number,
  { keep, dropout }: Conv3x3FrnTluOptions,
): void {
  const { input, weights, bias, x, scale, y } = tensors;
  const { tiles, device: { limits } } = recorder.gpu;
  const tile = wholeMapTileOf(
    tiles,
    convolution,
    limits.maxComputeWorkgroupStorageSize,
  );
  if (tile === undefined) {
    const convolved = { x: input, weights, bias, y: x };
    conv3x3Forward(recorder, convolution, convolved, count);
    frnTluForward(recorder, norms, { x, scale, y }, count, dropout);
    return;
  }
  const op = "conv3x3FrnTluForward";
  const { inputChannels, outputChannels, size, stride } = convolution;
  const [capacity] = input.shape;
  const [inputs4, outputs4] = [inputChannels / 4, outputChannels / 4];
  const padded = stride * size + 2;
  const inputShape = [capacity, inputs4, padded, padded, 4];
  assertShape(op, "input", input, inputShape, activationTypes);
  assertSize(op, "weights", weights, inputChannels * outputChannels * 9);
  const written = [capacity, outputs4, size] as const;
  const border = assertNormalized(op, tensors, written, keep);
  const { span, places } = parameterSpan(
    op,
    { bias, ...norms },
    outputChannels,
  );
  const includes = {
    output: keep ? outputs.keeping : outputs.dropping,
    ...activationInclude(op, { input, y }),
  };
  const constants = {
    DROPOUT: dropout === undefined ? 0 : 1,
    KEEP: keep ? 1 : 0,
    EPSILON: { f32: frnEpsilon },
    SUMS: sumsOfRow.forward,
  };
  const [compiled, groups] = isSquare(tile)
    ? [
      squareKernel(recorder.gpu, convolution, tile, includes, constants),
      squareGroups(convolution, tile, count),
    ]
    : [
      sharedKernel(recorder.gpu, convolution, tile, includes, constants),
      sharedGroups(convolution, tile, count),
    ];
  const kept = keep ? [x, scale] : [];
  recorder.dispatch(
    compiled,
    [input, weights, span, y, ...kept],
    [groups],
    [
      ...unsigned(inputs4, outputs4, size, border, ...places),
      ...dropoutUniform(dropout),
    ],
  );
}
