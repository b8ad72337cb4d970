import { DataError } from "../errors.ts";

const newline = 10;
const carriageReturn = 13;
const tab = 9;
const space = 32;
const comma = 44;
const zero = 48;

/** A file that is read from its beginning, twice. */
type RereadableFile = Pick<Deno.FsFile, "readSync" | "seekSync">;

/** No split has more; an index fits 16 bits. */
const mostSequences = 65_536;

/** Text of which a task file is held in memory at once. */
const chunkBytes = 1 << 20;

/**
 * The rows of a HPatches task file (header, then sequence names and integers separated by commas), read field by field
 * from a stream: a verification file has a million lines.
 */
export class TaskRows {
  /** Lines after the header. */
  readonly count: number;
  /** Names met so far, in the order of their first use. */
  readonly sequences: string[] = [];
  readonly #file: RereadableFile;
  /** bytes of the file that are not read yet, blank lines at its end left out */
  #unread: number;
  /** whether lines end in CR alone */
  readonly #endInReturns: boolean;
  /** whole lines, and the beginning of one that goes on in the file */
  #bytes = new Uint8Array(0);
  /** end of the whole lines */
  #length = 0;
  /** end of what was read */
  #filled = 0;
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
   * @param file stays open while rows are read; the caller closes it
   * @param where what to call the file in an error
   * @param columns the header's names, which must be there
   * @throws {DataError} when the header is another
   */
  constructor(
    file: RereadableFile,
    where: string,
    attempt: string,
    columns: readonly string[],
  ) {
    this.#file = file;
    this.#where = where;
    this.#attempt = attempt;
    this.#columns = columns;
    const { lines, sizeBytes, endInReturns } = measure(file);
    this.#unread = sizeBytes;
    this.#endInReturns = endInReturns;
    this.count = Math.max(0, lines - 1);
    this.#fill();
    const lineEnd = this.#bytes.subarray(0, this.#length).indexOf(newline);
    const end = lineEnd < 0 ? this.#length : lineEnd;
    const header = decode(this.#bytes.subarray(0, end)).trim();
    const names = header.replace(/,$/, "").split(",").map((name) =>
      name.trim()
    );
    if (names.join() !== columns.join()) {
      this.#fail(
        header === "" ? "nothing" : `"${header.slice(0, 60)}"`,
        `the header ${columns.join(",")}`,
      );
    }
    this.#position = end + 1;
    this.#line = 2;
  }

  /** Reads the next block behind the line that the last one broke off in. */
  #fill(): void {
    const rest = this.#bytes.subarray(
      Math.min(this.#position, this.#filled),
      this.#filled,
    );
    this.#position = 0;
    const bytes = new Uint8Array(rest.length + chunkBytes);
    bytes.set(rest);
    let filled = rest.length;
    while (this.#unread > 0 && filled < bytes.length) {
      const room = Math.min(bytes.length - filled, this.#unread);
      const read = this.#file.readSync(bytes.subarray(filled, filled + room));
      if (read === null) this.#unread = 0;
      else {
        if (this.#endInReturns) breakAtReturns(bytes, filled, filled + read);
        filled += read;
        this.#unread -= read;
      }
    }
    const end = bytes.subarray(0, filled).lastIndexOf(newline);
    this.#bytes = bytes;
    this.#filled = filled;
    this.#length = this.#unread === 0 || end < 0 ? filled : end + 1;
  }

  /** The next field as a sequence: its index in {@linkcode sequences}. */
  sequence(): number {
    const bytes = this.#bytes;
    const start = this.#skipBlanks(this.#position);
    let hash = 0;
    let end = start;
    for (; end < this.#length; end++) {
      const byte = bytes[end];
      if (byte === comma || byte === newline || isBlank(byte)) break;
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
    return this.#addSequence(hash, bytes.slice(start, end));
  }

  /** The next field as an integer from 0 to `largest`. */
  integer(largest: number): number {
    const bytes = this.#bytes;
    const start = this.#skipBlanks(this.#position);
    let value = 0;
    let end = start;
    for (; end < this.#length; end++) {
      const digit = bytes[end] - zero;
      if (!(digit >= 0 && digit < 10)) break;
      value = value * 10 + digit;
    }
    const byte = end < this.#length ? bytes[end] : newline;
    const ended = byte === comma || byte === newline || isBlank(byte);
    if (end === start || !ended || value > largest) {
      let fieldEnd = end;
      while (
        fieldEnd < this.#length && bytes[fieldEnd] !== comma &&
        bytes[fieldEnd] !== newline
      ) fieldEnd++;
      const text = decode(bytes.subarray(start, fieldEnd)).trim();
      this.#fail(
        `"${text.slice(0, 60)}"`,
        this.#wanted(`an integer from 0 to ${largest}`),
      );
    }
    this.#endField(end);
    return value;
  }

  /** Ends the line after its last field. */
  endLine(): void {
    this.#column = 0;
    this.#line++;
    if (this.#position >= this.#length && this.#unread > 0) this.#fill();
  }

  /** Moves behind the separator of a field that ends at `end`, which must be the one that belongs there. */
  #endField(end: number): void {
    const bytes = this.#bytes;
    end = this.#skipBlanks(end);
    const isLast = this.#column + 1 === this.#columns.length;
    if (isLast && bytes[end] === comma && end < this.#length) {
      // A delimiter behind the last field, as some programs write, counts for nothing.
      const rest = this.#skipBlanks(end + 1);
      if (rest >= this.#length || bytes[rest] === newline) end = rest;
    }
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

  #skipBlanks(at: number): number {
    while (at < this.#length && isBlank(this.#bytes[at])) at++;
    return at;
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

/** Lines of a file and its size, blank lines at its end left out; the file is back at its start afterwards. */
function measure(
  file: RereadableFile,
): { lines: number; sizeBytes: number; endInReturns: boolean } {
  const bytes = new Uint8Array(chunkBytes);
  let breaks = 0;
  let returns = 0;
  let lines = 0;
  let linesByReturns = 0;
  let sizeBytes = 0;
  let passed = 0;
  for (;;) {
    const read = file.readSync(bytes);
    if (read === null) break;
    for (let at = 0; at < read; at++) {
      const byte = bytes[at];
      if (byte === newline) breaks++;
      else if (byte === carriageReturn) returns++;
      else if (!isBlank(byte)) {
        lines = breaks + 1;
        linesByReturns = returns + 1;
        sizeBytes = passed + at + 1;
      }
    }
    passed += read;
  }
  file.seekSync(0, Deno.SeekMode.Start);
  const endInReturns = breaks === 0 && returns > 0;
  return {
    lines: endInReturns ? linesByReturns : lines,
    sizeBytes,
    endInReturns,
  };
}

function breakAtReturns(bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    if (bytes[at] === carriageReturn) bytes[at] = newline;
  }
}

function isBlank(byte: number): boolean {
  return byte === carriageReturn || byte === space || byte === tab;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
