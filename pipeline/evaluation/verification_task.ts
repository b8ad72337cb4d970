import { DataError, type PairTask, readPairTask } from "../../data/mod.ts";
import { join } from "@std/path";
import type { DescriptorRows, Norm } from "../metrics/distance.ts";
import { sortMatches, verificationFigures } from "../metrics/verification.ts";
import type { DescriptorFolder } from "./descriptor_folder.ts";
import { type NegativeKind, negativeKinds, type Noise } from "./benchmark.ts";
import type { TieWatch, VerificationMeasures } from "./measures.ts";
import type { TaskObserver } from "./observer.ts";
import { PairFile, type SequencePlace } from "./pair_file.ts";

/** What the three files name. */
interface VerificationPairs {
  matching: PairTask;
  nonMatching: Readonly<Record<NegativeKind, PairTask>>;
}

/** Images of a sequence at one noise level, the reference image first. */
const imagesOfSequence = 6;

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
  /** sequence by sequence the six images of one noise level, which take the place of those of the level before */
  #level: DescriptorRows;
  readonly #places: ReadonlyMap<string, SequencePlace>;
  /** sequences of the level that were added */
  #turn = 0;

  private constructor(
    folder: DescriptorFolder,
    pairs: VerificationPairs,
    sequences: Iterable<string>,
    norm: Norm,
    observer: TaskObserver,
  ) {
    this.#norm = norm;
    this.#observer = observer;
    const places = new Map<string, SequencePlace>();
    let firstRow = 0;
    for (const name of sequences) {
      const rows = folder.rows(name);
      places.set(name, { turn: places.size, firstRow, rows });
      firstRow += rows * imagesOfSequence;
    }
    const { dimension } = folder;
    const values = new Float32Array(firstRow * dimension);
    this.#level = { values, dimension };
    this.#places = places;
    this.#matching = new PairFile(pairs.matching, places);
    this.#nonMatching = {
      inter: new PairFile(pairs.nonMatching.inter, places),
      intra: new PairFile(pairs.nonMatching.intra, places),
    };
  }

  /**
   * Reads the pairs and opens the sequences they name.
   *
   * @param firstSequences those that will be added first, in their order
   * @throws {DataError} with file and line when a file is wrong or names a patch that has no descriptor
   */
  static async read(
    folder: DescriptorFolder,
    tasksDirectory: string,
    splitName: string,
    norm: Norm,
    observer: TaskObserver,
    firstSequences: readonly string[],
  ): Promise<VerificationTask> {
    const read = async (kind: string): Promise<PairTask> => {
      const path = join(tasksDirectory, `verif_${kind}_split-${splitName}.csv`);
      const pairs = await readPairTask(path);
      await folder.open(pairs.sequences, path);
      requirePatches(folder, path, pairs);
      return pairs;
    };
    const matching = await read("pos");
    const inter = await read("neg_inter");
    const intra = await read("neg_intra");
    const named = new Set(
      [matching, inter, intra].flatMap(({ sequences }) => sequences),
    );
    const sequences = new Set([
      ...firstSequences.filter((name) => named.has(name)),
      ...named,
    ]);
    const pairs = { matching, nonMatching: { inter, intra } };
    return new VerificationTask(folder, pairs, sequences, norm, observer);
  }

  /** Sequences that its pairs name, in the order in which they are to be added. */
  get sequences(): Iterable<string> {
    return this.#places.keys();
  }

  /**
   * Takes a sequence's images at the next noise level to be measured and measures what pairs they complete, if any name it.
   *
   * @throws {RangeError} when it is not the sequence whose turn it is
   */
  add(
    sequence: string,
    reference: DescriptorRows,
    images: readonly DescriptorRows[],
  ): void {
    const place = this.#places.get(sequence);
    if (place === undefined) return;
    const { turn, firstRow, rows } = place;
    if (turn !== this.#turn) {
      throw new RangeError(`${sequence} is no. ${turn}, not ${this.#turn}`);
    }
    this.#turn++;
    [reference, ...images].forEach(({ values, dimension }, image) => {
      this.#level.values.set(values, (firstRow + image * rows) * dimension);
    });
    const { inter, intra } = this.#nonMatching;
    for (const file of [this.#matching, intra, inter]) {
      file.measure(turn, this.#level, this.#norm);
    }
  }

  /** Takes the figures of the noise level of which every sequence was added. */
  async measure(noise: Noise, ties: TieWatch): Promise<void> {
    this.#turn = 0;
    const matching = this.#matching.takeLevel();
    const matches = sortMatches(matching.distances);
    const byKind: Partial<VerificationMeasures[Noise]> = {};
    for (const kind of negativeKinds) {
      const nonMatching = this.#nonMatching[kind].takeLevel();
      const figures = verificationFigures(matches, nonMatching.distances);
      byKind[kind] = {
        auc: ties.value(`ROC area of ${noise}/${kind}`, figures.auc),
        ap: ties.value(`AP of ${noise}/${kind}`, figures.ap),
      };
      await this.#observer.onVerification?.({
        noise,
        kind,
        matching,
        nonMatching,
      });
    }
    this.#measures[noise] = byKind as VerificationMeasures[Noise];
  }

  /** All figures, once every noise level is measured; the images are given back. */
  measures(): VerificationMeasures {
    this.#level = { values: new Float32Array(0), dimension: 0 };
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
