import { pairBytes, vectorBytes } from "../tiles/vector_bytes.ts";
import { bytesOfSamples } from "./convolution.ts";
import {
  type Access,
  type CostRule,
  type DispatchFacts,
  type Operand,
  registersFor,
  shareOfLoads,
} from "./cost.ts";

/** The weight gradients of convolutions by workgroups that share what they read. */
export const sharedWeightGradientCosts: Readonly<Record<string, CostRule>> = {
  conv3x3_weight_gradient_window(facts) {
    const { constants, uniform, groupThreads } = facts;
    const { W, STRIP, HEIGHT, SAMPLES, ROWS, IN4, ACROSS } = constants;
    const { COLUMN, PIXEL } = constants;
    const [inputs4, outputs4, height] = uniform;
    const rows = Math.min(height, ROWS);
    const strips = SAMPLES * (W / STRIP);
    const trips = strips * rows / HEIGHT;
    const xRows = HEIGHT + 2;
    const sums = 9 * 2;
    const samples = facts.threads / (2 * inputs4 * outputs4) /
      (height / rows) * SAMPLES;
    const rowOfInput = (STRIP + 2) * IN4;
    // Of the first rows of ∂y two rows more.
    const inputLoads = strips *
      (shareOfLoads(xRows * rowOfInput, groupThreads) +
        (rows / HEIGHT - 1) * shareOfLoads(HEIGHT * rowOfInput, groupThreads));
    const gradientLoads = trips *
      shareOfLoads(HEIGHT * STRIP * ACROSS, groupThreads);
    const traffic = trafficOf(facts, {
      samples,
      inputLoads,
      gradientLoads,
      sums,
    });
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${height}×${W}, stride 1`,
      multiplyAdds: facts.threads * trips * STRIP * HEIGHT * sums * 4,
      operations: 0,
      // For every two columns two columns of pairs move.
      otherInstructions: facts.threads * trips * (STRIP / 2) * 2 * 2 * xRows,
      bytes: traffic.bytes,
      access: [
        ...traffic.access,
        {
          count: 2 * inputLoads,
          bytes: pairBytes,
          strideBytes: COLUMN * pairBytes,
          memory: "workgroup",
        },
        {
          count: gradientLoads,
          bytes: vectorBytes,
          strideBytes: PIXEL * vectorBytes,
          memory: "workgroup",
        },
        // Two columns before the first.
        {
          count: trips * xRows * (STRIP + 2),
          bytes: pairBytes,
          strideBytes: pairBytes,
          sharedBy: ACROSS,
          memory: "workgroup",
        },
        {
          count: trips * HEIGHT * STRIP,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: ACROSS,
          memory: "workgroup",
        },
      ],
      // The sums, two columns of pairs of x and three of the newest, and a pixel of ∂y.
      registers: registersFor(4 * sums + 2 * (2 * xRows + 3) + 4),
      workgroupBytes: pairBytes * xRows * (STRIP + 2) * COLUMN +
        vectorBytes * HEIGHT * STRIP * PIXEL,
      // For what is loaded, and for the others.
      waits: 2 * trips,
    };
  },

  conv3x3_weight_gradient_shared(facts) {
    const { constants, uniform, groupThreads } = facts;
    const { W, STRIP, SAMPLES, ROWS, TK, IN4, ACROSS, PIXEL } = constants;
    const [inputs4, outputs4, height] = uniform;
    const lanes = ACROSS / TK;
    const rows = Math.min(height, ROWS);
    const strips = SAMPLES * (W / STRIP);
    const trips = strips * rows / 2;
    const columns = 2 * STRIP + 1;
    const sums = 3 * 4 * TK;
    const samples = facts.threads / (3 * inputs4 * outputs4 / TK) /
      (height / rows) * SAMPLES;
    const rowOfInput = columns * IN4;
    // Of the first two rows of ∂y a row more.
    const inputLoads = strips *
      (shareOfLoads(5 * rowOfInput, groupThreads) +
        (rows / 2 - 1) * shareOfLoads(4 * rowOfInput, groupThreads));
    const gradientLoads = trips *
      shareOfLoads(2 * STRIP * ACROSS, groupThreads);
    const traffic = trafficOf(facts, {
      samples,
      inputLoads,
      gradientLoads,
      sums,
    });
    return {
      work: `${4 * inputs4}→${4 * outputs4} at ${height}×${W}, stride 2`,
      multiplyAdds: facts.threads * strips * rows * STRIP * sums * 4,
      operations: 0,
      bytes: traffic.bytes,
      access: [
        ...traffic.access,
        {
          count: inputLoads,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          memory: "workgroup",
        },
        {
          count: gradientLoads,
          bytes: vectorBytes,
          strideBytes: PIXEL * vectorBytes,
          memory: "workgroup",
        },
        // A pixel before the first.
        {
          count: strips * rows * columns,
          bytes: vectorBytes,
          strideBytes: columns * vectorBytes,
          sharedBy: lanes,
          memory: "workgroup",
        },
        {
          count: strips * rows * STRIP * TK,
          bytes: vectorBytes,
          strideBytes: vectorBytes,
          period: lanes,
          memory: "workgroup",
        },
      ],
      // The sums, a pixel of x and one of ∂y.
      registers: registersFor(4 * (sums + 1 + TK)),
      workgroupBytes: vectorBytes *
        (5 * IN4 * columns + 2 * STRIP * PIXEL),
      // For what is loaded, and for the others.
      waits: 2 * trips,
    };
  },
};

/** What such a kernel brings from memory and takes there: x and ∂y of some samples, and a thread's partial sums. */
function trafficOf(
  facts: DispatchFacts,
  { samples, inputLoads, gradientLoads, sums }: {
    samples: number;
    /** of a thread, as the next two */
    inputLoads: number;
    gradientLoads: number;
    sums: number;
  },
): { bytes: number; access: Access[] } {
  const { operands: [x, dy, partial], uniform: [inputs4], threads } = facts;
  const loads = (count: number, { elementBytes }: Operand): Access => ({
    count,
    bytes: 4 * elementBytes,
    strideBytes: 4 * elementBytes,
  });
  return {
    bytes: bytesOfSamples(facts, 0, samples) +
      bytesOfSamples(facts, 1, samples) +
      threads * sums * 4 * partial.elementBytes,
    access: [
      loads(inputLoads, x),
      loads(gradientLoads, dy),
      // Four neighbours' lie together.
      {
        count: sums,
        bytes: vectorBytes,
        strideBytes: inputs4 * 144 * vectorBytes,
        sharedBy: 4,
      },
    ],
  };
}
