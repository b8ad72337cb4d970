import { floatBytes, vectorBytes } from "../tiles/vector_bytes.ts";
import {
  type CostRule,
  registersFor,
  shareOfLoads,
  waitsOfSum,
} from "./cost.ts";
import { weightGradientWork } from "./dense.ts";

/** The matrix products by workgroups that share what they read. */
export const sharedDenseCosts: Readonly<Record<string, CostRule>> = {
  dense_shared({ operands: [a], constants, uniform, groupThreads, groups }) {
    const { TN, TO, ACROSS, SLAB4, AT_ONCE, ROW, TRANSPOSED } = constants;
    const [inputs4, outputs4, part4, count] = uniform;
    const [across, parts] = groups;
    const lanes = ACROSS / TO;
    const rows = groupThreads / lanes * TN;
    const slabs = part4 / SLAB4;
    const rowLoads = slabs * shareOfLoads(rows * SLAB4, groupThreads);
    const columnLoads = slabs *
      (TRANSPOSED === 1
        ? 4 * shareOfLoads(SLAB4 * ACROSS, groupThreads)
        : shareOfLoads(4 * SLAB4 * ACROSS, groupThreads));
    const termsBytes = AT_ONCE * floatBytes;
    // Of workgroups whose last rows are not there.
    const absent = across / (outputs4 / ACROSS) * rows - count;
    const weights = inputs4 * 4 * outputs4 * vectorBytes;
    return {
      work: `${4 * inputs4}→${4 * outputs4}`,
      multiplyAdds: count * inputs4 * outputs4 * 16,
      operations: 0,
      otherInstructions: absent * inputs4 * outputs4 * 16,
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
          count: 4 / AT_ONCE * rowLoads,
          bytes: termsBytes,
          strideBytes: termsBytes,
          memory: "workgroup",
        },
        {
          count: columnLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: slabs * SLAB4 * 4 / AT_ONCE * TN,
          bytes: termsBytes,
          strideBytes: ROW * termsBytes,
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
      // Its sums, terms of its rows, and of a term one block of columns after the other.
      registers: registersFor(4 * TN * TO + AT_ONCE * TN + 4),
      workgroupBytes: termsBytes * rows * ROW +
        vectorBytes * 4 * SLAB4 * ACROSS,
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
    const { operands: [y], constants, uniform, groupThreads, threads } = facts;
    const { TK, TO, ACROSS, SLAB } = constants;
    const [inputs4, outputs4, , samples] = uniform;
    const lanes = ACROSS / TO;
    const rows = groupThreads / lanes * TK;
    const slabs = samples / SLAB;
    const inputLoads = slabs * shareOfLoads(SLAB * rows, groupThreads);
    const gradientLoads = slabs * shareOfLoads(SLAB * ACROSS, groupThreads);
    return {
      ...weightGradientWork(facts),
      // Of workgroups whose last inputs are not there.
      otherInstructions: samples * 16 *
        (threads * TK * TO - inputs4 * outputs4),
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
