import { vectorBytes } from "../tiles/vector_bytes.ts";
import { type CostRule, type DispatchFacts, registersFor } from "./cost.ts";

/** Scores of rows against columns: what evaluation searches by. */
export const searchCosts: Readonly<Record<string, CostRule>> = {
  nearest_rows(facts) {
    const { constants: { R } } = facts;
    const { pairs, rows, columns, ...scores } = scoresOf(facts);
    return {
      ...scores,
      operations: scores.operations + 4 * pairs,
      bytes: scores.bytes + 4 * columns + rows * facts.groups[1] * vectorBytes,
      access: [
        ...scores.access,
        { count: R, bytes: vectorBytes, strideBytes: R * vectorBytes },
      ],
    };
  },

  pool_scores(facts) {
    const { constants: { R, WIDTH } } = facts;
    const { pairs, rows: _, columns, ...scores } = scoresOf(facts);
    return {
      ...scores,
      operations: scores.operations + pairs,
      bytes: scores.bytes + 4 * columns + 4 * pairs,
      access: [
        ...scores.access,
        {
          count: pairs / facts.threads / 4,
          bytes: vectorBytes,
          strideBytes: R * WIDTH * 4,
        },
      ],
    };
  },
};

/** What both kernels do: a product, or a sum of differences, of every row and column. */
function scoresOf({ constants, uniform, groups, threads }: DispatchFacts) {
  const { R, C, K4, GROUP } = constants;
  const rows = threads / groups[1] * R;
  const columns = uniform[1] * groups[1];
  const pairs = rows * columns;
  const trips = uniform[1] / C * K4;
  return {
    pairs,
    rows,
    columns,
    work: `${rows}×${columns} of ${4 * K4}`,
    multiplyAdds: pairs * 4 * K4,
    operations: 0,
    bytes: (rows + columns) * K4 * vectorBytes,
    access: [
      {
        count: trips * R,
        bytes: vectorBytes,
        strideBytes: R * K4 * vectorBytes,
        reuse: uniform[1] / C,
      },
      { count: trips * C, bytes: vectorBytes, strideBytes: 0, reuse: GROUP },
    ],
    registers: registersFor(R * C + 4 * (R + 1) + 3 * R),
    waits: trips,
  };
}
