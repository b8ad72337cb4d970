import { bytesOfSamples } from "./convolution.ts";
import { type CostRule, registersFor, taps, vectorBytes } from "./cost.ts";

const pairBytes = 8;
/** Of rows and columns of ∂x, odd or even. */
const parities = 4;

/** The input gradient of stride 2 by workgroups that share what they read. */
export const transposedConvolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_transposed_square(facts) {
    const { constants, uniform, groupThreads } = facts;
    const { W, SAMPLES, ROWS, TH, TW, LANES } = constants;
    const [inputs4, outputs4, height] = uniform;
    const threads = facts.threads / parities;
    const tile = TH * TW;
    const samples = threads * tile / outputs4 / (height * W);
    const weights = taps * 4 * inputs4;
    const pairs = SAMPLES * (ROWS + 1) * (W / 2 + 1);
    const pairLoads = inputs4 * pairs / groupThreads;
    // Of a thread of a parity, on average.
    const weightsOfThread = weights / parities;
    const weightLoads = weightsOfThread * LANES / groupThreads;
    const pairsOfThread = (2 * TH + 1) * (TW + 1) / parities;
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${2 * height}×${2 * W}`,
      multiplyAdds: threads * tile * 4 * weights,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) +
        vectorBytes * weights * outputs4 + facts.threads * tile * vectorBytes,
      access: [
        {
          count: 2 * pairLoads,
          bytes: vectorBytes,
          strideBytes: 2 * vectorBytes,
          walks: true,
        },
        // Two blocks of four channels lie together.
        {
          count: weightLoads,
          bytes: vectorBytes,
          strideBytes: 2 * vectorBytes,
          sharedBy: 2,
        },
        {
          count: 4 * pairLoads,
          bytes: pairBytes,
          strideBytes: pairBytes,
          memory: "workgroup",
        },
        {
          count: weightLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: 4 * inputs4 * pairsOfThread,
          bytes: pairBytes,
          strideBytes: TW * 4,
          sharedBy: LANES,
          memory: "workgroup",
        },
        {
          count: weightsOfThread,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: LANES,
          memory: "workgroup",
        },
        {
          count: tile,
          bytes: vectorBytes,
          // Neighbours have other channels, whose planes lie far apart.
          strideBytes: 4 * height * W * vectorBytes,
        },
      ],
      registers: registersFor(4 * tile + 2 * (TH + 1) * (TW / 2 + 1) + 4),
      workgroupBytes: pairBytes * 4 * pairs + vectorBytes * 16 * LANES,
      waits: 2 * inputs4,
    };
  },
};
