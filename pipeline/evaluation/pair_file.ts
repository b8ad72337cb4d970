import type { PairTask, PatchReferences } from "../../data/mod.ts";
import {
  type DescriptorRows,
  type Norm,
  pairDistances,
} from "../metrics/distance.ts";
import type { MeasuredPairs } from "./observer.ts";

/** Where a sequence's images are in the table of one noise level. */
export interface SequencePlace {
  /** how many sequences come before it */
  turn: number;
  /** first row of the reference image; the other five follow */
  firstRow: number;
  /** of an image */
  rows: number;
}

/**
 * Pairs of a verification file, measured while the sequences of a noise level come one after another: a pair as soon as the
 * later of its two is there, since what just came is still in the processor's cache.
 */
export class PairFile {
  readonly #pairs: PairTask;
  /** [pairs] indices in the file, by turn */
  readonly #order: Uint32Array;
  /** [turns + 1] where the pairs of a turn start in `order` */
  readonly #starts: Uint32Array;
  /** [pairs] rows in the table, in the order of `order` */
  readonly #firstRows: Uint32Array;
  readonly #secondRows: Uint32Array;
  /** [pairs] in file order */
  #distances: Float64Array;

  /** @param places of all sequences that the pairs name */
  constructor(
    pairs: PairTask,
    places: ReadonlyMap<string, Readonly<SequencePlace>>,
  ) {
    const { sequences, first, second } = pairs;
    const placeOf = sequences.map((name) => places.get(name)!);
    const count = first.patch.length;
    this.#pairs = pairs;
    this.#distances = new Float64Array(count);
    this.#order = new Uint32Array(count);
    this.#starts = new Uint32Array(places.size + 1);
    this.#firstRows = new Uint32Array(count);
    this.#secondRows = new Uint32Array(count);
    const turnOf = (pair: number) =>
      Math.max(
        placeOf[first.sequence[pair]].turn,
        placeOf[second.sequence[pair]].turn,
      );
    const rowOf = (
      { sequence, image, patch }: PatchReferences,
      pair: number,
    ) => {
      const { firstRow, rows } = placeOf[sequence[pair]];
      return firstRow + image[pair] * rows + patch[pair];
    };
    for (let pair = 0; pair < count; pair++) this.#starts[turnOf(pair) + 1]++;
    for (let turn = 0; turn < places.size; turn++) {
      this.#starts[turn + 1] += this.#starts[turn];
    }
    const next = this.#starts.slice();
    for (let pair = 0; pair < count; pair++) {
      const at = next[turnOf(pair)]++;
      this.#order[at] = pair;
      this.#firstRows[at] = rowOf(first, pair);
      this.#secondRows[at] = rowOf(second, pair);
    }
  }

  /** Measures the pairs that are complete with the sequence of a turn. */
  measure(turn: number, table: DescriptorRows, norm: Norm): void {
    const start = this.#starts[turn];
    const end = this.#starts[turn + 1];
    const distances = new Float64Array(end - start);
    pairDistances(
      table,
      this.#firstRows.subarray(start, end),
      this.#secondRows.subarray(start, end),
      norm,
      distances,
    );
    for (let i = 0; i < distances.length; i++) {
      this.#distances[this.#order[start + i]] = distances[i];
    }
  }

  /** The pairs with their distances once every turn is measured; the next noise level starts. */
  takeLevel(): MeasuredPairs {
    const distances = this.#distances;
    this.#distances = new Float64Array(distances.length);
    return { pairs: this.#pairs, distances };
  }
}
