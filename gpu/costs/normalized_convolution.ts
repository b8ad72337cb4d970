import { vectorBytes } from "../tiles/vector_bytes.ts";
import { type CostRule, registersFor, taps, waitsOfSum } from "./cost.ts";
import { normalizing } from "./normalized_end.ts";

/** The first convolution with the normalisation after it. */
export const normalizedConvolutionCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_first_frn_tlu(
    { operands: [, , , y], constants: { W, KEEP }, threads, groupThreads },
  ) {
    const pixels = W / 4;
    const elements = 4 * threads * pixels;
    const maps = threads / groupThreads;
    const stored = (1 + KEEP) * elements * y.elementBytes;
    return {
      work: `1→${4 * y.shape[1]} at ${W}×${W}, FRN + TLU`,
      multiplyAdds: taps * elements,
      operations: normalizing * elements + 4 * maps * W,
      bytes: maps / y.shape[1] * (W + 2) ** 2 * 4 + stored,
      access: [
        { count: 3 * (pixels + 2), bytes: 4, strideBytes: 4 },
        { count: taps, bytes: vectorBytes, strideBytes: 0 },
        {
          count: (1 + KEEP) * pixels,
          bytes: 4 * y.elementBytes,
          strideBytes: 4 * y.elementBytes,
        },
        {
          count: pixels,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: 2 * W,
          bytes: 4,
          strideBytes: 4,
          memory: "workgroup",
        },
      ],
      registers: registersFor(4 * pixels + 3 * (pixels + 2) + 8),
      workgroupBytes: vectorBytes * (W * (W + 1) + W + 1),
      waits: 2 * waitsOfSum(W) + 4,
    };
  },
};
