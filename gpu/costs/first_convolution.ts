import { vectorBytes } from "../tiles/vector_bytes.ts";
import { bytesOfSamples } from "./convolution.ts";
import {
  type CostRule,
  type DispatchFacts,
  registersFor,
  taps,
  waitsOfSum,
} from "./cost.ts";

/** The first convolution, of one input channel, and its gradients. */
export const firstConvolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_first(facts) {
    const { operands: [, , , y], constants, threads } = facts;
    const { OUT4, H, W, TW } = constants;
    const samples = threads * TW / (H * W);
    return {
      work: `1→${4 * OUT4} at ${H}×${W}`,
      multiplyAdds: threads * TW * OUT4 * 4 * taps,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) +
        threads * TW * OUT4 * 4 * y.elementBytes,
      access: [
        { count: 3 * (TW + 2), bytes: 4, strideBytes: 4 * TW, reuse: 3 },
        sameWeights(facts, taps * OUT4),
        {
          count: TW * OUT4,
          bytes: 4 * y.elementBytes,
          strideBytes: TW * 4 * y.elementBytes,
        },
      ],
      registers: registersFor(3 * (TW + 2) + 4 * TW + 8),
      waits: 1 + OUT4,
    };
  },

  conv3x3_first_input_gradient(facts) {
    const { constants: { OUT4, H, W, TW }, threads } = facts;
    const samples = threads * TW / (H * W);
    return {
      work: `${4 * OUT4}→1 at ${H}×${W}`,
      multiplyAdds: threads * TW * OUT4 * 4 * taps,
      operations: threads * TW * 3,
      bytes: bytesOfSamples(facts, 0, samples) + threads * TW * 4,
      access: [
        {
          count: OUT4 * 3 * (TW + 2),
          bytes: vectorBytes,
          strideBytes: TW * vectorBytes,
          reuse: 3,
        },
        sameWeights(facts, taps * OUT4),
        { count: TW, bytes: 4, strideBytes: 4 * TW },
      ],
      registers: registersFor(4 * (2 * TW + 2) + 4),
      waits: 3 * OUT4,
    };
  },

  conv3x3_first_weight_gradient(facts) {
    const { constants: { OUT4, H, W }, threads } = facts;
    const samples = threads / OUT4;
    const plane = (H + 2) * (W + 2);
    return {
      work: `1→${4 * OUT4} at ${H}×${W}`,
      multiplyAdds: threads * H * W * 4 * taps,
      operations: 0,
      bytes: bytesOfSamples(facts, 0, samples) +
        bytesOfSamples(facts, 1, samples) + threads * taps * vectorBytes,
      access: [
        {
          count: 3 * H * (W + 2),
          bytes: 4,
          strideBytes: 4 * plane,
          sharedBy: OUT4,
          reuse: 3 * OUT4,
          walks: true,
        },
        {
          count: H * W,
          bytes: vectorBytes,
          strideBytes: vectorBytes * plane,
          walks: true,
        },
        { count: taps, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(4 * taps + taps + 4),
      waits: H * W,
    };
  },

  conv3x3_first_backward(facts) {
    const { constants: { OUT4, H, W, TH, PARTS }, groups, threads } = facts;
    const [samples] = groups;
    const columns = 3 * (TH + 2);
    const shares = threads / samples;
    const padded = (H + 2) * (W + 2);
    return {
      work: `1→${4 * OUT4} at ${H}×${W}`,
      // Of either gradient.
      multiplyAdds: 2 * threads * TH * OUT4 * 4 * taps,
      operations: samples * OUT4 * taps * 4 * (shares - 1),
      // Of every sum of shares a few threads of a subgroup have the work, which the others wait through.
      otherInstructions: threads * OUT4 * 4 * (shares / PARTS + PARTS),
      bytes: bytesOfSamples(facts, 0, samples) +
        bytesOfSamples(facts, 1, samples) +
        samples * (4 * H * W + taps * OUT4 * vectorBytes),
      access: [
        { count: padded / shares, bytes: 4, strideBytes: 4 },
        {
          count: padded / shares,
          bytes: 4,
          strideBytes: 4,
          memory: "workgroup",
        },
        sameWeights(facts, taps * OUT4),
        // Neighbours' columns are beside each other.
        {
          count: OUT4 * columns,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          reuse: 3,
        },
        {
          count: OUT4 * columns,
          bytes: 4,
          strideBytes: 4,
          memory: "workgroup",
        },
        // Shares stored, those of four threads' parts added, and the parts by some of the threads, while the others wait.
        {
          count: OUT4 * (taps + shares / PARTS + 1 + PARTS),
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        { count: OUT4, bytes: vectorBytes, strideBytes: vectorBytes * OUT4 },
        { count: TH, bytes: 4, strideBytes: 4 },
      ],
      // Its pixels, shares and weights, nine of x and one of ∂y.
      registers: registersFor(TH + 4 * taps + 4 * taps + 9 + 4),
      workgroupBytes: 4 * padded +
        vectorBytes * taps * (shares + 2 * PARTS),
      waits: 2 + OUT4 * (waitsOfSum(TH + 2) + waitsOfSum(shares / PARTS) + 4),
    };
  },
};

/** Weights that every thread reads alike. */
function sameWeights({ groupThreads }: DispatchFacts, count: number) {
  return { count, bytes: vectorBytes, strideBytes: 0, reuse: groupThreads };
}
