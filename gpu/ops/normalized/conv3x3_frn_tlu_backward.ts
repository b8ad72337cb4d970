import {
  activationInclude,
  type ActivationType,
  activationTypes,
} from "../../activation.ts";
import { type Convolution, reversed } from "../../convolution.ts";
import type { Gpu } from "../../device.ts";
import { GpuError } from "../../errors.ts";
import type { Kernel } from "../../kernel.ts";
import { type FrnTluParameters, parameterSpan } from "../../normalization.ts";
import { type Recorder, type TensorSlice, unsigned } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import type { SharedTile } from "../../tiles/shared_tile.ts";
import { isSquare, type SquareTile } from "../../tiles/square_tile.ts";
import { sumsOfRow, wholeMapGradientTileOf } from "../../whole_map_tiles.ts";
import type { ShaderIncludes } from "../../wgsl.ts";
import keptHalf from "../../wgsl/lib/outputs/kept_f16.wgsl" with {
  type: "text",
};
import keptSingle from "../../wgsl/lib/outputs/kept_f32.wgsl" with {
  type: "text",
};
import output from "../../wgsl/lib/outputs/output_normalized_backward.wgsl" with {
  type: "text",
};
import {
  sharedGroups,
  sharedKernel,
  squareGroups,
  squareKernel,
} from "../convolution/conv3x3.ts";
import {
  transposedSquareGroups,
  transposedSquareKernel,
} from "../convolution/conv3x3_input_gradient_stride2.ts";

const { backward: sums } = sumsOfRow;

const outputs: Readonly<Record<ActivationType, string>> = {
  f32: [keptSingle, output].join("\n"),
  f16: [keptHalf, output].join("\n"),
};

/**
 * The tile for {@linkcode conv3x3FrnTluBackward}: where workgroups that share what they read hold whole maps of the convolution's input
 * gradient.
 *
 * @returns undefined where two kernels are wanted: the input gradient, then `frnTluBackward`
 */
export function frnTluBackwardTile(
  { tiles, device: { limits } }: Gpu,
  convolution: Convolution,
): SharedTile | SquareTile | undefined {
  return wholeMapGradientTileOf(
    tiles,
    convolution,
    limits.maxComputeWorkgroupStorageSize,
  );
}

/**
 * From ∂y of a 3×3 convolution through it and through the FRN and TLU that gave its input: ∂x and `partial` of the
 * normalisation as by `frnTluBackward` from the input gradient; to the bit what these two give.
 *
 * One kernel, which normalises the input gradient before it leaves the workgroup. ∂y [N, K/4, H+2, W+2, 4] with a border of one
 * zero pixel, transposed weights as `conv3x3InputGradientStride2` wants them, or at stride 1 turned as well, [C/16, K/4, 3, 3, 4, 16] flat;
 * x (in 32 or 16 bits) [N, C/4, S·H, S·W, 4] and scale [N, C/4, 4] of the normalisation, ∂x [N, C/4, S·H+2, S·W+2, 4] with a border
 * that stays zero, another tensor than ∂y; partial [N, 4, C]. `norms` are slices of one tensor.
 *
 * @throws {GpuError} when a shape does not fit, the parameters are of several tensors, or there is no {@linkcode frnTluBackwardTile}
 */
export function conv3x3FrnTluBackward(
  recorder: Recorder,
  convolution: Convolution,
  norms: FrnTluParameters,
  tensors: {
    dy: Tensor;
    transposedWeights: TensorSlice;
    x: Tensor;
    scale: Tensor;
    dx: Tensor;
    partial: TensorSlice;
  },
  count: number,
): void {
  const op = "conv3x3FrnTluBackward";
  const { inputChannels, outputChannels, size, stride } = convolution;
  const tile = frnTluBackwardTile(recorder.gpu, convolution);
  if (tile === undefined) {
    throw new GpuError({
      attempt: `run ${op}`,
      where:
        `${inputChannels}→${outputChannels} at ${size}×${size}, stride ${stride}`,
      found: "no workgroups that hold whole maps of its input gradient",
      wanted: "two kernels there",
    });
  }
  const { dy, transposedWeights, x, scale, dx, partial } = tensors;
  const [capacity] = dy.shape;
  const [inputs4, outputs4] = [inputChannels / 4, outputChannels / 4];
  const below = stride * size;
  assertShape(op, "dy", dy, [capacity, outputs4, size + 2, size + 2, 4]);
  assertShape(op, "dx", dx, [capacity, inputs4, below + 2, below + 2, 4]);
  const xShape = [capacity, inputs4, below, below, 4];
  assertShape(op, "x", x, xShape, activationTypes);
  assertShape(op, "scale", scale, [capacity, inputs4, 4]);
  assertSize(op, "partial", partial, capacity * 4 * inputChannels);
  const weightCount = inputChannels * outputChannels * 9;
  assertSize(op, "transposedWeights", transposedWeights, weightCount);
  const { span, places } = parameterSpan(op, norms, inputChannels);
  const includes = {
    output: outputs[x.type as ActivationType],
    ...activationInclude(op, { dy }),
  };
  const [compiled, groups] = gradientKernel(recorder.gpu, convolution, tile, {
    includes,
    count,
  });
  recorder.dispatch(
    compiled,
    [dy, transposedWeights, span, dx, x, scale, partial],
    [groups],
    unsigned(outputs4, inputs4, below, ...places),
  );
}

/** The kernel for a tile of {@linkcode frnTluBackwardTile}, and its workgroups. */
function gradientKernel(
  gpu: Gpu,
  convolution: Convolution,
  tile: SharedTile | SquareTile,
  { includes, count }: {
    includes: ShaderIncludes & { output: string };
    count: number;
  },
): [Kernel, groups: number] {
  const constants = { SUMS: sums };
  const gradient = reversed(convolution);
  if (!isSquare(tile)) {
    return [
      sharedKernel(gpu, gradient, tile, includes, constants),
      sharedGroups(gradient, tile, count),
    ];
  }
  if (convolution.stride === 2) {
    return [
      transposedSquareKernel(gpu, convolution, tile, includes, sums),
      transposedSquareGroups(convolution, tile, count),
    ];
  }
  return [
    squareKernel(gpu, gradient, tile, includes, constants),
    squareGroups(gradient, tile, count),
  ];
}
