import {
  type HpatchesMeasures,
  negativeKinds,
  type Noise,
  noiseNames,
} from "./measures.ts";

/** Mean of the imbalanced AP over noise levels and kinds of pairs: the benchmark's headline figure. */
export function verificationMean(
  { verification }: HpatchesMeasures,
): number | undefined {
  if (verification === undefined) return undefined;
  return mean(
    noiseNames.flatMap((noise) =>
      negativeKinds.map((kind) => verification[noise][kind].ap)
    ),
  );
}

/** Mean over noise levels and pool sizes: the benchmark's headline figure. */
export function retrievalMean(
  { retrieval }: HpatchesMeasures,
): number | undefined {
  if (retrieval === undefined) return undefined;
  return mean(Object.values(retrieval.mean));
}

/**
 * Every figure under one dotted name, `verification.easy.inter.ap`, `matching.mean`, `retrieval.hard.100`; the headline
 * figures are `verification.mean`, `matching.mean` and `retrieval.mean`.
 */
export function figureList(measures: HpatchesMeasures): Map<string, number> {
  const figures = new Map<string, number>();
  const { verification, matching, retrieval } = measures;
  const levels: (Noise | "mean")[] = [...noiseNames, "mean"];
  if (verification !== undefined) {
    for (const noise of noiseNames) {
      for (const kind of negativeKinds) {
        const name = `verification.${noise}.${kind}`;
        figures.set(`${name}.auc`, verification[noise][kind].auc);
        figures.set(`${name}.ap`, verification[noise][kind].ap);
      }
    }
    figures.set("verification.mean", verificationMean(measures)!);
  }
  if (matching !== undefined) {
    for (const level of levels) {
      figures.set(`matching.${level}`, matching[level]);
    }
  }
  if (retrieval !== undefined) {
    for (const level of levels) {
      for (const [cut, figure] of Object.entries(retrieval[level])) {
        figures.set(`retrieval.${level}.${cut}`, figure);
      }
    }
    figures.set("retrieval.mean", retrievalMean(measures)!);
  }
  return figures;
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
