import { DataError, patchTypes, readDescriptorCsv } from "../../data/mod.ts";
import { join } from "@std/path";
import type { DescriptorRows } from "../metrics/distance.ts";
import type { DescriptorTransform } from "./pca_power_law.ts";

/** All descriptors of one sequence. */
export interface SequenceDescriptors {
  /** patches in every type */
  rows: number;
  /** by type: ref, e1 … t5 */
  byType: ReadonlyMap<string, DescriptorRows>;
}

/**
 * A folder of descriptor files in the HPatches benchmark's layout, `<sequence>/<type>.csv`. Sequences are read when they
 * are first asked for, and kept.
 */
export class DescriptorFolder {
  readonly directory: string;
  readonly #transform: DescriptorTransform | undefined;
  readonly #sequences = new Map<string, SequenceDescriptors>();
  #dimension: { value: number; file: string } | undefined;

  /** @param transform done to every image as it is read */
  constructor(directory: string, transform?: DescriptorTransform) {
    this.directory = directory;
    this.#transform = transform;
    if (transform === undefined) return;
    this.#dimension = { value: transform.dimension, file: transform.file };
  }

  /**
   * Reads sequences, all sixteen types of each.
   *
   * @param neededBy who names these sequences, for the error: `split a`
   * @throws DataError naming the place: an absent sequence or type, what is no number, another dimension, or types with
   * different numbers of rows
   */
  async load(
    sequences: Iterable<string>,
    neededBy: string,
    onSequence: () => void = () => {},
  ): Promise<void> {
    for (const sequence of sequences) {
      if (this.#sequences.has(sequence)) continue;
      await this.#requireFolder(sequence, neededBy);
      this.#sequences.set(sequence, await this.#read(sequence));
      onSequence();
    }
  }

  /** A sequence that was loaded. */
  sequence(name: string): SequenceDescriptors {
    const sequence = this.#sequences.get(name);
    if (sequence === undefined) {
      throw new RangeError(`sequence ${name} is not loaded`);
    }
    return sequence;
  }

  /** Values in a row; 0 before anything is known. */
  get dimension(): number {
    return this.#dimension?.value ?? 0;
  }

  async #requireFolder(sequence: string, neededBy: string): Promise<void> {
    const path = join(this.directory, sequence);
    try {
      if ((await Deno.stat(path)).isDirectory) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    throw new DataError({
      attempt: "evaluate the descriptors",
      where: path,
      found: "no such folder",
      wanted: `descriptors of sequence ${sequence}, which ${neededBy} names`,
    });
  }

  async #read(sequence: string): Promise<SequenceDescriptors> {
    const byType = new Map<string, DescriptorRows>();
    let rows = 0;
    for (const type of patchTypes) {
      const path = join(this.directory, sequence, `${type}.csv`);
      const table = await readDescriptorCsv(path);
      this.#dimension ??= { value: table.dimension, file: path };
      if (table.dimension !== this.#dimension.value) {
        throw new DataError({
          attempt: "evaluate the descriptors",
          where: path,
          found: `${table.dimension} values in a row`,
          wanted: `${this.#dimension.value} as in ${this.#dimension.file}`,
        });
      }
      if (byType.size > 0 && table.rows !== rows) {
        throw new DataError({
          attempt: "evaluate the descriptors",
          where: path,
          found: `${table.rows} rows`,
          wanted: `${rows} as in ${
            join(this.directory, sequence, "ref.csv")
          }: row i is patch i in every type`,
        });
      }
      rows = table.rows;
      const { values, dimension } = table;
      const image = { values, dimension };
      byType.set(type, this.#transform?.apply(image) ?? image);
    }
    return { rows, byType };
  }
}
