import { DataError } from "./errors.ts";

const newline = 10;
const carriageReturn = 13;
const comma = 44;
const zero = 48;

/** No split has more; an index fits 16 bits. */
const mostSequences = 65_536;

/**
 * The rows of a HPatches task file (header, then sequence names and integers separated by commas), read field by field
 * from bytes: a verification file has a million lines.
 */
export class TaskRows {
  /** Lines after the header. */
  readonly count: number;
  /** Names met so far, in the order of their first use. */
  readonly sequences: string[] = [];
  readonly #bytes: Uint8Array;
  readonly #length: number;
  readonly #where: string;
  readonly #attempt: string;
  readonly #columns: readonly string[];
  /** indices into `sequences` by hash of the name's bytes */
  readonly #byHash = new Map<number, number[]>();
  readonly #names: Uint8Array[] = [];
  #position = 0;
  #line = 1;
  #column = 0;

  /**
   * @param where what to call the file in an error
   * @param columns the header's names, which must be there
   * @throws DataError when the header is another
   */
  constructor(
    bytes: Uint8Array,
    where: string,
    attempt: string,
    columns: readonly string[],
  ) {
    this.#bytes = bytes;
    this.#where = where;
    this.#attempt = attempt;
    this.#columns = columns;
    let length = bytes.length;
    while (
      length > 0 &&
      (bytes[length - 1] === newline || bytes[length - 1] === carriageReturn)
    ) length--;
    this.#length = length;
    const headerEnd = bytes.indexOf(newline);
    const end = headerEnd < 0 || headerEnd > length ? length : headerEnd;
    const header = decode(bytes.subarray(0, end)).trim();
    if (header !== columns.join(",")) {
      this.#fail(
        header === "" ? "nothing" : `"${header.slice(0, 60)}"`,
        `the header ${columns.join(",")}`,
      );
    }
    let count = 0;
    for (
      let at = end;
      at >= 0 && at < length;
      at = bytes.indexOf(newline, at + 1)
    ) count++;
    this.count = count;
    this.#position = end + 1;
    this.#line = 2;
  }

  /** The next field as a sequence: its index in {@linkcode sequences}. */
  sequence(): number {
    const bytes = this.#bytes;
    const start = this.#position;
    let hash = 0;
    let end = start;
    for (; end < this.#length; end++) {
      const byte = bytes[end];
      if (byte === comma || byte === newline) break;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (end === start) this.#fail("an empty field", this.#wanted("a sequence"));
    this.#endField(end);
    const candidates = this.#byHash.get(hash);
    if (candidates !== undefined) {
      for (const index of candidates) {
        if (this.#equals(this.#names[index], start, end)) return index;
      }
    }
    return this.#addSequence(hash, bytes.subarray(start, end));
  }

  /** The next field as an integer from 0 to `largest`. */
  integer(largest: number): number {
    const bytes = this.#bytes;
    const start = this.#position;
    let value = 0;
    let end = start;
    for (; end < this.#length; end++) {
      const digit = bytes[end] - zero;
      if (!(digit >= 0 && digit < 10)) break;
      value = value * 10 + digit;
    }
    const byte = end < this.#length ? bytes[end] : newline;
    const ended = byte === comma || byte === newline || byte === carriageReturn;
    if (end === start || !ended || value > largest) {
      let fieldEnd = end;
      while (
        fieldEnd < this.#length && bytes[fieldEnd] !== comma &&
        bytes[fieldEnd] !== newline
      ) fieldEnd++;
      const text = decode(bytes.subarray(start, fieldEnd)).trim();
      this.#fail(`"${text}"`, this.#wanted(`an integer from 0 to ${largest}`));
    }
    this.#endField(end);
    return value;
  }

  /** Ends the line after its last field. */
  endLine(): void {
    this.#column = 0;
    this.#line++;
  }

  /** Moves behind the separator of a field that ends at `end`, which must be the one that belongs there. */
  #endField(end: number): void {
    const bytes = this.#bytes;
    if (bytes[end] === carriageReturn) end++;
    const isLast = this.#column + 1 === this.#columns.length;
    const atLineEnd = end >= this.#length || bytes[end] === newline;
    if (atLineEnd !== isLast) {
      this.#fail(
        isLast ? "more fields" : `${this.#column + 1} fields`,
        `${this.#columns.length}: ${this.#columns.join(",")}`,
      );
    }
    this.#position = end + 1;
    this.#column++;
  }

  #equals(name: Uint8Array, start: number, end: number): boolean {
    if (name.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) {
      if (name[i] !== this.#bytes[start + i]) return false;
    }
    return true;
  }

  #addSequence(hash: number, name: Uint8Array): number {
    const index = this.sequences.length;
    if (index === mostSequences) {
      this.#fail("another sequence", `at most ${mostSequences}`);
    }
    this.sequences.push(decode(name));
    this.#names.push(name);
    const candidates = this.#byHash.get(hash);
    if (candidates === undefined) this.#byHash.set(hash, [index]);
    else candidates.push(index);
    return index;
  }

  #wanted(what: string): string {
    return `${what} in column ${this.#columns[this.#column]}`;
  }

  #fail(found: string, wanted: string): never {
    throw new DataError({
      attempt: this.#attempt,
      where: `${this.#where}:${this.#line}`,
      found,
      wanted,
    });
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
