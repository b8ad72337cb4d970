import { vectorBytes } from "../tiles/vector_bytes.ts";
import { bytesOf, type CostRule, registersFor, waitsOfSum } from "./cost.ts";

/** What networks for inference alone have: normalisation of the patch, activations, pooling, convolutions without padding. */
export const inferenceCosts: Readonly<Record<string, CostRule>> = {
  normalize_patch({ constants: { H, W, BORDER, OF_SET }, threads }) {
    const pixels = H * W;
    const passes = OF_SET === 1 ? 1 : 3;
    return {
      work: `1 at ${H}×${W}`,
      multiplyAdds: (passes - 1) / 2 * threads * pixels,
      operations: threads * (passes + 2) * 2 * pixels,
      bytes: threads * 2 * pixels * 4,
      access: [
        {
          count: passes * pixels / 4,
          bytes: vectorBytes,
          strideBytes: 4 * pixels,
          walks: true,
        },
        {
          count: pixels,
          bytes: 4,
          strideBytes: 4 * (H + 2 * BORDER) * (W + 2 * BORDER),
        },
      ],
      registers: registersFor(16),
      waits: waitsOfSum(passes * pixels / 4),
    };
  },

  activate({ operands: [x], constants: { H, W, BORDER, TANH }, threads }) {
    const elements = 4 * threads * W;
    return {
      work: `${x.shape[1] * 4} at ${H}×${W}`,
      multiplyAdds: 0,
      operations: (TANH === 1 ? 8 : 1) * elements,
      bytes: 2 * 4 * elements,
      access: [
        {
          count: W,
          bytes: vectorBytes,
          strideBytes: W * vectorBytes,
          walks: true,
        },
        {
          count: W,
          bytes: vectorBytes,
          strideBytes: (W + 2 * BORDER) * vectorBytes,
        },
      ],
      registers: registersFor(12),
      waits: waitsOfSum(W),
    };
  },

  max_pool({ operands: [x], constants: { W }, threads }) {
    const elements = 4 * threads * W;
    return {
      work: `${x.shape[1] * 4} at ${W}×${W}`,
      multiplyAdds: 0,
      operations: 3 * elements,
      bytes: 5 * 4 * elements,
      access: [
        {
          count: 4 * W,
          bytes: vectorBytes,
          strideBytes: 4 * W * vectorBytes,
          walks: true,
        },
        { count: W, bytes: vectorBytes, strideBytes: W * vectorBytes },
      ],
      registers: registersFor(20),
      waits: waitsOfSum(W),
    };
  },

  conv_valid({ operands: [x, w, bias, y], constants, threads, groupThreads }) {
    const { CV, V, P, OUT4, H, W, TW, KB } = constants;
    const taps = CV * V * P * P;
    const samples = threads * TW * KB / (OUT4 * H * W);
    const perSample = CV * V * (H + P - 1) * (W + P - 1);
    return {
      work: `${CV * V}→${4 * OUT4} at ${H}×${W}, ${P}×${P}`,
      multiplyAdds: threads * taps * TW * KB * 4,
      operations: 0,
      bytes: samples * (perSample * x.elementBytes + 4 * OUT4 * H * W * 4) +
        bytesOf(w, bias),
      access: [
        {
          count: taps * TW * KB,
          bytes: x.elementBytes,
          strideBytes: TW * V * x.elementBytes,
          walks: true,
          reuse: P * KB,
        },
        {
          count: taps * KB,
          bytes: vectorBytes,
          strideBytes: 0,
          reuse: groupThreads,
        },
        {
          count: TW * KB,
          bytes: 4 * y.elementBytes,
          strideBytes: TW * vectorBytes,
        },
      ],
      registers: registersFor(4 * (TW * KB + 2)),
      waits: taps,
    };
  },

  tanh_descriptor({ operands: [z, bias], constants: { C4 }, threads }) {
    const samples = Math.min(threads, z.shape[0]);
    const elements = samples * 4 * C4;
    return {
      work: "",
      multiplyAdds: 0,
      operations: 9 * elements,
      bytes: 2 * elements * 4 + bytesOf(bias),
      access: [
        {
          count: C4,
          bytes: vectorBytes,
          strideBytes: C4 * vectorBytes,
          walks: true,
        },
        { count: C4, bytes: vectorBytes, strideBytes: 0 },
        { count: 4 * C4, bytes: 4, strideBytes: 4 },
      ],
      registers: registersFor(16),
      waits: waitsOfSum(C4),
    };
  },
};
