import { DataError, readPairs, readSafetensors } from "../../data/mod.ts";
import { type PairMeasure, pairMeasureNames } from "../config/task_names.ts";
import { stepAveragePrecision } from "../metrics/average_precision.ts";
import { type DescriptorRows, pairDistance } from "../metrics/distance.ts";
import type { Figure } from "../metrics/figure.ts";
import { fpr95 } from "../metrics/fpr95.ts";
import { rocArea } from "../metrics/roc.ts";
import {
  type SeparationCurves,
  separationCurves,
} from "../metrics/separation_curves.ts";
import type { PhototourMeasures, TieWatch } from "./measures.ts";

const attempt = "evaluate the PhotoTour pairs";

/** What warnings call a measure, and how it follows from the pairs. */
interface MeasureOfPairs {
  title: string;
  /**
   * @param distances [pairs]
   * @param match [pairs] 1 for a matching pair, 0 for another
   */
  figure(distances: Float64Array, match: Uint8Array): Figure;
}

const measures: Record<PairMeasure, MeasureOfPairs> = {
  fpr95: { title: "FPR95", figure: fpr95 },
  ap: { title: "AP", figure: stepAveragePrecision },
  auc: { title: "ROC area", figure: rocArea },
};

/** What a test set says about a descriptor. */
export interface PhototourEvaluation {
  measures: PhototourMeasures;
  curves: SeparationCurves;
  /** how many pairs there are */
  pairs: number;
}

/**
 * FPR95, average precision, ROC area and curves of a PhotoTour-style pair file, by L2 distance.
 *
 * @param descriptorsPath safetensors file with the tensor `descriptors`, F32 [patches, dimension]
 * @param pairsPath pair file of six columns
 * @throws {DataError} when a file is wrong, a pair names a patch without descriptor, a descriptor is not finite, or matching or
 * non-matching pairs are missing
 */
export async function evaluatePhototour(
  descriptorsPath: string,
  pairsPath: string,
  ties: TieWatch,
): Promise<PhototourEvaluation> {
  const descriptors = await readDescriptors(descriptorsPath);
  const rows = descriptors.values.length / descriptors.dimension;
  const { first, second, match } = await readPairs(pairsPath, rows);
  const distances = new Float64Array(match.length);
  let matches = 0;
  for (let pair = 0; pair < match.length; pair++) {
    matches += match[pair];
    distances[pair] = pairDistance(
      descriptors,
      first[pair],
      descriptors,
      second[pair],
      "L2",
    );
  }
  if (matches === 0 || matches === match.length) {
    throw new DataError({
      attempt,
      where: pairsPath,
      found: `${matches} matching of ${match.length} pairs`,
      wanted: "both matching and non-matching pairs",
    });
  }
  const ofKind = (kind: number) =>
    distances.filter((_, pair) => match[pair] === kind);
  const measured = {} as PhototourMeasures;
  for (const name of pairMeasureNames) {
    const { title, figure } = measures[name];
    measured[name] = ties.value(title, figure(distances, match));
  }
  return {
    measures: measured,
    curves: separationCurves(ofKind(1), ofKind(0)),
    pairs: match.length,
  };
}

async function readDescriptors(path: string): Promise<DescriptorRows> {
  const { tensors } = await readSafetensors(path);
  const tensor = tensors.get("descriptors");
  if (
    tensor === undefined || tensor.dtype !== "F32" || tensor.shape.length !== 2
  ) {
    throw new DataError({
      attempt,
      where: path,
      found: tensor === undefined
        ? `the tensors ${[...tensors.keys()].join(", ") || "(none)"}`
        : `descriptors as ${tensor.dtype} [${tensor.shape.join(", ")}]`,
      wanted: "the tensor descriptors as F32 [patches, dimension]",
    });
  }
  const dimension = tensor.shape[1];
  const wrong = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw new DataError({
      attempt,
      where: `${path}: row ${Math.floor(wrong / dimension) + 1}, value ${
        wrong % dimension + 1
      }`,
      found: String(tensor.data[wrong]),
      wanted: "a finite number",
    });
  }
  return { values: tensor.data, dimension };
}
