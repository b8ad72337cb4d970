import { vectorBytes } from "../tiles/vector_bytes.ts";
import {
  bytesOf,
  type Cost,
  type CostRule,
  type DispatchFacts,
  elementsOfSample,
  registersFor,
  taps,
} from "./cost.ts";

/** What a uniform binding holds. */
const uniformBytes = 65536;

/** Bytes of the samples that a dispatch works on, of operand `index`. */
export function bytesOfSamples(
  { operands }: DispatchFacts,
  index: number,
  samples: number,
): number {
  const operand = operands[index];
  return samples * elementsOfSample(operand) * operand.elementBytes;
}

/** How often a workgroup of `pixels` outputs loads each input of a 3×3 window, when a thread loads `loads` for its `tile` outputs. */
function windowReuse(
  { loads, tile, pixels, width, stride }: {
    loads: number;
    tile: number;
    pixels: number;
    width: number;
    stride: number;
  },
): number {
  const rows = Math.max(1, pixels / width);
  const columns = Math.min(pixels, width);
  const window = (stride * rows + 2) * (stride * columns + 2);
  return Math.max(1, loads * pixels / tile / window);
}

/** The convolutions of 3×3 and their gradients by direct sums. */
export const convolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3(facts) {
    const { operands: [x, , , y], constants, uniform, threads } = facts;
    const { S, K4, TH, TW } = constants;
    const [inputs4, , height, width] = uniform;
    const tile = TH * TW;
    const columns = S * (TW - 1) + 3;
    const samples = threads * tile / (height * width);
    const weights = taps * 4 * inputs4 * 4 * K4;
    const pixels = facts.groupThreads * tile;
    const loads = 3 * TH * columns;
    return {
      work: `${4 * inputs4}→${
        4 * uniform[1]
      } at ${height}×${width}, stride ${S}`,
      multiplyAdds: threads * tile * weights,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) + 4 * weights +
        threads * tile * 4 * K4 * y.elementBytes,
      access: [
        {
          count: inputs4 * loads,
          bytes: 4 * x.elementBytes,
          strideBytes: S * TW * 4 * x.elementBytes,
          reuse: windowReuse({ loads, tile, pixels, width, stride: S }),
        },
        blockOfWeights(facts, weights),
        {
          count: tile * K4,
          bytes: 4 * y.elementBytes,
          strideBytes: TW * 4 * y.elementBytes,
        },
      ],
      registers: registersFor(4 * (tile * K4 + columns + 2 * K4)),
      waits: 3 * inputs4,
    };
  },

  conv3x3_transposed(facts) {
    const { constants: { K4, TH, TW }, uniform, threads } = facts;
    const [inputs4, outputs4, height, width] = uniform;
    const [, blocks] = facts.groups;
    const tile = TH * TW;
    const samples = threads / blocks * tile / (height * width);
    const weights = taps * 4 * inputs4 * 4 * K4;
    const loads = (TH + 1) * (TW + 1);
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${2 * height}×${2 * width}`,
      multiplyAdds: threads * tile * weights,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) + blocks * 4 * weights +
        threads * 4 * tile * K4 * vectorBytes,
      access: [
        {
          count: inputs4 * loads,
          bytes: vectorBytes,
          strideBytes: TW * vectorBytes,
          reuse: loads / tile,
        },
        blockOfWeights(facts, weights),
        {
          count: 4 * tile * K4,
          bytes: vectorBytes,
          strideBytes: 2 * TW * vectorBytes,
        },
      ],
      registers: registersFor(4 * (4 * tile * K4 + loads + 4 * K4)),
      waits: inputs4,
    };
  },

  conv3x3_weight_gradient(facts) {
    const { operands: [x, dy, partial], constants, uniform, threads } = facts;
    const { S, SAMPLES, ROWS, TAP_ROWS } = constants;
    const [inputs4, outputs4, height, width] = uniform;
    const rows = Math.min(height, ROWS);
    const trips = SAMPLES * rows * width;
    const sums = TAP_ROWS * 3 * 16;
    const tiles = inputs4 * (outputs4 / 4) * (3 / TAP_ROWS);
    const samples = threads / tiles / (height / rows) * SAMPLES;
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${height}×${width}, stride ${S}`,
      multiplyAdds: threads * trips * sums * 4,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) +
        bytesOfSamples(facts, 1, samples) +
        threads * sums * 4 * partial.elementBytes,
      access: [
        {
          count: trips * TAP_ROWS * S,
          bytes: 4 * x.elementBytes,
          // Neighbours have other rows of taps and other channels, whose planes lie far apart.
          strideBytes: x.shape[2] * x.shape[3] * 4 * x.elementBytes,
          reuse: 3 / TAP_ROWS,
          walks: true,
        },
        {
          count: trips * 4,
          bytes: 4 * dy.elementBytes,
          strideBytes: 0,
          reuse: facts.groupThreads,
          walks: true,
        },
        { count: sums, bytes: vectorBytes, strideBytes: sums * vectorBytes },
      ],
      registers: registersFor(4 * (sums + TAP_ROWS * 3 + 4)),
      waits: trips,
    };
  },

  transpose_weights({ operands: [from, to], threads }): Cost {
    return {
      work: "",
      multiplyAdds: 0,
      operations: 0,
      bytes: bytesOf({ ...from, size: threads }, { ...to, size: threads }),
      access: [
        { count: 1, bytes: 4, strideBytes: 64 },
        { count: 1, bytes: 4, strideBytes: 4 },
      ],
      registers: registersFor(8),
      waits: 1,
    };
  },
};

/** A block of weights that every thread reads alike, bound as a uniform where it fits one. */
function blockOfWeights({ groupThreads }: DispatchFacts, weights: number) {
  return {
    count: weights / 4,
    bytes: vectorBytes,
    strideBytes: 0,
    reuse: groupThreads,
    memory: 4 * weights <= uniformBytes
      ? "uniform" as const
      : "buffer" as const,
  };
}
