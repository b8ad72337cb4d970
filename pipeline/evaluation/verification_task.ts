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
  type NegativeKind,
  negativeKinds,
  type Noise,
  type TieWatch,
  type VerificationMeasures,
} from "./measures.ts";
import type { TaskObserver } from "./observer.ts";

/** A verification file with the place it came from. */
interface PairFile {
  path: string;
  pairs: PairTask;
}

/** Images of a sequence at one noise level by image index, the reference image first. */
type SequenceImages = readonly DescriptorRows[];

/**
 * HPatches patch verification on the files `verif_{pos,neg_intra,neg_inter}_split-<name>.csv`: for each noise level and
 * kind of non-matching pairs, ROC area of the balanced and average precision of the imbalanced protocol.
 *
 * Distances are float64 sums on the CPU: a pair is read from memory and used once, and the figures hang on the order of two
 * million distances in a row, of which float32 would leave most undecided.
 */
export class VerificationTask {
  readonly #matching: PairFile;
  readonly #nonMatching: Readonly<Record<NegativeKind, PairFile>>;
  readonly #norm: Norm;
  readonly #observer: TaskObserver;
  readonly #measures: Partial<VerificationMeasures> = {};

  private constructor(
    matching: PairFile,
    nonMatching: Record<NegativeKind, PairFile>,
    norm: Norm,
    observer: TaskObserver,
  ) {
    this.#matching = matching;
    this.#nonMatching = nonMatching;
    this.#norm = norm;
    this.#observer = observer;
  }

  /**
   * Reads the pairs and opens the sequences they name.
   *
   * @throws DataError with file and line when a file is wrong or names a patch that has no descriptor
   */
  static async read(
    folder: DescriptorFolder,
    tasksDirectory: string,
    splitName: string,
    norm: Norm,
    observer: TaskObserver,
  ): Promise<VerificationTask> {
    const read = async (kind: string): Promise<PairFile> => {
      const path = join(tasksDirectory, `verif_${kind}_split-${splitName}.csv`);
      const pairs = await readPairTask(path);
      await folder.open(pairs.sequences, path);
      requirePatches(folder, path, pairs);
      return { path, pairs };
    };
    const matching = await read("pos");
    const inter = await read("neg_inter");
    const intra = await read("neg_intra");
    return new VerificationTask(matching, { inter, intra }, norm, observer);
  }

  /** Sequences that its pairs name. */
  get sequences(): Set<string> {
    const { inter, intra } = this.#nonMatching;
    return new Set(
      [this.#matching, inter, intra].flatMap(({ pairs }) => pairs.sequences),
    );
  }

  /** Measures one noise level; `images` holds every sequence that the pairs name. */
  async measure(
    noise: Noise,
    images: ReadonlyMap<string, SequenceImages>,
    ties: TieWatch,
  ): Promise<void> {
    const distancesOf = ({ pairs }: PairFile) =>
      pairDistances(images, pairs, this.#norm);
    const matching = distancesOf(this.#matching);
    const byKind: Partial<VerificationMeasures[Noise]> = {};
    for (const kind of negativeKinds) {
      const distances = distancesOf(this.#nonMatching[kind]);
      const figures = verificationFigures(matching, distances);
      byKind[kind] = {
        auc: ties.value(`ROC area of ${noise}/${kind}`, figures.auc),
        ap: ties.value(`AP of ${noise}/${kind}`, figures.ap),
      };
      await this.#observer.onVerification?.({
        noise,
        kind,
        matching: { pairs: this.#matching.pairs, distances: matching },
        nonMatching: { pairs: this.#nonMatching[kind].pairs, distances },
      });
    }
    this.#measures[noise] = byKind as VerificationMeasures[Noise];
  }

  /** All figures, once every noise level is measured. */
  measures(): VerificationMeasures {
    return this.#measures as VerificationMeasures;
  }
}

function requirePatches(
  folder: DescriptorFolder,
  path: string,
  { sequences, first, second }: PairTask,
): void {
  const rows = sequences.map((name) => folder.rows(name));
  for (let row = 0; row < first.patch.length; row++) {
    for (const side of [first, second]) {
      const sequence = side.sequence[row];
      if (side.patch[row] < rows[sequence]) continue;
      throw new DataError({
        attempt: "evaluate verification",
        where: `${path}:${row + 2}`,
        found: `patch ${side.patch[row]} of ${sequences[sequence]}`,
        wanted: `below ${rows[sequence]}, the rows of its descriptors`,
      });
    }
  }
}

function pairDistances(
  images: ReadonlyMap<string, SequenceImages>,
  { sequences, first, second }: PairTask,
  norm: Norm,
): Float64Array {
  const flat = sequences.flatMap((name) => [...images.get(name)!]);
  const imagesOfSequence = flat.length / sequences.length;
  const distances = new Float64Array(first.patch.length);
  for (let row = 0; row < distances.length; row++) {
    distances[row] = pairDistance(
      flat[first.sequence[row] * imagesOfSequence + first.image[row]],
      first.patch[row],
      flat[second.sequence[row] * imagesOfSequence + second.image[row]],
      second.patch[row],
      norm,
    );
  }
  return distances;
}
