import { bytesOfSamples } from "./convolution.ts";
import { type CostRule, registersFor, taps, vectorBytes } from "./cost.ts";

/** The convolutions by workgroups that share what they read. */
export const sharedConvolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_shared(facts) {
    const { operands: [x, , , y], constants, uniform, threads } = facts;
    const { S, W, SAMPLES, ROWS, TW, TK, CH4, WINDOW, WEIGHTS } = constants;
    const [inputs4, outputs4, height] = uniform;
    const lanes = CH4 / TK;
    const columns = S * (TW - 1) + 3;
    const windows = SAMPLES * (S * (ROWS - 1) + 3) * (W / TW);
    const samples = threads * TW * TK / outputs4 / (height * W);
    const weights = taps * 4 * inputs4;
    const inputLoads = inputs4 * windows * columns / facts.groupThreads;
    const weightLoads = weights * CH4 / facts.groupThreads;
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${height}×${W}, stride ${S}`,
      multiplyAdds: threads * TW * TK * 4 * weights,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) +
        vectorBytes * weights * outputs4 +
        threads * TW * TK * 4 * y.elementBytes,
      access: [
        {
          count: inputLoads,
          bytes: 4 * x.elementBytes,
          strideBytes: 4 * x.elementBytes,
          reuse: columns * (W / TW) / (S * W + 2),
        },
        { count: weightLoads, bytes: vectorBytes, strideBytes: vectorBytes },
        {
          count: inputLoads + weightLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: inputs4 * 3 * columns,
          bytes: vectorBytes,
          strideBytes: WINDOW * vectorBytes,
          sharedBy: lanes,
          memory: "workgroup",
        },
        {
          count: weights * TK,
          bytes: vectorBytes,
          strideBytes: WEIGHTS * vectorBytes,
          period: lanes,
          memory: "workgroup",
        },
        {
          count: TW * TK,
          bytes: 4 * y.elementBytes,
          // Neighbours have other channels, whose planes lie far apart.
          strideBytes: height * W * 4 * y.elementBytes,
        },
      ],
      registers: registersFor(4 * (TW * TK + columns + TK)),
      workgroupBytes: vectorBytes * (windows * WINDOW + 3 * lanes * WEIGHTS),
      // For what is loaded, and for the others.
      waits: 2 * inputs4,
    };
  },

  conv3x3_weight_gradient_shared(facts) {
    const { operands: [x, dy, partial], constants, uniform, groupThreads } =
      facts;
    const { S, W, SAMPLES, ROWS, TK, IN4, ACROSS, ROW, PIXEL } = constants;
    const [inputs4, outputs4, height] = uniform;
    const lanes = ACROSS / TK;
    const rows = Math.min(height, ROWS);
    const trips = SAMPLES * rows;
    const sums = 3 * 4 * TK;
    const samples = facts.threads / (3 * inputs4 * outputs4 / TK) /
      (height / rows) * SAMPLES;
    const inputLoads = trips * 3 * IN4 * (S * W + 2) / groupThreads;
    const gradientLoads = trips * W * ACROSS / groupThreads;
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${height}×${W}, stride ${S}`,
      multiplyAdds: facts.threads * trips * W * sums * 4,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) +
        bytesOfSamples(facts, 1, samples) +
        facts.threads * sums * 4 * partial.elementBytes,
      access: [
        {
          count: inputLoads,
          bytes: 4 * x.elementBytes,
          strideBytes: 4 * x.elementBytes,
          reuse: 3 / S,
        },
        {
          count: gradientLoads,
          bytes: 4 * dy.elementBytes,
          strideBytes: 4 * dy.elementBytes,
        },
        {
          count: inputLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: gradientLoads,
          bytes: vectorBytes,
          strideBytes: PIXEL * vectorBytes,
          memory: "workgroup",
        },
        {
          count: trips * (S * W + 3 - S),
          bytes: vectorBytes,
          strideBytes: ROW * vectorBytes,
          sharedBy: lanes,
          memory: "workgroup",
        },
        {
          count: trips * W * TK,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: lanes,
          memory: "workgroup",
        },
        // Four neighbours' lie together.
        {
          count: sums,
          bytes: vectorBytes,
          strideBytes: inputs4 * 144 * vectorBytes,
          sharedBy: 4,
        },
      ],
      registers: registersFor(4 * (sums + 3 + TK)),
      workgroupBytes: vectorBytes * (3 * IN4 * ROW + W * PIXEL),
      // For what is loaded, and for the others.
      waits: 2 * trips,
    };
  },
};
