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
  accumulate({ uniform, constants: { SUMS, AHEAD }, threads }) {
    const sums = Array.from({ length: SUMS }, (_, index) => {
      const [, elements, , parts] = uniform.slice(8 * index);
      return { elements, parts };
    }).filter(({ elements }) => elements > 0);
    const total = (of: (sum: typeof sums[0]) => number) =>
      sums.reduce((sum, one) => sum + of(one), 0);
    const totals = total(({ elements }) => elements);
    const added = total(({ elements, parts }) => elements * parts);
    const most = Math.max(...sums.map(({ parts }) => parts));
    return {
      work: sums.length === 1
        ? `${most} parts of ${totals}`
        : `${sums.length} sums, up to ${most} parts`,
      multiplyAdds: 0,
      operations: added,
      bytes: word * (added + 2 * totals),
      access: [
        { count: added / threads, bytes: word, strideBytes: word },
        { count: 2, bytes: word, strideBytes: word },
      ],
      registers: registersFor(8 + AHEAD),
      waits: 2 + Math.floor(most / AHEAD) + waitsOfSum(most % AHEAD),
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
