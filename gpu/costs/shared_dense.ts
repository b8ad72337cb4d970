import {
  type CostRule,
  registersFor,
  vectorBytes,
  waitsOfSum,
} from "./cost.ts";
import { weightGradientWork } from "./dense.ts";

/** The matrix products by workgroups that share what they read. */
export const sharedDenseCosts: Readonly<Record<string, CostRule>> = {
  dense_shared({ operands: [a], constants, uniform, groupThreads, groups }) {
    const { TN, TO, ACROSS, SLAB4, ROW, COLUMNS, TRANSPOSED } = constants;
    const [inputs4, outputs4, part4, count] = uniform;
    const [, parts] = groups;
    const lanes = ACROSS / TO;
    const rows = groupThreads / lanes * TN;
    const slabs = part4 / SLAB4;
    const rowLoads = slabs * rows * SLAB4 / groupThreads;
    const columnLoads = slabs * 4 * SLAB4 * ACROSS / groupThreads;
    const weights = inputs4 * 4 * outputs4 * vectorBytes;
    return {
      work: `${4 * inputs4}→${4 * outputs4}`,
      multiplyAdds: count * inputs4 * outputs4 * 16,
      operations: 0,
      bytes: count * inputs4 * 4 * a.elementBytes + weights +
        parts * count * outputs4 * vectorBytes,
      access: [
        // Of a row SLAB4 vec4 lie together, and the next ones behind them.
        {
          count: rowLoads,
          bytes: 4 * a.elementBytes,
          strideBytes: inputs4 * 4 * a.elementBytes,
          sharedBy: SLAB4,
          walks: true,
        },
        {
          count: columnLoads,
          bytes: vectorBytes,
          ...(TRANSPOSED === 1
            ? { strideBytes: 4 * inputs4 * vectorBytes, sharedBy: SLAB4 }
            : { strideBytes: vectorBytes }),
        },
        {
          count: rowLoads + columnLoads,
          bytes: vectorBytes,
          // Transposed, every other one meets the same bank.
          strideBytes: (1 + TRANSPOSED) * vectorBytes,
          memory: "workgroup",
        },
        {
          count: slabs * SLAB4 * TN,
          bytes: vectorBytes,
          strideBytes: ROW * vectorBytes,
          sharedBy: lanes,
          memory: "workgroup",
        },
        {
          count: slabs * SLAB4 * 4 * TO,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: lanes,
          memory: "workgroup",
        },
        { count: TN * TO, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(4 * (TN * TO + TN + TO)),
      workgroupBytes: vectorBytes * (rows * ROW + 4 * SLAB4 * COLUMNS),
      // For what is loaded, and for the others.
      waits: 2 * slabs,
    };
  },

  dense_sum({ uniform: [parts, size] }) {
    return {
      work: `${parts} parts of ${4 * size}`,
      multiplyAdds: 0,
      operations: 4 * parts * size,
      bytes: (parts + 1) * size * vectorBytes,
      access: [
        { count: parts, bytes: vectorBytes, strideBytes: vectorBytes },
        { count: 1, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(8),
      waits: waitsOfSum(parts),
    };
  },

  dense_weight_gradient_shared(facts) {
    const { operands: [y], constants, uniform, groupThreads } = facts;
    const { TK, TO, ACROSS, SLAB } = constants;
    const samples = uniform[3];
    const lanes = ACROSS / TO;
    const rows = groupThreads / lanes * TK;
    const inputLoads = samples * rows / groupThreads;
    const gradientLoads = samples * ACROSS / groupThreads;
    return {
      ...weightGradientWork(facts),
      access: [
        {
          count: inputLoads,
          bytes: 4 * y.elementBytes,
          strideBytes: 4 * y.elementBytes,
        },
        { count: gradientLoads, bytes: vectorBytes, strideBytes: vectorBytes },
        {
          count: inputLoads + gradientLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: samples * TK,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          sharedBy: lanes,
          memory: "workgroup",
        },
        {
          count: samples * TO,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: lanes,
          memory: "workgroup",
        },
        {
          count: 2 * 4 * TK * TO,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
        },
      ],
      workgroupBytes: vectorBytes * SLAB * (rows + ACROSS),
      waits: 2 * Math.ceil(samples / SLAB),
    };
  },
};
