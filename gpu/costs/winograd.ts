import { uniformLimitBytes } from "../tensor.ts";
import { vectorBytes } from "../tiles/vector_bytes.ts";
import { type CostRule, registersFor, taps } from "./cost.ts";

/** Points and outputs of one tile, and its outputs' side. */
const points = 36;
const tileOutputs = 16;
const tileSide = 4;

/** Operations of the two-dimensional maps a tile and channel: those of the one-dimensional map × its applications. */
const mapOperations = {
  input: 22 * 12,
  weights: 13 * 9,
  output: 16 * 10,
  outputGradient: 14 * 10,
  weightGradient: 15 * 9,
};

/** The gradients of stride 1 by F(4×4, 3×3). */
export const winogradCosts: Readonly<Record<string, CostRule>> = {
  winograd_weights({ uniform: [inputs4, outputs4], constants: { K4 } }) {
    const maps = 16 * inputs4 * outputs4;
    return {
      work: `${4 * inputs4}→${4 * outputs4}`,
      multiplyAdds: 0,
      operations: mapOperations.weights * maps,
      bytes: 4 * (taps + points) * maps,
      access: [
        { count: 4 * taps, bytes: 4, strideBytes: 64 * taps * 4 },
        {
          count: points,
          bytes: vectorBytes,
          strideBytes: 4 * inputs4 * K4 * 4,
        },
      ],
      registers: registersFor(4 * (3 * 6 + 6)),
      waits: 1,
    };
  },

  winograd_input(
    { operands: [x], uniform: [channels4, height, width], threads },
  ) {
    const across = width / tileSide;
    const maps = threads * across * 4;
    const samples = threads * tileSide / (channels4 * height);
    const padded = (height + 2) * (width + 2);
    return {
      work: `${4 * channels4} at ${height}×${width}`,
      multiplyAdds: 0,
      operations: mapOperations.input * maps,
      bytes: samples * channels4 * 4 * padded * x.elementBytes +
        points * maps * 4,
      access: [
        {
          count: 6 * (2 + tileSide * across),
          bytes: 4 * x.elementBytes,
          strideBytes: tileSide * (width + 2) * 4 * x.elementBytes,
          reuse: 1.5,
        },
        {
          count: points * across,
          bytes: vectorBytes,
          strideBytes: across * vectorBytes,
        },
      ],
      registers: registersFor(4 * (points + 6)),
      waits: across + 1,
    };
  },

  winograd_product(
    {
      uniform: [inputs4, outputs4],
      constants: { K4, T },
      groups,
      groupThreads,
      threads,
    },
  ) {
    const blocks = outputs4 / K4;
    const pointsAtOnce = groups[1];
    const tiles = threads / pointsAtOnce / blocks * T;
    return {
      work: `${4 * inputs4}→${4 * outputs4}, ${points} points`,
      multiplyAdds: threads * inputs4 * T * K4 * 16,
      operations: 0,
      bytes: pointsAtOnce * vectorBytes *
        ((inputs4 + outputs4) * tiles + 4 * inputs4 * outputs4),
      access: [
        {
          count: inputs4 * T,
          bytes: vectorBytes,
          strideBytes: T * vectorBytes,
          sharedBy: blocks,
          reuse: Math.min(blocks, groupThreads),
        },
        {
          count: inputs4 * 4 * K4,
          bytes: vectorBytes,
          strideBytes: 4 * inputs4 * K4 * vectorBytes,
          period: blocks,
          reuse: Math.max(1, groupThreads / blocks),
          memory: pointsAtOnce * vectorBytes * 4 * inputs4 * outputs4 <=
              uniformLimitBytes
            ? "uniform"
            : "buffer",
        },
        { count: T * K4, bytes: vectorBytes, strideBytes: T * vectorBytes },
      ],
      registers: registersFor(4 * (T * K4 + T + 4)),
      waits: inputs4,
    };
  },

  winograd_input_gradient({ uniform: [outputs4, height, width], threads }) {
    return {
      work: `${4 * outputs4} at ${height}×${width}`,
      multiplyAdds: 0,
      operations: mapOperations.output * 4 * threads,
      bytes: (points + tileOutputs) * threads * vectorBytes,
      access: [
        { count: points, bytes: vectorBytes, strideBytes: vectorBytes },
        {
          count: tileOutputs,
          bytes: vectorBytes,
          strideBytes: tileSide * vectorBytes,
        },
      ],
      registers: registersFor(4 * (points + 6)),
      waits: 1,
    };
  },

  winograd_output_gradient({ uniform: [outputs4, height, width], threads }) {
    return {
      work: `${4 * outputs4} at ${height}×${width}`,
      multiplyAdds: 0,
      operations: mapOperations.outputGradient * 4 * threads,
      bytes: (points + tileOutputs) * threads * vectorBytes,
      access: [
        {
          count: tileOutputs,
          bytes: vectorBytes,
          strideBytes: tileSide * vectorBytes,
        },
        { count: points, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(4 * (6 * tileSide + 6)),
      waits: 1,
    };
  },

  winograd_weight_product(
    {
      uniform: [inputs4, outputs4, tiles, partTiles, parts],
      constants: { TC, TK },
      groupThreads,
      threads,
    },
  ) {
    const trips = partTiles * parts;
    const across = outputs4 / TK;
    const sums = 4 * TC * TK;
    return {
      work: `${4 * inputs4}→${4 * outputs4}, ${points} points`,
      multiplyAdds: threads * trips * sums * 4,
      operations: threads * parts * sums * 4,
      bytes: points * vectorBytes *
        ((inputs4 + outputs4) * trips + 2 * 4 * inputs4 * outputs4),
      access: [
        {
          count: trips * TC,
          bytes: vectorBytes,
          strideBytes: TC * tiles * vectorBytes,
          sharedBy: across,
          reuse: Math.min(across, groupThreads),
          walks: true,
        },
        {
          count: trips * TK,
          bytes: vectorBytes,
          strideBytes: TK * tiles * vectorBytes,
          period: across,
          reuse: Math.max(1, groupThreads / across),
          walks: true,
        },
        { count: 2 * sums, bytes: vectorBytes, strideBytes: TK * vectorBytes },
      ],
      registers: registersFor(4 * (2 * sums + TC + TK)),
      waits: trips,
    };
  },

  winograd_weight_gradient({ uniform: [inputs4, outputs4] }) {
    const maps = 16 * inputs4 * outputs4;
    return {
      work: `${4 * inputs4}→${4 * outputs4}`,
      multiplyAdds: 0,
      operations: mapOperations.weightGradient * maps,
      bytes: 4 * (points + taps) * maps,
      access: [
        { count: points, bytes: vectorBytes, strideBytes: vectorBytes },
        { count: taps, bytes: vectorBytes, strideBytes: 4 * vectorBytes },
      ],
      registers: registersFor(4 * (3 * 6 + 6)),
      waits: 1,
    };
  },
};
