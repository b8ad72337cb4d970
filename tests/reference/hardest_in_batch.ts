import { type Tensor, zeros } from "./tensor.ts";

/** Two rows nearer than this are the same patch and never a negative pair. */
export const sameDescriptorDistance = 0.008;

/** The pairs a batch is judged by: one entry per class, in ascending order of label. */
export interface MinedPairs {
  /** [first, second] row of each class's hardest positive pair */
  positives: [number, number][];
  /** [row of the class, row of another class] of each class's hardest negative pair */
  negatives: [number, number][];
}

/** d[i,j] = √(|2·(1 − ⟨x_i, x_j⟩)| + 1e-6) for rows of unit length [N, D]; [N, N]. */
export function distanceMatrix(descriptors: Tensor): Tensor {
  const [rows, dimension] = descriptors.shape;
  const distances = zeros(rows, rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let product = 0;
      for (let d = 0; d < dimension; d++) {
        product += descriptors.data[i * dimension + d] *
          descriptors.data[j * dimension + d];
      }
      distances.data[i * rows + j] = Math.sqrt(
        Math.abs(2 * (1 - product)) + 1e-6,
      );
    }
  }
  return distances;
}

/**
 * Hardest-in-batch mining. Row i's hardest positive is the farthest row of its label (itself included), its hardest
 * negative the nearest row of another label farther than 0.008. A class's positive pair is that of its row with
 * the farthest positive, its negative pair that of its row with the nearest negative. The first index wins a tie.
 *
 * @param descriptors [N, D], unit rows
 * @param labels N labels
 * @param used N·N flags of negatives that earlier rounds have used; every row's hardest negative is added to them
 */
export function mineHardest(
  descriptors: Tensor,
  labels: ArrayLike<number>,
  used: Uint8Array = new Uint8Array(labels.length ** 2),
): MinedPairs {
  const rows = labels.length;
  const distances = distanceMatrix(descriptors).data;
  const farthestPositive = new Array<number>(rows);
  const nearestNegative = new Array<number>(rows);
  for (let i = 0; i < rows; i++) {
    let positive = -1;
    let negative = -1;
    for (let j = 0; j < rows; j++) {
      const distance = distances[i * rows + j];
      if (labels[j] === labels[i]) {
        if (positive < 0 || distance > distances[i * rows + positive]) {
          positive = j;
        }
      } else if (distance > sameDescriptorDistance && !used[i * rows + j]) {
        if (negative < 0 || distance < distances[i * rows + negative]) {
          negative = j;
        }
      }
    }
    if (negative < 0) throw new RangeError(`row ${i} has no negative left`);
    farthestPositive[i] = positive;
    nearestNegative[i] = negative;
  }
  for (let i = 0; i < rows; i++) used[i * rows + nearestNegative[i]] = 1;
  const pairs: MinedPairs = { positives: [], negatives: [] };
  for (const label of [...new Set(Array.from(labels))].sort((a, b) => a - b)) {
    let positiveRow = -1;
    let negativeRow = -1;
    for (let i = 0; i < rows; i++) {
      if (labels[i] !== label) continue;
      const positive = distances[i * rows + farthestPositive[i]];
      const negative = distances[i * rows + nearestNegative[i]];
      if (
        positiveRow < 0 ||
        positive > distances[positiveRow * rows + farthestPositive[positiveRow]]
      ) positiveRow = i;
      if (
        negativeRow < 0 ||
        negative < distances[negativeRow * rows + nearestNegative[negativeRow]]
      ) negativeRow = i;
    }
    pairs.positives.push([positiveRow, farthestPositive[positiveRow]]);
    pairs.negatives.push([negativeRow, nearestNegative[negativeRow]]);
  }
  return pairs;
}
