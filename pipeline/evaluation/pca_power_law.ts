import { DataError, readDescriptorCsv } from "../../data/mod.ts";
import { join } from "@std/path";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import type { DescriptorRows } from "../metrics/distance.ts";

/** Something done to the descriptors of an image before they are compared. */
export interface DescriptorTransform {
  /** values in a row, before and after */
  dimension: number;
  /** file that the dimension is known from */
  file: string;
  apply(image: DescriptorRows): DescriptorRows;
}

/** The eigenvalue at this share of the ascending list is the smallest that counts. */
const clipShare = 0.6;

/** An eigenvalue below this share of the largest is rounding. */
const negligible = 1e-12;

const attempt = "fit PCA and power law";

/**
 * PCA and power law normalisation as the HPatches benchmark's `--pcapl` has it: with C the covariance (by n, not n − 1) of the
 * training sequences' reference descriptors, C = V·diag(λ)·Vᵀ, and every λ raised to at least the one at position
 * ⌊0.6·dimension⌋ of the ascending list,
 * `W = V·diag(λ^-½)·Vᵀ`, `y = sign(z)·√|z|` with `z = (x − mean)·W`, divided by its L2 norm (a row of zeros stays).
 *
 * As in the benchmark, the mean that is taken off a descriptor is that of its own image, not that of the training set.
 *
 * @param directory folder of `<sequence>/<type>.csv`
 * @param sequences the split's training sequences
 * @param split its name, for the error
 * @throws {DataError} when the split has no training sequence, a file of one is missing or wrong, the dimensions differ, or the
 * descriptors vary in too few directions
 */
export async function fitPcaPowerLaw(
  directory: string,
  sequences: readonly string[],
  split: string,
): Promise<DescriptorTransform> {
  if (sequences.length === 0) {
    throw new DataError({
      attempt,
      where: `split ${split}`,
      found: "no training sequence",
      wanted: "a split with a list of training sequences: a, b or c",
    });
  }
  const images: DescriptorRows[] = [];
  const pathOf = (sequence: string) => join(directory, sequence, "ref.csv");
  for (const sequence of sequences) {
    const image = await readDescriptorCsv(pathOf(sequence));
    if (image.dimension !== (images[0] ?? image).dimension) {
      throw new DataError({
        attempt,
        where: pathOf(sequence),
        found: `${image.dimension} values in a row`,
        wanted: `${images[0].dimension} as in ${pathOf(sequences[0])}`,
      });
    }
    images.push(image);
  }
  const { dimension } = images[0];
  const whitening = clippedInverseRoot(covariance(images), dimension);
  if (whitening === undefined) {
    throw new DataError({
      attempt,
      where: directory,
      found: "training descriptors that vary in too few directions",
      wanted: `variance in at least ${
        dimension - Math.floor(dimension * clipShare)
      } of ${dimension} directions`,
    });
  }
  return {
    dimension,
    file: pathOf(sequences[0]),
    apply: (image) => normalise(image, whitening),
  };
}

/** Covariance of all rows, [dimension, dimension]. */
function covariance(images: readonly DescriptorRows[]): Float64Array {
  const { dimension } = images[0];
  const mean = new Float64Array(dimension);
  let rows = 0;
  for (const { values } of images) {
    for (let i = 0; i < values.length; i++) mean[i % dimension] += values[i];
    rows += values.length / dimension;
  }
  for (let i = 0; i < dimension; i++) mean[i] /= rows;
  const sums = new Float64Array(dimension * dimension);
  const centred = new Float64Array(dimension);
  for (const { values } of images) {
    for (let start = 0; start < values.length; start += dimension) {
      for (let i = 0; i < dimension; i++) {
        centred[i] = values[start + i] - mean[i];
      }
      for (let i = 0; i < dimension; i++) {
        const value = centred[i];
        for (let j = 0; j <= i; j++) {
          sums[i * dimension + j] += value * centred[j];
        }
      }
    }
  }
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j <= i; j++) {
      const value = sums[i * dimension + j] / rows;
      sums[i * dimension + j] = value;
      sums[j * dimension + i] = value;
    }
  }
  return sums;
}

/** `C^-½` with clipped eigenvalues, [dimension, dimension]; undefined when the clipping leaves zeros. */
function clippedInverseRoot(
  matrix: Float64Array,
  dimension: number,
): Float64Array | undefined {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(dimension, dimension, matrix),
    { assumeSymmetric: true },
  );
  const ascending = realEigenvalues.toSorted((a, b) => a - b);
  const clip = ascending[Math.floor(dimension * clipShare)];
  if (!(clip > negligible * ascending[dimension - 1])) return undefined;
  const scales = realEigenvalues.map((value) =>
    1 / Math.sqrt(Math.max(value, clip))
  );
  const root = eigenvectorMatrix.mmul(Matrix.diag(scales))
    .mmul(eigenvectorMatrix.transpose());
  return Float64Array.from(root.to1DArray());
}

function normalise(
  { values, dimension }: DescriptorRows,
  whitening: Float64Array,
): DescriptorRows {
  const rows = values.length / dimension;
  const mean = new Float64Array(dimension);
  for (let i = 0; i < values.length; i++) mean[i % dimension] += values[i];
  for (let i = 0; i < dimension; i++) mean[i] /= rows;
  const result = new Float32Array(values.length);
  const projected = new Float64Array(dimension);
  for (let start = 0; start < values.length; start += dimension) {
    projected.fill(0);
    for (let i = 0; i < dimension; i++) {
      const value = values[start + i] - mean[i];
      const row = i * dimension;
      for (let j = 0; j < dimension; j++) {
        projected[j] += value * whitening[row + j];
      }
    }
    // The sum of the squared roots is the sum of the magnitudes.
    let squares = 0;
    for (let j = 0; j < dimension; j++) squares += Math.abs(projected[j]);
    if (squares === 0) continue;
    for (let j = 0; j < dimension; j++) {
      result[start + j] = Math.sign(projected[j]) *
        Math.sqrt(Math.abs(projected[j]) / squares);
    }
  }
  return { values: result, dimension };
}
