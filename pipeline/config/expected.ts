import {
  type ExpectedMeasure,
  expectedMeasureNames,
  hpatchesTaskNames,
  imagePairFigureNames,
} from "./task_names.ts";

/** A published figure that a run is compared with. */
export interface ExpectedFigure {
  measure: ExpectedMeasure;
  /** a PhotoTour test set for `fpr95`, a split of HPatches for a task, a set of image pairs for the others */
  on: string;
  /** the published figure, a fraction */
  value: number;
  /** how much worse the trained network may be, a fraction */
  tolerance: number;
}

/** How an entry of `expect.figures` is written: `fpr95 notredame 0.37 ± 0.15`, in percent; `+-` may stand for `±`. */
export const expectedFigurePattern: RegExp = new RegExp(
  `^(${
    expectedMeasureNames.join("|")
  }) +([\\w-]+) +(\\d+(?:\\.\\d+)?) +(?:±|\\+-) +(\\d+(?:\\.\\d+)?)$`,
);

/** What {@linkcode expectedFigurePattern} accepts, in words. */
export const expectedFigureForm: string = `"fpr95 <test set> 0.37 ± 0.15", or ${
  new Intl.ListFormat("en-GB", { type: "disjunction" })
    .format(hpatchesTaskNames)
} of a split, or ${imagePairFigureNames[0]} … ${
  imagePairFigureNames.at(-1)
} of a set of image pairs; in percent`;

/** An entry of `expect.figures`, which the config's validation has accepted, as a figure. */
export function parseExpectedFigure(text: string): ExpectedFigure {
  const found = expectedFigurePattern.exec(text);
  if (found === null) throw new Error(`no expected figure: ${text}`);
  const [, measure, on, value, tolerance] = found;
  return {
    measure: measure as ExpectedMeasure,
    on,
    value: Number(value) / 100,
    tolerance: Number(tolerance) / 100,
  };
}
