import { vectorBytes } from "../tiles/vector_bytes.ts";
import {
  type Access,
  type DispatchFacts,
  lineBytes,
  type Operand,
  subgroupThreads,
  waitsOfSum,
} from "./cost.ts";

/** Of FRN and TLU, an element: two multiply-adds, counted here so that those of a convolution are its own, a product and a comparison. */
export const normalizing = 6;

/** Of their backward pass: three multiply-adds, four products, a comparison, two choices and four sums. */
const normalizingBackward = 17;
/** Instructions of it that the threads of a row do one after the other: two multiply-adds, a product, a comparison, a choice, three sums. */
const inTurn = 8;

/** What an end of conv3x3_shared or conv3x3_square adds to the cost of the sums. */
export interface End {
  work: string;
  operations: number;
  /** Instructions that threads wait through while others of their subgroup have their turn, or add the rows of a map. */
  otherInstructions: number;
  /** How often each result is stored: where rows begin with a line of a cache, and behind a border. */
  stores: { aligned: number; bordered: number };
  /** What crosses the bus beside it. */
  bytes: number;
  access: Access[];
  /** Numbers of a thread that are alive: its sums, parameters of a channel, sums of a row and one pixel. */
  values: number;
  waits: number;
}

/** Where the threads of a workgroup are, of which the first have other channels of the same pixels. */
export interface Places {
  /** Blocks of channels that follow each other. */
  lanes: number;
  /** Squares of a column of pixels that one map has. */
  downOfMap: number;
  /** Of every thread, in order, its square's place in a row, and in a column of all maps that the workgroup has. */
  threads: readonly { column: number; row: number }[];
}

/** The places of threads of conv3x3_shared or conv3x3_square. */
export function placesOf(
  { constants, groupThreads }: DispatchFacts,
): Places {
  const { W, ROWS, TH, TW, TK, CH4, LANES = CH4 / TK, BELOW = 0 } = constants;
  const across = W / TW;
  const down = groupThreads / (LANES * across);
  const threads = Array.from({ length: groupThreads }, (_, thread) => {
    const at = Math.floor(thread / LANES);
    return BELOW === 1
      ? { column: Math.floor(at / down), row: at % down }
      : { column: at % across, row: Math.floor(at / across) };
  });
  return { lanes: LANES, downOfMap: ROWS / TH, threads };
}

/** The places of threads of conv3x3_transposed_square, two in a column for each block of its pixels. */
export function transposedPlacesOf(
  { constants, groupThreads }: DispatchFacts,
): Places {
  const { ROWS, SAMPLES, TH, LANES } = constants;
  const partners = groupThreads / 2;
  const down = SAMPLES * ROWS / (2 * TH);
  const threads = Array.from({ length: groupThreads }, (_, thread) => {
    const at = Math.floor(thread % partners / LANES);
    const half = Math.floor(thread / partners);
    return { column: Math.floor(at / down), row: 2 * (at % down) + half };
  });
  return { lanes: LANES, downOfMap: ROWS / TH, threads };
}

function subgroupsOf({ threads }: Places): Places["threads"][] {
  const subgroups: Places["threads"][] = [];
  for (let first = 0; first < threads.length; first += subgroupThreads) {
    subgroups.push(threads.slice(first, first + subgroupThreads));
  }
  return subgroups;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** How often a subgroup does what the threads of a row do one after the other. */
function turnsOf(places: Places): number {
  return mean(
    subgroupsOf(places).map((threads) =>
      new Set(threads.map(({ column }) => column)).size
    ),
  );
}

/** Share of the subgroups in which one of the first threads of a map, column by column, is. */
function shareOfFirst(places: Places, first: number): number {
  const { downOfMap } = places;
  return mean(
    subgroupsOf(places).map((threads) =>
      threads.some(({ column, row }) =>
          column * downOfMap + row % downOfMap < first
        )
        ? 1
        : 0
    ),
  );
}

/**
 * Distance of neighbours that stands for the lines of a cache that a subgroup touches where each thread has one of `columns` pixels:
 * neighbours in a row may share one, all others do not.
 *
 * @param bytes of a pixel of four channels
 * @param bordered whether rows lie behind borders, anywhere in a line, and else begin with one
 */
function strideOfLines(
  places: Places,
  columns: number,
  bytes: number,
  bordered: boolean,
): number {
  const apart = columns * bytes / lineBytes;
  const linesOfRow = (beside: number) =>
    bordered
      ? Math.min(beside, 1 + (beside - 1) * apart)
      : Math.min(beside, Math.ceil(beside * apart));
  const lines = mean(
    subgroupsOf(places).map((threads) => {
      const rows = new Map<number, Set<number>>();
      for (const { column, row } of threads) {
        rows.set(row, (rows.get(row) ?? new Set()).add(column));
      }
      const { lanes } = places;
      return lanes *
        [...rows.values()].reduce((sum, { size }) => sum + linesOfRow(size), 0);
    }),
  );
  return lines / Math.min(subgroupThreads, places.threads.length) * lineBytes;
}

/** The stores of an end, each result `pixels` times a thread, side by side in rows of `columns`. */
export function storesOf(
  { stores: { aligned, bordered } }: End,
  places: Places,
  { columns, pixels, bytes }: {
    columns: number;
    pixels: number;
    bytes: number;
  },
): Access[] {
  const all = [
    { times: aligned, isBordered: false },
    { times: bordered, isBordered: true },
  ];
  return all.filter(({ times }) => times > 0).map(({ times, isBordered }) => ({
    count: times * pixels,
    bytes,
    strideBytes: strideOfLines(places, columns, bytes, isBordered),
  }));
}

/**
 * What FRN, TLU and dropout add where they are at the end of conv3x3_shared or conv3x3_square, or their backward pass; without them the
 * results are stored, and no more.
 *
 * @param sumAccesses accesses of workgroup memory that a sum of a row takes, each way
 */
export function normalizedEnd(
  facts: DispatchFacts,
  places: Places,
  sumAccesses: 1 | 2,
): End {
  const { constants, operands, threads } = facts;
  const { W, ROWS, TH, TW, TK, DROPOUT, KEEP } = constants;
  const [, , , , kept, , partial] = operands;
  if (partial !== undefined) {
    return backwardEnd(facts, places, kept, sumAccesses);
  }
  if (KEEP === undefined) {
    return {
      work: "",
      operations: 0,
      otherInstructions: 0,
      stores: { aligned: 1, bordered: 0 },
      bytes: 0,
      access: [],
      values: 0,
      waits: 0,
    };
  }
  const blocks = threads * TH * TW * TK;
  const turns = turnsOf(places);
  const adding = shareOfFirst(places, 1);
  return {
    work: ", FRN + TLU",
    operations: (normalizing + 12 * DROPOUT) * 4 * blocks + 4 * blocks / W,
    otherInstructions: (turns - 1) * 4 * blocks +
      4 * ROWS * TK * adding * threads,
    stores: { aligned: KEEP, bordered: 1 },
    bytes: 0,
    access: [
      // Bias, γ, β and τ.
      {
        count: 4 * TK,
        bytes: vectorBytes,
        strideBytes: vectorBytes,
        period: places.lanes,
      },
      sumAccess(
        sumAccesses,
        TK * (turns * handedOn(W / TW) * TH + adding * (ROWS + 1) + 1),
      ),
    ],
    values: 4 * TH * TW * TK + 5 * 4,
    waits: 2 * W / TW + TK * waitsOfSum(ROWS) + 2,
  };
}

/** Accesses of a sum that `across` threads have in turn: each stores it, and all but the first load it. */
function handedOn(across: number): number {
  return 2 - 1 / across;
}

/** Sums of rows that threads store or load, neighbours beside each other. */
function sumAccess(sumAccesses: 1 | 2, count: number): Access {
  const bytes = vectorBytes / sumAccesses;
  return {
    count: sumAccesses * count,
    bytes,
    strideBytes: bytes,
    memory: "workgroup",
  };
}

/** Of their backward pass, which loads x twice. */
function backwardEnd(
  facts: DispatchFacts,
  places: Places,
  { elementBytes }: Operand,
  sumAccesses: 1 | 2,
): End {
  const { constants: { W, ROWS, TH, TW, TK }, threads } = facts;
  const across = W / TW;
  const pixels = TH * TW * TK;
  const elements = 4 * threads * pixels;
  const maps = threads * pixels / (W * W);
  const turns = turnsOf(places);
  const adding = shareOfFirst(places, 3) + shareOfFirst(places, 1);
  const waitsForX = TK * TH * waitsOfSum(TW);
  return {
    work: ", FRN + TLU backward",
    operations: normalizingBackward * elements + 4 * 4 * ROWS * maps,
    // Every turn loads x, four channels at once.
    otherInstructions: (turns - 1) * (inTurn + 1 + 2 / 4) * elements +
      4 * ROWS * TK * adding * threads,
    stores: { aligned: 0, bordered: 1 },
    bytes: elements * elementBytes + 5 * maps * vectorBytes,
    access: [
      {
        count: pixels,
        bytes: 4 * elementBytes,
        // Those of a row have their turns one after the other, and those of other rows and channels read other lines.
        strideBytes: lineBytes,
        walks: true,
      },
      {
        count: pixels,
        bytes: 4 * elementBytes,
        strideBytes: strideOfLines(places, TW, 4 * elementBytes, false),
        walks: true,
      },
      {
        count: (4 * turns + 2) * TK,
        bytes: vectorBytes,
        strideBytes: vectorBytes,
        period: places.lanes,
      },
      {
        count: adding * TK,
        bytes: vectorBytes,
        strideBytes: vectorBytes,
      },
      sumAccess(
        sumAccesses,
        TK * (turns * 4 * handedOn(across) * TH + adding * ROWS + 2),
      ),
    ],
    values: 4 * pixels + 8 * 4,
    waits: across * (waitsForX + 1) + TK * waitsOfSum(ROWS) + 1 +
      waitsForX + 2 * across + TK * waitsOfSum(ROWS) + 1,
  };
}
