import type { DescriptorEvaluation } from "../evaluation/evaluate_descriptors.ts";
import { figureList } from "../evaluation/figure_list.ts";
import { percent, type Table } from "./tables.ts";

/** What a terminal shows of one method: for each split the figures by noise level, with intervals where there are. */
export function evaluationTables(evaluation: DescriptorEvaluation): Table[] {
  return Object.entries(evaluation.splits).map(([split, measures]) => {
    const bootstrap = evaluation.bootstrap?.[split];
    return {
      title: `HPatches split ${split}, %`,
      header: [
        "figure",
        "value",
        ...(bootstrap === undefined ? [] : ["95 % interval"]),
      ],
      rows: [...figureList(measures)].map(([name, value]) => {
        const interval = bootstrap?.figures[name];
        return [
          name,
          percent(value),
          ...(interval === undefined
            ? []
            : [`${percent(interval.low)} … ${percent(interval.high)}`]),
        ];
      }),
    };
  });
}
