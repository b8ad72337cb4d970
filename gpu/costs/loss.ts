import { vectorBytes } from "../tiles/vector_bytes.ts";
import { type Cost, type CostRule, registersFor, waitsOfSum } from "./cost.ts";

/** Bytes of one number. */
const word = 4;
/** Bytes of two numbers. */
const pair = 8;
/** Components of a descriptor. */
const dimension = 128;

/** Terms of a class: from its two distances and `read` further bytes to `written` bytes, `operations` on the way. */
function termsCost(
  classes: number,
  operations: number,
  { read, written }: { read: number; written: number },
): Cost {
  return {
    work: `${classes} classes`,
    multiplyAdds: 2 * classes,
    operations: operations * classes,
    bytes: classes * (pair + read + written),
    access: [
      { count: (pair + read + written) / pair, bytes: pair, strideBytes: pair },
    ],
    registers: registersFor(16),
    waits: 1,
  };
}

/** Sums over all classes in a few threads: `passes` over the distances, `operations` for each of them and thread. */
function runningCost(
  classes: number,
  { passes, operations, sums }: Record<
    "passes" | "operations" | "sums",
    number
  >,
): Cost {
  return {
    work: `${classes} classes`,
    multiplyAdds: 9 * passes * sums * classes,
    operations: operations * passes * sums * classes,
    bytes: classes * pair + 16 * word,
    access: [
      {
        count: passes * classes,
        bytes: pair,
        strideBytes: 0,
        reuse: passes * sums,
        walks: true,
      },
      { count: 8, bytes: word, strideBytes: 2 * word },
    ],
    registers: registersFor(20),
    waits: waitsOfSum(passes * classes),
  };
}

/** Mining, the loss with its gradient, and what is reported of it. */
export const lossCosts: Readonly<Record<string, CostRule>> = {
  pair_distance({ operands: [x], uniform: [pairs] }) {
    return {
      work: `${pairs} pairs`,
      multiplyAdds: dimension * pairs,
      operations: (dimension + 1) * pairs,
      bytes: word * (Math.min(x.size, 2 * dimension * pairs) + 3 * pairs),
      access: [
        { count: 2 * dimension, bytes: word, strideBytes: 3 * word },
        { count: 3, bytes: word, strideBytes: 2 * word },
      ],
      registers: registersFor(8),
      waits: 1 + waitsOfSum(dimension),
    };
  },

  median({ uniform: [count], groupThreads }) {
    return {
      work: `${count} values`,
      multiplyAdds: 0,
      operations: 4 * count ** 2,
      bytes: word * count,
      access: [
        {
          count,
          bytes: word,
          strideBytes: 0,
          reuse: groupThreads,
          walks: true,
        },
      ],
      registers: registersFor(6),
      waits: waitsOfSum(count),
    };
  },

  descriptor_loss({ uniform: [classes] }) {
    return {
      work: `${classes} classes`,
      multiplyAdds: 0,
      operations: 30 * classes,
      bytes: word * 12 * classes,
      access: [
        { count: 2, bytes: 8, strideBytes: 8 },
        { count: 1, bytes: 8, strideBytes: 8 },
        { count: 1, bytes: vectorBytes, strideBytes: vectorBytes },
      ],
      registers: registersFor(16),
      waits: 1,
    };
  },

  hardnet({ uniform: [classes] }) {
    return termsCost(classes, 10, { read: 0, written: pair + vectorBytes });
  },

  sosnet({ uniform: [classes] }) {
    return termsCost(classes, 13, { read: 0, written: pair + vectorBytes });
  },

  hynet({ uniform: [classes] }) {
    return termsCost(classes, 28, {
      read: pair,
      written: 2 * pair + vectorBytes,
    });
  },

  sdgmnet({ uniform: [classes] }) {
    return termsCost(classes, 60, {
      read: 8 * word,
      written: pair + vectorBytes,
    });
  },

  sdgmnet_angles({ uniform: [classes] }) {
    return runningCost(classes, { passes: 2, operations: 20, sums: 3 });
  },

  sdgmnet_sums({ uniform: [classes] }) {
    return runningCost(classes, { passes: 1, operations: 40, sums: 2 });
  },

  negative_chain(
    { operands: [pairs, head, next], uniform: [classes], groupThreads },
  ) {
    return {
      work: `${classes} classes`,
      multiplyAdds: 0,
      operations: 3 * classes ** 2,
      bytes: word * (pairs.size + head.size + next.size),
      access: [
        { count: classes, bytes: word, strideBytes: 0, reuse: groupThreads },
      ],
      registers: registersFor(8),
      waits: waitsOfSum(classes),
    };
  },

  descriptor_loss_gradient({ operands: [x, , pairs], constants: { CHUNK } }) {
    const classes = pairs.size / 4;
    const partners = 4 * classes;
    return {
      work: `${classes} classes`,
      multiplyAdds: dimension * partners,
      operations: dimension * partners,
      bytes: word * (2 * x.size + 2 * pairs.size),
      access: [
        // A row takes part in four pairs of three rows on average.
        { count: 3 * CHUNK, bytes: word, strideBytes: word },
        { count: 2 * CHUNK, bytes: word, strideBytes: 3 * word },
      ],
      registers: registersFor(2 * CHUNK + 12),
      waits: 5,
    };
  },

  descriptor_loss_statistics(
    { operands: [, , , { size }], uniform: [classes] },
  ) {
    return {
      work: `${classes} classes`,
      multiplyAdds: 0,
      operations: size * classes,
      bytes: word * (6 * classes + size),
      access: [
        { count: classes, bytes: vectorBytes, strideBytes: 0, reuse: size },
      ],
      registers: registersFor(16),
      waits: waitsOfSum(classes),
    };
  },
};
