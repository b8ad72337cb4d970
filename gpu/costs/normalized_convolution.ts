import {
  type Access,
  type CostRule,
  type DispatchFacts,
  type Operand,
  registersFor,
  taps,
  vectorBytes,
  waitsOfSum,
} from "./cost.ts";

/** Of FRN and TLU, an element: two multiply-adds, counted here so that those of a convolution are its own, a product and a comparison. */
const normalizing = 6;

/** Of their backward pass: three multiply-adds, four products, a comparison, two choices and four sums. */
const normalizingBackward = 17;

/** Threads that go in step on most GPUs. */
const subgroupThreads = 32;

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

/** What an end of conv3x3_shared or conv3x3_square adds to the cost of the sums. */
interface End {
  work: string;
  operations: number;
  /** How often each result is stored, as `y` is. */
  stores: number;
  /** What crosses the bus beside it. */
  bytes: number;
  access: Access[];
  workgroupVectors: number;
  waits: number;
}

/**
 * What FRN, TLU and dropout add where they are at the end of conv3x3_shared or conv3x3_square, or their backward pass at the end of the first;
 * without them the results are stored, and no more.
 */
export function normalizedEnd(facts: DispatchFacts): End {
  const { constants, operands, threads, groupThreads } = facts;
  const { W, SAMPLES, ROWS, TH, TW, TK, CH4, DROPOUT, KEEP } = constants;
  const [, , , , kept, , partial] = operands;
  if (partial !== undefined) return backwardEnd(facts, kept);
  if (KEEP === undefined) {
    return {
      work: "",
      operations: 0,
      stores: 1,
      bytes: 0,
      access: [],
      workgroupVectors: 0,
      waits: 0,
    };
  }
  const blocks = threads * TH * TW * TK;
  // A subgroup waits while others of its threads hand their rows on, and where one adds the rows of a map.
  const handed = 2 * TH * W / TW;
  const adding = Math.min(1, SAMPLES * subgroupThreads / groupThreads);
  const access: Access = {
    count: TK * (handed + adding * (ROWS + 1) + 1),
    bytes: vectorBytes,
    strideBytes: vectorBytes,
    memory: "workgroup",
  };
  return {
    work: ", FRN + TLU",
    operations: (normalizing + 12 * DROPOUT) * 4 * blocks + 4 * blocks / W,
    stores: 1 + KEEP,
    bytes: 0,
    access: [access],
    workgroupVectors: SAMPLES * ROWS * CH4,
    waits: W / TW + TK * waitsOfSum(ROWS) + 1,
  };
}

/** Of their backward pass, which loads x twice. */
function backwardEnd(
  { constants: { W, SAMPLES, ROWS, TW, TK, CH4 }, threads }: DispatchFacts,
  { elementBytes }: Operand,
): End {
  const across = W / TW;
  const pixels = TW * TK;
  const elements = 4 * threads * pixels;
  const maps = threads * pixels / (W * W);
  return {
    work: ", FRN + TLU backward",
    // All threads of a map add the rows of one sum, one each those of the others.
    operations: normalizingBackward * elements +
      4 * ROWS * (threads * TK + 3 * maps),
    stores: 1,
    bytes: elements * elementBytes + 5 * maps * vectorBytes,
    access: [
      {
        count: 2 * pixels,
        bytes: 4 * elementBytes,
        // Neighbours have other channels here too.
        strideBytes: W * W * 4 * elementBytes,
        walks: true,
      },
      {
        count: 5 * TK,
        bytes: vectorBytes,
        strideBytes: vectorBytes,
        period: CH4 / TK,
      },
      {
        count: TK * 4 / (ROWS * across),
        bytes: vectorBytes,
        strideBytes: vectorBytes,
      },
      {
        count: TK * (2 * ROWS + 8),
        bytes: vectorBytes,
        strideBytes: vectorBytes,
        memory: "workgroup",
      },
    ],
    workgroupVectors: 3 * SAMPLES * ROWS * CH4,
    waits: across * TK * waitsOfSum(TW) + TK * waitsOfSum(TW) +
      2 * TK * waitsOfSum(ROWS) + 2 * across + 2,
  };
}
