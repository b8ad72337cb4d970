import { vectorBytes } from "../tiles/vector_bytes.ts";
import {
  type Cost,
  type CostRule,
  type DispatchFacts,
  registersFor,
} from "./cost.ts";

/** Elements of the window that a uniform binding has. */
const uniformWindow = 16384;

/** The 8×8 convolution as a matrix product, and its gradients. */
export const denseCosts: Readonly<Record<string, CostRule>> = {
  dense({ operands: [y], constants: { TN, TO }, uniform, threads, ...facts }) {
    const [inputs4, outputs4] = uniform;
    const across = outputs4 / TO;
    const samples = threads * TN / across;
    return {
      work: `${4 * inputs4}→${4 * outputs4}`,
      multiplyAdds: threads * inputs4 * TN * TO * 16,
      operations: 0,
      bytes: samples * (4 * inputs4 * y.elementBytes + outputs4 * vectorBytes) +
        inputs4 * outputs4 * 4 * vectorBytes,
      access: [
        {
          count: inputs4 * 4 * TO,
          bytes: vectorBytes,
          strideBytes: TO * vectorBytes,
          period: across,
          reuse: Math.max(1, facts.groupThreads / across),
        },
        {
          count: inputs4 * TN,
          bytes: 4 * y.elementBytes,
          strideBytes: TN * 4 * inputs4 * y.elementBytes,
          sharedBy: across,
          reuse: Math.min(across, facts.groupThreads),
          walks: true,
        },
        { count: TN * TO, bytes: vectorBytes, strideBytes: TO * vectorBytes },
      ],
      registers: registersFor(4 * (TN * TO + 4 * TO + 2)),
      waits: inputs4,
    };
  },

  dense_input_gradient(
    { operands: [dz], constants: { TN, TK }, uniform, threads, groupThreads },
  ) {
    const [inputs4, outputs4] = uniform;
    const across = inputs4 / TK;
    const samples = threads * TN / across;
    return {
      work: `${4 * outputs4}→${4 * inputs4}`,
      multiplyAdds: threads * outputs4 * TN * TK * 16,
      operations: threads * TN * TK * 4 * 7,
      bytes: samples * (inputs4 + outputs4) * vectorBytes +
        inputs4 * outputs4 * 4 * vectorBytes,
      access: [
        {
          count: outputs4 * 4 * TK,
          bytes: vectorBytes,
          strideBytes: 4 * TK * outputs4 * vectorBytes,
          walks: true,
        },
        {
          count: outputs4 * TN,
          bytes: vectorBytes,
          strideBytes: 0,
          reuse: groupThreads,
          memory: dz.size === uniformWindow ? "uniform" : "buffer",
        },
        { count: TN * TK, bytes: vectorBytes, strideBytes: TK * vectorBytes },
      ],
      registers: registersFor(4 * (4 * TK * TN + 4 * TK + 1)),
      waits: outputs4,
    };
  },

  dense_weight_gradient(facts) {
    const { operands: [y], constants: { TK, TO }, uniform, groupThreads } =
      facts;
    const [, outputs4, , samples] = uniform;
    const across = outputs4 / TO;
    return {
      ...weightGradientWork(facts),
      access: [
        {
          count: samples * TO,
          bytes: vectorBytes,
          strideBytes: TO * vectorBytes,
          period: across,
          reuse: Math.max(1, groupThreads / across),
        },
        {
          count: samples * TK,
          bytes: 4 * y.elementBytes,
          strideBytes: TK * 4 * y.elementBytes,
          sharedBy: across,
          reuse: Math.min(across, groupThreads),
        },
        {
          count: 2 * 4 * TK * TO,
          bytes: vectorBytes,
          strideBytes: TO * vectorBytes,
        },
      ],
      waits: samples,
    };
  },
};

/** What a weight gradient computes and moves, whoever shares what they read: a thread owns 4·TK inputs by 4·TO outputs. */
export function weightGradientWork(
  { operands: [y], constants: { TK, TO }, uniform }: DispatchFacts,
): Pick<Cost, "work" | "multiplyAdds" | "operations" | "bytes" | "registers"> {
  const [inputs4, outputs4, , samples] = uniform;
  return {
    work: `${4 * inputs4}→${4 * outputs4}`,
    multiplyAdds: samples * inputs4 * outputs4 * 16,
    operations: 0,
    bytes: samples * (4 * inputs4 * y.elementBytes + outputs4 * vectorBytes) +
      2 * inputs4 * outputs4 * 4 * vectorBytes,
    registers: registersFor(4 * (4 * TK * TO + TO + 1)),
  };
}
