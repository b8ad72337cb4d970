import {
  DataError,
  type PairTask,
  type PatchReferences,
  readPairTask,
} from "../../data/mod.ts";
import { join } from "@std/path";
import {
  type DescriptorRows,
  type Norm,
  pairDistances,
} from "../metrics/distance.ts";
import { sortMatches, verificationFigures } from "../metrics/verification.ts";
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
  readonly #level: DescriptorRows;
  /** by sequence: its first row there, and the rows of an image */
  readonly #place: ReadonlyMap<string, { first: number; rows: number }>;

  private constructor(
    folder: DescriptorFolder,
    matching: PairFile,
    nonMatching: Record<NegativeKind, PairFile>,
    norm: Norm,
    observer: TaskObserver,
  ) {
    this.#matching = matching;
    this.#nonMatching = nonMatching;
    this.#norm = norm;
    this.#observer = observer;
    const place = new Map<string, { first: number; rows: number }>();
    let first = 0;
    for (const name of this.sequences) {
      const rows = folder.rows(name);
      place.set(name, { first, rows });
      first += rows * imagesOfSequence;
    }
    const { dimension } = folder;
    this.#level = { values: new Float32Array(first * dimension), dimension };
    this.#place = place;
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
    const nonMatching = { inter, intra };
    return new VerificationTask(folder, matching, nonMatching, norm, observer);
  }

  /** Sequences that its pairs name. */
  get sequences(): Set<string> {
    const { inter, intra } = this.#nonMatching;
    return new Set(
      [this.#matching, inter, intra].flatMap(({ pairs }) => pairs.sequences),
    );
  }

  /** Takes a sequence's images at the next noise level to be measured, if pairs name it. */
  add(
    sequence: string,
    reference: DescriptorRows,
    images: readonly DescriptorRows[],
  ): void {
    const place = this.#place.get(sequence);
    if (place === undefined) return;
    [reference, ...images].forEach(({ values, dimension }, image) => {
      const row = place.first + image * place.rows;
      this.#level.values.set(values, row * dimension);
    });
  }

  /** Measures the noise level of which every sequence was added. */
  async measure(noise: Noise, ties: TieWatch): Promise<void> {
    const distancesOf = ({ pairs }: PairFile) => {
      const { sequences, first, second } = pairs;
      const distances = new Float64Array(first.patch.length);
      pairDistances(
        this.#level,
        this.#rowsOf(sequences, first),
        this.#rowsOf(sequences, second),
        this.#norm,
        distances,
      );
      return distances;
    };
    const matching = distancesOf(this.#matching);
    const matches = sortMatches(matching);
    const byKind: Partial<VerificationMeasures[Noise]> = {};
    for (const kind of negativeKinds) {
      const distances = distancesOf(this.#nonMatching[kind]);
      const figures = verificationFigures(matches, distances);
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

  /** Rows in the level of patches. */
  #rowsOf(
    sequences: readonly string[],
    { sequence, image, patch }: PatchReferences,
  ): Uint32Array {
    const places = sequences.map((name) => this.#place.get(name)!);
    const result = new Uint32Array(patch.length);
    for (let i = 0; i < result.length; i++) {
      const { first, rows } = places[sequence[i]];
      result[i] = first + image[i] * rows + patch[i];
    }
    return result;
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
