import { DataError, DescriptorReader } from "../../data/mod.ts";
import { join } from "@std/path";
import type { DescriptorRows } from "../metrics/distance.ts";
import type { DescriptorTransform } from "./pca_power_law.ts";

/** The five images of one sequence at one noise level. */
export interface NoisyImages {
  sequence: string;
  images: DescriptorRows[];
}

/** Files smaller than this together are read on the calling thread: starting another takes as long. */
const worthWorkersBytes = 64e6;
const mostWorkers = 4;
const typesOfSequence = 16;
const attempt = "evaluate the descriptors";

/**
 * A folder of descriptor files in the HPatches benchmark's layout, `<sequence>/<type>.csv`, read on several cores. Reference
 * images are kept once they are opened; the others pass by, one noise level at a time.
 */
export class DescriptorFolder implements Disposable {
  readonly directory: string;
  readonly #transform: DescriptorTransform | undefined;
  readonly #references = new Map<string, DescriptorRows>();
  #reader: DescriptorReader | undefined;
  #dimension: { value: number; file: string } | undefined;
  /** columns that counted the rows in every file so far; undefined before the first */
  #counting: number[] | undefined;

  /** @param transform done to every image as it is read */
  constructor(directory: string, transform?: DescriptorTransform) {
    this.directory = directory;
    this.#transform = transform;
    if (transform === undefined) return;
    this.#dimension = { value: transform.dimension, file: transform.file };
  }

  /**
   * Reads the reference images of sequences.
   *
   * @param neededBy who names these sequences, for the error: `split a`
   * @throws {DataError} naming the place: an absent sequence or file, what is no number, another dimension
   */
  async open(
    sequences: Iterable<string>,
    neededBy: string,
    onSequence: () => void = () => {},
  ): Promise<void> {
    const wanted = [...new Set(sequences)].filter((name) =>
      !this.#references.has(name)
    );
    for (const name of wanted) await this.#requireFolder(name, neededBy);
    if (wanted.length === 0) return;
    const reader = this.#reader ??= await this.#startReader(wanted);
    const files = wanted.map((name) => this.#pathOf(name, "ref"));
    let index = 0;
    for await (const table of inOrder(files, reader)) {
      const image = this.#checked(files[index], table);
      this.#references.set(wanted[index++], image);
      onSequence();
    }
  }

  /** The reference image of a sequence that was opened. */
  reference(sequence: string): DescriptorRows {
    const image = this.#references.get(sequence);
    if (image !== undefined) return image;
    throw new RangeError(`sequence ${sequence} is not open`);
  }

  /** Patches of a sequence that was opened. */
  rows(sequence: string): number {
    const { values, dimension } = this.reference(sequence);
    return values.length / dimension;
  }

  /**
   * Reads the five images of sequences that were opened, at the noise level whose types start with `letter`. Files are read
   * ahead while the caller works.
   *
   * @throws {DataError} naming the place: an absent file, what is no number, another dimension, other rows than the reference's
   */
  async *noisyImages(
    sequences: readonly string[],
    letter: string,
  ): AsyncGenerator<NoisyImages> {
    const files = sequences.flatMap((name) =>
      [1, 2, 3, 4, 5].map((image) => this.#pathOf(name, `${letter}${image}`))
    );
    let images: DescriptorRows[] = [];
    let read = 0;
    for await (const table of inOrder(files, this.#reader!)) {
      const path = files[read];
      const sequence = sequences[Math.floor(read / 5)];
      const image = this.#checked(path, table);
      this.#requireRows(image, sequence, path);
      images.push(image);
      if (++read % 5 > 0) continue;
      yield { sequence, images };
      images = [];
    }
  }

  /** Values in a row; 0 before anything is known. */
  get dimension(): number {
    return this.#dimension?.value ?? 0;
  }

  /**
   * Columns, from 1, that count the rows in every file read so far: an index that a program wrote beside the descriptors. Row i is
   * patch i in every file, so such a column gives the answer away.
   */
  get countingColumns(): number[] {
    return (this.#counting ?? []).map((column) => column + 1);
  }

  /** Ends the threads that read; what was read stays. */
  [Symbol.dispose](): void {
    this.#reader?.[Symbol.dispose]();
    this.#reader = undefined;
  }

  #pathOf(sequence: string, type: string): string {
    return join(this.directory, sequence, `${type}.csv`);
  }

  async #startReader(sequences: readonly string[]): Promise<DescriptorReader> {
    const first = await Deno.stat(this.#pathOf(sequences[0], "ref"))
      .catch(() => undefined);
    const sizeBytes = (first?.size ?? 0) * typesOfSequence * sequences.length;
    const workers = sizeBytes < worthWorkersBytes
      ? 0
      : Math.min(navigator.hardwareConcurrency, mostWorkers);
    return new DescriptorReader(workers);
  }

  async #requireFolder(sequence: string, neededBy: string): Promise<void> {
    const path = join(this.directory, sequence);
    try {
      if ((await Deno.stat(path)).isDirectory) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    throw new DataError({
      attempt,
      where: path,
      found: "no such folder",
      wanted: `descriptors of sequence ${sequence}, which ${neededBy} names`,
    });
  }

  /** The image of a table whose dimension is that of all others. */
  #checked(
    path: string,
    { values, dimension }: { values: Float32Array; dimension: number },
  ): DescriptorRows {
    this.#dimension ??= { value: dimension, file: path };
    if (dimension !== this.#dimension.value) {
      throw new DataError({
        attempt,
        where: path,
        found: `${dimension} values in a row`,
        wanted: `${this.#dimension.value} as in ${this.#dimension.file}`,
      });
    }
    const image = { values, dimension };
    // One row counts nothing.
    if (values.length > dimension) {
      const columns = this.#counting ??
        Array.from({ length: dimension }, (_, i) => i);
      this.#counting = columns.filter((column) => countsRows(image, column));
    }
    return this.#transform?.apply(image) ?? image;
  }

  #requireRows(image: DescriptorRows, sequence: string, path: string): void {
    const rows = image.values.length / image.dimension;
    const wanted = this.rows(sequence);
    if (rows === wanted) return;
    throw new DataError({
      attempt,
      where: path,
      found: `${rows} rows`,
      wanted: `${wanted} as in ${
        this.#pathOf(sequence, "ref")
      }: row i is patch i in every type`,
    });
  }
}

/** Whether a column holds c, c + 1, c + 2, … */
function countsRows(
  { values, dimension }: DescriptorRows,
  column: number,
): boolean {
  for (let at = column + dimension; at < values.length; at += dimension) {
    if (values[at] !== values[at - dimension] + 1) return false;
  }
  return true;
}

/** Tables of files in their order, some of them read ahead. */
async function* inOrder(files: readonly string[], reader: DescriptorReader) {
  const pending: ReturnType<DescriptorReader["read"]>[] = [];
  let asked = 0;
  for (let taken = 0; taken < files.length; taken++) {
    while (asked < files.length && asked <= taken + reader.ahead) {
      const table = reader.read(files[asked++]);
      // Whoever takes the file before it may fail; this one's failure then matters to nobody.
      table.catch(() => {});
      pending.push(table);
    }
    yield await pending.shift()!;
  }
}
