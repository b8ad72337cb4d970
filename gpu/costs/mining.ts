import { vectorBytes } from "../tiles/vector_bytes.ts";
import { type CostRule, registersFor, waitsOfSum } from "./cost.ts";

/** Bytes of one number. */
const word = 4;
/** Components of a descriptor, and the rows that lie in one block. */
const dimension = 128;
const rowsOfBlock = 32;

/** What finds the hardest pairs of a batch. */
export const miningCosts: Readonly<Record<string, CostRule>> = {
  hardest_positive({ operands: [x, , starts], uniform: [rows] }) {
    const perClass = rows / (starts.size - 1);
    const pairs = rows * perClass;
    return {
      work: `${rows} rows`,
      multiplyAdds: dimension * pairs,
      operations: 6 * pairs,
      bytes: word * (x.size + 3 * rows),
      access: [
        {
          count: dimension * perClass,
          bytes: word,
          strideBytes: word,
          reuse: perClass,
        },
        {
          count: dimension * perClass,
          bytes: word,
          strideBytes: word * perClass,
          sharedBy: perClass,
          reuse: perClass,
        },
      ],
      registers: registersFor(12),
      waits: waitsOfSum(dimension * perClass),
    };
  },

  hardest_negative_tile(
    {
      operands: [x],
      uniform: [rows, blocks, tileBlocks],
      constants: { VECTORS, RELOAD, DIMENSION },
      groups,
      groupThreads,
    },
  ) {
    const columns = tileBlocks * rowsOfBlock;
    const all = blocks * rowsOfBlock;
    const pairs = all * all;
    const trips = columns / 8 * DIMENSION;
    return {
      work: `${rows} rows`,
      multiplyAdds: DIMENSION * pairs,
      operations: 8 * pairs,
      bytes: word * (x.size + 2 * all * (groups[1] + 1)),
      access: [
        {
          count: trips * VECTORS,
          bytes: vectorBytes,
          strideBytes: VECTORS * vectorBytes,
          reuse: columns / 8,
        },
        {
          count: trips * 2,
          bytes: vectorBytes,
          strideBytes: 0,
          reuse: groupThreads,
        },
        // Of the rows a label, a distance and an index.
        {
          count: (1 + RELOAD * columns / 8) * VECTORS * 4,
          bytes: word,
          strideBytes: VECTORS * vectorBytes,
          walks: true,
          reuse: 1 + RELOAD * columns / 8,
        },
        {
          count: (1 + RELOAD * columns / 8) * VECTORS * 2,
          bytes: vectorBytes,
          strideBytes: VECTORS * vectorBytes,
          reuse: 1 + RELOAD * columns / 8,
        },
        // A column's label.
        { count: columns, bytes: word, strideBytes: 0, reuse: groupThreads },
      ],
      // The sums, the best found and what is known of the rows; where that is kept while they grow, rows and columns as well.
      registers: registersFor(VECTORS * 4 * (8 + 5) + 12 * (1 - RELOAD)),
      waits: waitsOfSum(trips),
    };
  },

  hardest_negative({ uniform: [rows, , tiles] }) {
    return {
      work: `${rows} rows`,
      multiplyAdds: 0,
      operations: rows * tiles,
      bytes: word * 2 * rows * (tiles + 1),
      access: [{ count: 2 * tiles, bytes: word, strideBytes: word }],
      registers: registersFor(6),
      waits: waitsOfSum(tiles),
    };
  },

  hardest_pair({ operands: [starts, distance], uniform: [classes] }) {
    const perClass = distance.size / (starts.size - 1);
    return {
      work: `${classes} classes`,
      multiplyAdds: 0,
      operations: 2 * distance.size,
      bytes: word * (starts.size + 4 * distance.size + 4 * classes),
      access: [
        {
          count: 4 * perClass,
          bytes: word,
          strideBytes: word * perClass,
          reuse: 2,
        },
        { count: 1, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(8),
      waits: perClass + 1,
    };
  },
};
