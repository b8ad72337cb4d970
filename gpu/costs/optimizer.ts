import {
  type Cost,
  type CostRule,
  type DispatchFacts,
  registersFor,
  waitsOfSum,
} from "./cost.ts";

/** Bytes of a number. */
const word = 4;

/** Of either Adam. */
function adamCost({ uniform: [count] }: DispatchFacts): Cost {
  return {
    work: `${count} parameters`,
    multiplyAdds: 5 * count,
    operations: 7 * count,
    bytes: word * 7 * count,
    access: [{ count: 7, bytes: word, strideBytes: word }],
    registers: registersFor(8),
    waits: 1,
  };
}

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

  sgd({ uniform: [count] }) {
    return {
      work: `${count} parameters`,
      multiplyAdds: 3 * count,
      operations: 0,
      bytes: word * 5 * count,
      access: [{ count: 5, bytes: word, strideBytes: word }],
      registers: registersFor(6),
      waits: 1,
    };
  },

  adam: adamCost,
  torch_adam: adamCost,
};
