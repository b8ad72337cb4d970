import { vectorBytes } from "../tiles/vector_bytes.ts";
import {
  type CostRule,
  lineBytes,
  plane,
  registersFor,
  waitsOfSum,
} from "./cost.ts";

/** The normalisations after a convolution by a thread for each row of a map. */
export const rowNormalizationCosts: Readonly<Record<string, CostRule>> = {
  input_frn_tlu_rows({ constants: { W }, threads, groupThreads }) {
    const pixels = threads * W;
    return {
      work: `1 at ${W}×${W}`,
      multiplyAdds: 2 * pixels,
      operations: 2 * pixels + threads * W,
      bytes: 2 * 4 * pixels,
      access: [
        { count: W / 4, bytes: vectorBytes, strideBytes: 4 * W, walks: true },
        { count: W, bytes: 4, strideBytes: 0, memory: "workgroup" },
        { count: W, bytes: 4, strideBytes: 4 },
        { count: W, bytes: 4, strideBytes: 4 },
      ],
      registers: registersFor(16),
      workgroupBytes: 4 * groupThreads,
      waits: waitsOfSum(2 * W + W / 4) + 2,
    };
  },

  frn_tlu_rows(
    { operands: [x, , , , , y], constants, uniform, threads, groupThreads },
  ) {
    const { DROPOUT } = constants;
    const [, , side] = uniform;
    const elements = 4 * threads * side;
    return {
      work: plane(x),
      multiplyAdds: 2 * elements,
      operations: (2 + 12 * DROPOUT) * elements + 4 * threads * side,
      bytes: elements * (x.elementBytes + y.elementBytes),
      access: [
        {
          count: side,
          bytes: 4 * x.elementBytes,
          strideBytes: side * 4 * x.elementBytes,
          walks: true,
        },
        {
          count: side,
          bytes: vectorBytes,
          strideBytes: 0,
          memory: "workgroup",
        },
        {
          count: side,
          bytes: 4 * x.elementBytes,
          strideBytes: 4 * x.elementBytes,
        },
        {
          count: side,
          bytes: 4 * y.elementBytes,
          strideBytes: 4 * y.elementBytes,
        },
      ],
      registers: registersFor(32 + 16 * DROPOUT),
      workgroupBytes: vectorBytes * groupThreads,
      waits: waitsOfSum(2 * side) + 2,
    };
  },

  frn_tlu_backward_rows(
    {
      operands: [x, , , , , dy, dx],
      constants,
      uniform,
      threads,
      groupThreads,
    },
  ) {
    const { DROPOUT, SEGMENT } = constants;
    const [, , side] = uniform;
    const elements = 4 * threads * side;
    const segments = side / SEGMENT;
    // Neighbours share a segment of a row, in a cache line of its own; of ∂x, behind its border, every second one lies in two.
    const apart = lineBytes / SEGMENT;
    return {
      work: plane(x),
      multiplyAdds: 4 * elements,
      operations: (9 + 24 * DROPOUT) * elements + 16 * threads * side,
      bytes: elements * (x.elementBytes + dy.elementBytes + dx.elementBytes),
      access: [
        {
          count: 2 * side,
          bytes: 4 * x.elementBytes,
          strideBytes: apart,
        },
        {
          count: 2 * side,
          bytes: 4 * dy.elementBytes,
          strideBytes: apart,
        },
        {
          count: side,
          bytes: 4 * dx.elementBytes,
          strideBytes: 1.5 * apart,
        },
        // What goes into workgroup memory and comes out of it, as it is loaded and by rows; then the sums of the rows.
        {
          count: 11 * side,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: 2 * side,
          bytes: vectorBytes,
          strideBytes: 0,
          memory: "workgroup",
        },
        { count: 4 / side, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(48 + 16 * DROPOUT),
      workgroupBytes: 2 * (SEGMENT * groupThreads + 8) * vectorBytes,
      waits: 5 * segments + 2 * waitsOfSum(side) + 4,
    };
  },
};
