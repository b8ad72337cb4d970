import { DataError, type PairTask, readPairTask } from "../../data/mod.ts";
import { join } from "@std/path";
import {
  type DescriptorRows,
  type Norm,
  pairDistance,
} from "../metrics/distance.ts";
import { verificationFigures } from "../metrics/verification.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import {
  negativeKinds,
  noiseNames,
  noises,
  type TieWatch,
  type VerificationMeasures,
} from "./measures.ts";
import type { TaskObserver } from "./observer.ts";

/** A verification file with the place it came from. */
interface PairFile {
  path: string;
  pairs: PairTask;
}

/**
 * HPatches patch verification on the files `verif_{pos,neg_intra,neg_inter}_split-<name>.csv`: for each noise level and
 * kind of non-matching pairs, ROC area of the balanced and average precision of the imbalanced protocol.
 *
 * @throws DataError with file and line when a file is wrong or names a patch that has no descriptor
 */
export async function evaluateVerification(
  folder: DescriptorFolder,
  tasksDirectory: string,
  splitName: string,
  norm: Norm,
  ties: TieWatch,
  onPairList: (done: number, total: number) => void,
  observer: TaskObserver = {},
): Promise<VerificationMeasures> {
  const read = async (kind: string): Promise<PairFile> => {
    const path = join(tasksDirectory, `verif_${kind}_split-${splitName}.csv`);
    const pairs = await readPairTask(path);
    await folder.load(pairs.sequences, path);
    return { path, pairs };
  };
  const matching = await read("pos");
  const nonMatching = {
    inter: await read("neg_inter"),
    intra: await read("neg_intra"),
  };
  const measures: Partial<VerificationMeasures> = {};
  const total = noiseNames.length * negativeKinds.length;
  let done = 0;
  for (const noise of noiseNames) {
    const letter = noises[noise];
    const matchingDistances = pairDistances(folder, matching, letter, norm);
    const byKind: Partial<VerificationMeasures[typeof noise]> = {};
    for (const kind of negativeKinds) {
      const { pairs } = nonMatching[kind];
      const distances = pairDistances(folder, nonMatching[kind], letter, norm);
      const figures = verificationFigures(matchingDistances, distances);
      byKind[kind] = {
        auc: ties.value(`ROC area of ${noise}/${kind}`, figures.auc),
        ap: ties.value(`AP of ${noise}/${kind}`, figures.ap),
      };
      await observer.onVerification?.({
        noise,
        kind,
        matching: { pairs: matching.pairs, distances: matchingDistances },
        nonMatching: { pairs, distances },
      });
      onPairList(++done, total);
    }
    measures[noise] = byKind as VerificationMeasures[typeof noise];
  }
  return measures as VerificationMeasures;
}

/** Types by image index 0 … 5 at a noise level; the reference image has no noise. */
function typesOf(letter: string): string[] {
  return ["ref", ...[1, 2, 3, 4, 5].map((image) => `${letter}${image}`)];
}

function pairDistances(
  folder: DescriptorFolder,
  { path, pairs }: PairFile,
  letter: string,
  norm: Norm,
): Float64Array {
  const { first, second } = pairs;
  const types = typesOf(letter);
  const images: DescriptorRows[] = [];
  const rowsOf: number[] = [];
  for (const name of pairs.sequences) {
    const sequence = folder.sequence(name);
    rowsOf.push(sequence.rows);
    for (const type of types) images.push(sequence.byType.get(type)!);
  }
  const distances = new Float64Array(first.patch.length);
  for (let row = 0; row < distances.length; row++) {
    const left = first.sequence[row];
    const right = second.sequence[row];
    const leftRow = first.patch[row];
    const rightRow = second.patch[row];
    if (leftRow >= rowsOf[left] || rightRow >= rowsOf[right]) {
      const isLeft = leftRow >= rowsOf[left];
      const sequence = isLeft ? left : right;
      throw new DataError({
        attempt: "evaluate verification",
        where: `${path}:${row + 2}`,
        found: `patch ${isLeft ? leftRow : rightRow} of ${
          pairs.sequences[sequence]
        }`,
        wanted: `below ${rowsOf[sequence]}, the rows of its descriptors`,
      });
    }
    distances[row] = pairDistance(
      images[left * types.length + first.image[row]],
      leftRow,
      images[right * types.length + second.image[row]],
      rightRow,
      norm,
    );
  }
  return distances;
}
