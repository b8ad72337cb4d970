/**
 * How much each kernel of a training step has to do at least: floating-point operations, and words that must cross the memory
 * bus once when caches hold everything in between. Counted from the shapes that a dispatch binds.
 *
 * @module
 */
import type { Dispatch } from "../../gpu/recorder.ts";
import { type Operand, type Rule, workBesideNetwork } from "./loss_work.ts";

/** What one dispatch has to do. */
export interface Work {
  /** what it works on, to tell the layers of one kernel apart */
  shape: string;
  /** additions, multiplications, comparisons; a fused multiply-add counts two */
  flops: number;
  /** bytes read and written, each operand once */
  bytes: number;
}

/** Points and outputs of one Winograd tile, and its outputs' side. */
const points = 36;
const tileOutputs = 16;
const tileSide = 4;
/** Samples that the convolutions' partial sums cover, and rows. */
const sampleGroup = 8;
const rowGroup = 8;
const descriptorSize = 128;
/** Output channels of one dispatch of a direct convolution, and of the input gradient at stride 2. */
const channelBlock = 16;
const transposedChannelBlock = 8;

/** Operations of Winograd's two-dimensional maps a tile and channel: those of the one-dimensional map × its applications. */
const mapFlops = {
  input: 22 * 12,
  weights: 13 * 9,
  output: 16 * 10,
  outputGradient: 14 * 10,
  weightGradient: 15 * 9,
};

/** Counts a step's dispatches in their order: a Winograd product does not say how many tiles the input map before it made. */
export class WorkCounter {
  #tiles = 0;
  #inputChannels = 0;
  #side = 0;

  /** Undefined for a kernel that has no rule here yet. */
  count(dispatch: Dispatch): Work | undefined {
    const label = dispatch.kernel.label.split(" ")[0];
    const rule = this.#rules[label];
    if (rule === undefined) return undefined;
    const operands = dispatch.tensors.map((bound): Operand =>
      "tensor" in bound
        ? { shape: bound.tensor.shape, size: bound.size }
        : bound
    );
    const numbers = (dispatch.uniform ?? []).map((value) =>
      "u32" in value ? value.u32 : value.f32
    );
    const groups = dispatch.groups.map((group) => group ?? 1);
    const [flops, words, shape = ""] = rule(operands, numbers, groups);
    return { shape, flops, bytes: words * 4 };
  }

  readonly #rules: Readonly<Record<string, Rule>> = {
    ...workBesideNetwork,
    // Sums of parts
    accumulate: (_, [parts, , size], [, totals]) => [
      parts * size * totals,
      (parts + 2) * size * totals,
    ],

    // Normalisations
    input_frn_tlu: ([x]) => [5 * x.size, 2 * x.size],
    input_frn_tlu_backward: ([x]) => [9 * x.size, 2 * x.size],
    frn_tlu: ([x]) => [5 * x.size, 2 * x.size, plane(x)],
    frn_tlu_backward: ([x]) => [15 * x.size, 3 * x.size, plane(x)],
    batch_statistics: ([z]) => [4 * z.size, z.size],
    running_statistics: ([{ size }]) => [2 * size, 2 * size],
    normalize_descriptor: ([z]) => [5 * z.size, 2 * z.size],
    normalize_descriptor_backward: ([z]) => [5 * z.size, 3 * z.size],
    batch_norm_sums: ([z]) => [5 * z.size, 2 * z.size],
    batch_norm_backward: ([z]) => [6 * z.size, 3 * z.size],

    // Direct convolutions
    conv3x3_first: ([x, , , y]) => [18 * y.size, x.size + y.size, plane(y)],
    conv3x3_first_input_gradient: ([dy, weights, dx]) => [
      2 * weights.size * dx.size,
      dy.size + dx.size,
      plane(dy),
    ],
    conv3x3_first_weight_gradient: ([x, dy]) => [
      18 * interior(dy),
      x.size + dy.size + dy.shape[0] * 9 * dy.shape[1] * 4,
      plane(dy),
    ],
    conv3x3: ([x, , , y], [inputs4]) => {
      const [samples, , height, width] = y.shape;
      const pixels = samples * height * width;
      const weights = 9 * inputs4 * 4 * channelBlock;
      return [
        2 * weights * pixels,
        x.size + weights + channelBlock * pixels,
        `${inputs4 * 4}→${plane(y)}`,
      ];
    },
    conv3x3_transposed: ([dy, , dx], [inputs4]) => {
      const pixels = interior(dy) / (inputs4 * 4);
      const weights = 9 * inputs4 * 4 * transposedChannelBlock;
      return [
        2 * weights * pixels,
        dy.size + weights + 4 * transposedChannelBlock * pixels,
        `${inputs4 * 4}→${plane(dx)}`,
      ];
    },
    conv3x3_weight_gradient: ([x, dy]) => {
      const [samples, channels4, padded] = dy.shape;
      const weightCount = 9 * x.shape[1] * 4 * channels4 * 4;
      const parts = samples / sampleGroup * Math.ceil((padded - 2) / rowGroup);
      return [
        2 * weightCount / (channels4 * 4) * interior(dy),
        x.size + dy.size + parts * weightCount,
        `${x.shape[1] * 4}→${channels4 * 4} ${padded - 2}×${padded - 2}`,
      ];
    },
    transpose_weights: ([from, to]) => [0, from.size + to.size],

    // Winograd's convolutions
    winograd_weights: ([weights, u]) => [
      mapFlops.weights * u.size / points,
      weights.size + u.size,
    ],
    winograd_input: ([x], [inputs4, side, , tiles, first]) => {
      const tilesOfSample = (side / tileSide) ** 2;
      const chunk = Math.min(tiles / tilesOfSample, x.shape[0] - first);
      this.#inputChannels = inputs4 * 4;
      this.#side = side;
      this.#tiles = chunk * tilesOfSample;
      const maps = this.#tiles * this.#inputChannels;
      const pixels = chunk * this.#inputChannels * (side + 2) ** 2;
      return [mapFlops.input * maps, pixels + points * maps, this.#layer()];
    },
    winograd_product: (_, [inputs4, outputs4], [, pointsAtOnce]) => {
      const weights = pointsAtOnce * 16 * inputs4 * outputs4;
      const channels = 4 * (inputs4 + outputs4);
      return [
        2 * weights * this.#tiles,
        weights + pointsAtOnce * channels * this.#tiles,
        this.#layer(),
      ];
    },
    winograd_input_gradient: (_, [outputs4]) => {
      const maps = this.#tiles * outputs4 * 4;
      return [
        mapFlops.output * maps,
        (points + tileOutputs) * maps,
        this.#layer(),
      ];
    },
    winograd_output_gradient: (_, [outputs4]) => {
      const maps = this.#tiles * outputs4 * 4;
      return [
        mapFlops.outputGradient * maps,
        (points + tileOutputs) * maps,
        this.#layer(),
      ];
    },
    winograd_weight_product: ([, , du]) => {
      const channels = this.#inputChannels +
        du.size / points / this.#inputChannels;
      return [
        2 * du.size * this.#tiles,
        2 * du.size + points * channels * this.#tiles,
        this.#layer(),
      ];
    },
    winograd_weight_gradient: ([du, dw]) => [
      mapFlops.weightGradient * du.size / points,
      du.size + dw.size,
    ],

    // The 8×8 convolution
    dense: ([y, weights]) => dense(y, weights),
    dense_input_gradient: ([dz, weights, dy], [, , first]) => {
      const window = dz.size / descriptorSize;
      const samples = Math.min(window, dy.shape[0] - first);
      const [flops, words] = dense(dy, weights);
      const share = samples / dy.shape[0];
      return [share * flops, weights.size + share * (words - weights.size)];
    },
    dense_weight_gradient: ([y, , dw]) => {
      const [flops, words] = dense(y, dw);
      return [flops, words + dw.size];
    },
  };

  /** The convolution of stride 1 at hand, by its inputs: it has as many outputs. */
  #layer(): string {
    return `${this.#inputChannels} ${this.#side}×${this.#side}`;
  }
}

/** Channels and extent of [N, C/4, H, W, 4]. */
function plane({ shape: [, channels4, height, width] }: Operand): string {
  return `${channels4 * 4} ${height}×${width}`;
}

/** Elements of [N, C/4, H+2, W+2, 4] without its border. */
function interior({ shape: [samples, channels4, height, width] }: Operand) {
  return samples * channels4 * 4 * (height - 2) * (width - 2);
}

/** The product of y [N, …] and weights [K, 128]. */
function dense(y: Operand, weights: Operand): [number, number] {
  const samples = y.shape[0];
  return [
    2 * weights.size * samples,
    y.size + weights.size + samples * descriptorSize,
  ];
}
