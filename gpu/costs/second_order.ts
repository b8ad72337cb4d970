import { type Cost, type CostRule, registersFor, waitsOfSum } from "./cost.ts";

/** Bytes of a number. */
const word = 4;
/** Lists of neighbours of a class. */
const lists = 4;
/** Comparisons of a pair of classes with its lists, both ways round. */
const membership = 3 * 2 * lists;

/** Loads of a thread that compares one class with `others`: of four distances, and of the reach of both. */
function membershipLoads(others: number): Cost["access"] {
  return [
    { count: 3 * others, bytes: word, strideBytes: word },
    // The column of the distances from left to right.
    { count: others, bytes: word, strideBytes: word, walks: true },
    { count: 2 * 2 * lists * others, bytes: word, strideBytes: word, reuse: 4 },
  ];
}

/** SOSNet's second-order term and its gradient. */
export const secondOrderCosts: Readonly<Record<string, CostRule>> = {
  view_distances(
    { operands: [x], uniform: [classes], constants: { DIMENSION, COLUMNS } },
  ) {
    const pairs = classes ** 2;
    return {
      work: `${classes} classes`,
      multiplyAdds: 3 * DIMENSION * pairs,
      operations: 3 * (DIMENSION + 2) * pairs,
      bytes: word * (x.size + 3 * pairs),
      access: [
        { count: 2 * DIMENSION, bytes: word, strideBytes: 2 * word },
        {
          count: 2 * DIMENSION * COLUMNS,
          bytes: word,
          strideBytes: 0,
          reuse: 32,
        },
        { count: 3 * COLUMNS, bytes: word, strideBytes: word * classes },
      ],
      registers: registersFor(3 * COLUMNS + COLUMNS + 8),
      waits: waitsOfSum(DIMENSION),
    };
  },

  neighbour_reach({ uniform: [classes], constants: { NEIGHBOURS } }) {
    const candidates = lists * classes ** 2;
    return {
      work: `${classes} classes`,
      multiplyAdds: 0,
      operations: (2 + 5 * NEIGHBOURS) * candidates,
      bytes: word * (3 * classes ** 2 + 2 * lists * classes),
      access: [
        {
          count: classes,
          bytes: word,
          strideBytes: word * classes,
          walks: true,
        },
        { count: 2, bytes: word, strideBytes: word },
      ],
      registers: registersFor(2 * NEIGHBOURS + 8),
      waits: waitsOfSum(classes),
    };
  },

  second_order_roots({ uniform: [classes] }) {
    const pairs = classes ** 2;
    return {
      work: `${classes} classes`,
      multiplyAdds: pairs,
      operations: (membership + 2) * pairs,
      bytes: word * (3 * pairs + 2 * lists * classes + 6 * classes),
      access: membershipLoads(classes),
      registers: registersFor(24),
      waits: waitsOfSum(classes),
    };
  },

  second_order_coefficients({ uniform: [classes] }) {
    const pairs = classes ** 2;
    return {
      work: `${classes} classes`,
      multiplyAdds: 0,
      operations: (membership + 7) * pairs,
      bytes: word * (5 * pairs + 2 * lists * classes + classes),
      access: [
        ...membershipLoads(1),
        { count: 2, bytes: word, strideBytes: word },
        { count: 2, bytes: word, strideBytes: word },
      ],
      registers: registersFor(24),
      waits: 2,
    };
  },

  second_order_gradient(
    { operands: [x], uniform: [classes], constants: { DIMENSION, CHUNK } },
  ) {
    // As many as if all were neighbours.
    const products = 2 * classes ** 2 * DIMENSION;
    return {
      work: `${classes} classes`,
      multiplyAdds: products,
      operations: products,
      bytes: word * (3 * x.size + 2 * classes ** 2),
      access: [
        { count: classes, bytes: word, strideBytes: word / 2, sharedBy: 2 },
        { count: classes * CHUNK, bytes: word, strideBytes: 0, reuse: 16 },
        { count: 3 * CHUNK, bytes: word, strideBytes: word },
      ],
      registers: registersFor(2 * CHUNK + 12),
      waits: classes,
    };
  },
};
