import * as v from "valibot";

const figure = v.number();
const kinds = v.object({
  inter: v.object({ auc: figure, ap: figure }),
  intra: v.object({ auc: figure, ap: figure }),
});
const byCut = v.record(v.string(), figure);

/** One descriptor's figures on one split of HPatches, as `evaluate` and runs write them; the rest is left out. */
export const hpatchesMeasures = v.object({
  verification: v.exactOptional(
    v.object({ easy: kinds, hard: kinds, tough: kinds }),
  ),
  matching: v.exactOptional(
    v.object({ easy: figure, hard: figure, tough: figure, mean: figure }),
  ),
  retrieval: v.exactOptional(
    v.object({ easy: byCut, hard: byCut, tough: byCut, mean: byCut }),
  ),
});
