import { pairBytes, vectorBytes } from "../tiles/vector_bytes.ts";
import { bytesOfSamples } from "./convolution.ts";
import { type CostRule, registersFor, shareOfLoads, taps } from "./cost.ts";
import {
  normalizedEnd,
  storesOf,
  transposedPlacesOf,
} from "./normalized_end.ts";

/** The input gradient of stride 2 by workgroups that share what they read. */
export const transposedConvolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_transposed_square(facts) {
    const { operands: [dy], constants, uniform, threads, groupThreads } = facts;
    const { W, SAMPLES, ROWS, TH, TW, SPACE, LANES, SUMS } = constants;
    const [inputs4, outputs4, height] = uniform;
    const pixels = TH * TW;
    const samples = threads * pixels / outputs4 / (height * W);
    const inputs = 4 * inputs4;
    // Where maps are normalised no pixel of the border is taken.
    const border = SUMS > 0 ? 0 : 1;
    const pairs = SAMPLES * (ROWS / 2 + border) * (W / 4 + border);
    const pairLoads = inputs4 * shareOfLoads(pairs, groupThreads);
    const weightLoads = inputs4 * shareOfLoads(taps * 4 * LANES, groupThreads);
    // Of a thread, on average: five or four of the nine taps.
    const tapsOfThread = taps / 2;
    const places = transposedPlacesOf(facts);
    const end = normalizedEnd(facts, places, 2);
    const { aligned, bordered } = end.stores;
    return {
      work: `${inputs}→${4 * outputs4} at ${height}×${W}${end.work}`,
      multiplyAdds: threads * pixels * tapsOfThread * inputs * 2,
      operations: end.operations,
      // Choices between what a thread keeps and gives, and where it belongs.
      otherInstructions: end.otherInstructions + threads * 8 * pixels,
      bytes: bytesOfSamples(facts, 0, samples) +
        vectorBytes * taps * inputs * outputs4 +
        (aligned + bordered) * threads * pixels * vectorBytes + end.bytes,
      access: [
        {
          count: 2 * pairLoads,
          bytes: 4 * dy.elementBytes,
          strideBytes: 8 * dy.elementBytes,
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
        // Of three rows two pairs, and of those that odd columns meet the pixel behind them. All lie in other banks.
        {
          count: inputs * 6,
          bytes: pairBytes,
          strideBytes: pairBytes,
          sharedBy: LANES,
          memory: "workgroup",
        },
        {
          count: inputs * 2.5,
          bytes: pairBytes / 2,
          strideBytes: pairBytes / 2,
          sharedBy: LANES,
          memory: "workgroup",
        },
        {
          count: inputs * tapsOfThread,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: LANES,
          memory: "workgroup",
        },
        // Half of the sums, there and back, a half of a vec4 at a time.
        {
          count: 2 * pixels,
          bytes: pairBytes,
          strideBytes: pairBytes,
          memory: "workgroup",
        },
        ...storesOf(end, places, { columns: TW, pixels, bytes: vectorBytes }),
        ...end.access,
      ],
      // Its sums, and afterwards what it gets of its partner's.
      registers: registersFor(Math.max(6 * pixels, end.values)),
      workgroupBytes: pairBytes * SPACE + vectorBytes * 4 * taps * LANES,
      // For what is loaded, and for the others; eight times for the partner.
      waits: 2 * inputs4 + 8 + end.waits,
    };
  },
};
