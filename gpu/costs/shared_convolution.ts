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
};
