import { type CostRule, registersFor } from "./cost.ts";

/** Bytes of a word, of an augmented patch's side, and of its 8-bit source. */
const word = 4;
const outputSide = 32;
const trainingSide = 64;
const releaseSide = 65;

/** What makes the network's input: training's warp, and the two ways of reducing a patch. */
export const patchCosts: Readonly<Record<string, CostRule>> = {
  augment({ constants: { COLUMNS, ROWS, RUN }, uniform: [count] }) {
    const footprint = COLUMNS * ROWS;
    const outputs = count * outputSide ** 2;
    return {
      work: `${count} patches`,
      multiplyAdds: outputs * (4 + 3 * footprint),
      operations: outputs * (8 + 8 * footprint),
      bytes: count * (trainingSide ** 2 + word * (outputSide ** 2 + 12)),
      access: [
        {
          count: RUN * footprint,
          bytes: word,
          // 32 threads read within 8 rows of 64 bytes, or within 16 where the map transposes.
          strideBytes: 24,
          reuse: 16,
        },
        { count: 12, bytes: word, strideBytes: 0 },
        // Eight columns of four rows.
        { count: RUN, bytes: word, strideBytes: 4 * word },
      ],
      registers: registersFor(32),
      waits: 1 + RUN * ROWS,
    };
  },

  resize_patch_64({ uniform: [count] }) {
    const outputs = count * outputSide ** 2;
    return {
      work: `${count} patches`,
      multiplyAdds: 0,
      operations: outputs * (4 + 2) * 8,
      bytes: count * (trainingSide ** 2 + word * outputSide ** 2),
      access: [
        { count: 12, bytes: word, strideBytes: trainingSide ** 2, reuse: 2 },
        { count: 2, bytes: word, strideBytes: word * outputSide ** 2 },
      ],
      registers: registersFor(24),
      waits: 1,
    };
  },

  resize_patch_65({ uniform: [count] }) {
    const outputs = count * outputSide ** 2;
    return {
      work: `${count} patches`,
      multiplyAdds: 0,
      operations: outputs * 16,
      bytes: count * (releaseSide ** 2 + word * outputSide ** 2),
      access: [
        { count: 4, bytes: word, strideBytes: releaseSide ** 2 },
        { count: 1, bytes: word, strideBytes: word * outputSide ** 2 },
      ],
      registers: registersFor(16),
      waits: 1,
    };
  },
};
