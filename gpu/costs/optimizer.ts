import { type CostRule, registersFor, waitsOfSum } from "./cost.ts";

/** Bytes of a number. */
const word = 4;

/** What sums gradients and applies them. */
export const optimizerCosts: Readonly<Record<string, CostRule>> = {
  accumulate({ uniform: [parts, , size], groups }) {
    const totals = size * groups[1];
    return {
      work: `${parts} parts of ${totals}`,
      multiplyAdds: 0,
      operations: parts * totals,
      bytes: word * (parts + 2) * totals,
      access: [
        { count: parts, bytes: word, strideBytes: word },
        { count: 2, bytes: word, strideBytes: word },
      ],
      registers: registersFor(8),
      waits: 1 + waitsOfSum(parts),
    };
  },

  adam({ uniform: [count] }) {
    return {
      work: `${count} parameters`,
      multiplyAdds: 5 * count,
      operations: 7 * count,
      bytes: word * 7 * count,
      access: [{ count: 7, bytes: word, strideBytes: word }],
      registers: registersFor(8),
      waits: 1,
    };
  },
};
