import { DataError } from "../errors.ts";

/** A descriptor file: one row a patch. */
export interface DescriptorTable {
  rows: number;
  dimension: number;
  /** [rows, dimension], finite */
  values: Float32Array;
}

/** What the errors of reading call it. */
export const readAttempt = "read the descriptors";

const newline = 10;
const carriageReturn = 13;
const tab = 9;
const space = 32;
const comma = 44;
const semicolon = 59;
const minus = 45;
const plus = 43;
const point = 46;
const zero = 48;

/** Values with at most this many digits are exact in a double before the division by a power of ten. */
const exactDigits = 15;

const powersOfTen = Float64Array.from(
  { length: exactDigits + 1 },
  (_, i) => 10 ** i,
);

/** A hundred times what descriptors have. */
const mostColumns = 1 << 16;

/**
 * Parses rows of numbers. The delimiter is a comma, a semicolon, a tab or blanks, told from the first line; the other
 * lines must keep to it. A byte order mark, blanks around a number, a delimiter behind the last one, CRLF or CR, and empty lines at the end
 * are accepted.
 *
 * Each number is the float32 nearest to the double that the text denotes.
 *
 * @param where what to call the file in an error
 * @throws {DataError} with file and line: no row, another delimiter, a row of another length, something that is no finite number
 */
export function parseDescriptorCsv(
  file: Uint8Array,
  where: string,
): DescriptorTable {
  const bytes = withLineFeeds(file);
  const length = endOfText(bytes);
  const begin = startOfText(bytes);
  if (length <= begin) {
    throw new DataError({
      attempt: readAttempt,
      where,
      found: "an empty file",
      wanted: "one row of numbers a patch",
    });
  }
  const firstEnd = bytes.indexOf(newline);
  const wholeLine = bytes.subarray(begin, firstEnd < 0 ? length : firstEnd);
  const delimiter = findDelimiter(withoutTail(wholeLine, newline));
  const firstLine = withoutTail(wholeLine, delimiter);
  const dimension = countFields(firstLine, delimiter);
  const fail = (row: number, found: string, wanted: string): never => {
    throw new DataError({
      attempt: readAttempt,
      where: `${where}:${row + 1}`,
      found,
      wanted,
    });
  };

  if (dimension > mostColumns) {
    fail(0, `${dimension} columns`, `at most ${mostColumns}`);
  }
  // Exact for rows of equal length, as the benchmark's are.
  const expected = Math.ceil((length + 1) / (firstLine.length + 1));
  let values = new Float32Array(expected * dimension);
  let position = begin;
  let out = 0;
  let row = 0;
  for (; position < length; row++) {
    if (out === values.length) values = enlarged(values, dimension);
    for (let column = 0; column < dimension; column++) {
      let byte = bytes[position];
      while (byte === space) byte = bytes[++position];
      const start = position;
      if (byte === minus || byte === plus) byte = bytes[++position];
      let mantissa = 0;
      const wholeStart = position;
      for (; byte >= zero && byte < zero + 10; byte = bytes[++position]) {
        mantissa = mantissa * 10 + (byte - zero);
      }
      let digits = position - wholeStart;
      let decimals = 0;
      if (byte === point) {
        const decimalsStart = ++position;
        byte = bytes[position];
        for (; byte >= zero && byte < zero + 10; byte = bytes[++position]) {
          mantissa = mantissa * 10 + (byte - zero);
        }
        decimals = position - decimalsStart;
        digits += decimals;
      }
      const last = column + 1 === dimension;
      if (byte === carriageReturn) byte = bytes[++position];
      let value: number;
      if (
        digits > 0 && digits <= exactDigits &&
        (byte === delimiter || byte === newline || position >= length)
      ) {
        value = mantissa / powersOfTen[decimals];
        if (bytes[start] === minus) value = -value;
      } else {
        while (
          position < length && bytes[position] !== delimiter &&
          bytes[position] !== newline
        ) position++;
        value = slowNumber(bytes, start, position);
        if (Number.isNaN(value)) {
          const text = describeField(bytes, start, position);
          const wanted = `a finite number in column ${column + 1} of ` +
            `${dimension}, delimited by ${delimiterName(delimiter)}`;
          fail(row, text, wanted);
        }
      }
      values[out++] = value;
      if (last && bytes[position] === delimiter) {
        position = endOfTail(bytes, position, length);
      }
      const separator = position;
      if (delimiter === space) {
        while (bytes[position] === space) position++;
        if (last && isBlank(bytes[position])) {
          position = endOfTail(bytes, position, length);
        }
      }
      const ended = position >= length || bytes[position] === newline;
      if (ended !== last) {
        const found = last
          ? `${countFields(lineAt(bytes, position, length), delimiter)} values`
          : `${column + 1} values`;
        fail(row, found, `${dimension} as in line 1`);
      }
      // A run of blanks that separates is behind us already; every other separator is one byte.
      if (ended || position === separator) position++;
    }
  }
  if (out < values.length) values = values.slice(0, out);
  return { rows: row, dimension, values };
}

/** The same values with room for half as many again, and for a whole number of rows. */
function enlarged(
  values: Float32Array<ArrayBuffer>,
  dimension: number,
): Float32Array<ArrayBuffer> {
  const rows = Math.ceil(values.length / dimension * 1.5);
  const result = new Float32Array(rows * dimension);
  result.set(values);
  return result;
}

/** Index behind a byte order mark. */
function startOfText(bytes: Uint8Array): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/** The line without blanks at its end and without one delimiter there, as some programs write it behind every row. */
function withoutTail(line: Uint8Array, delimiter: number): Uint8Array {
  let end = line.length;
  while (end > 0 && isBlank(line[end - 1]) && line[end - 1] !== delimiter) {
    end--;
  }
  if (end > 0 && delimiter !== space && line[end - 1] === delimiter) end--;
  return line.subarray(0, end);
}

/** The end of the line when nothing but blanks follows a delimiter behind the last value; else the delimiter's own place. */
function endOfTail(
  bytes: Uint8Array,
  position: number,
  length: number,
): number {
  let at = position + 1;
  while (at < length && isBlank(bytes[at])) at++;
  return at >= length || bytes[at] === newline ? at : position;
}

/** The text with line feeds in place of CRs, where lines end in CR alone. */
function withLineFeeds(bytes: Uint8Array): Uint8Array {
  if (bytes.includes(newline) || !bytes.includes(carriageReturn)) return bytes;
  return bytes.map((byte) => byte === carriageReturn ? newline : byte);
}

/** Index after the last byte that is neither blank nor a line end. */
function endOfText(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (isBlank(bytes[end - 1]) || bytes[end - 1] === newline)) {
    end--;
  }
  return end;
}

function isBlank(byte: number): boolean {
  return byte === space || byte === tab || byte === carriageReturn;
}

function findDelimiter(line: Uint8Array): number {
  for (const candidate of [comma, semicolon, tab]) {
    if (line.includes(candidate)) return candidate;
  }
  return space;
}

function delimiterName(delimiter: number): string {
  if (delimiter === tab) return "a tab";
  if (delimiter === space) return "blanks";
  return `'${String.fromCharCode(delimiter)}'`;
}

function countFields(line: Uint8Array, delimiter: number): number {
  if (delimiter === space) {
    return decode(line).trim().split(/\s+/).length;
  }
  let fields = 1;
  for (const byte of line) if (byte === delimiter) fields++;
  return fields;
}

function lineAt(
  bytes: Uint8Array,
  position: number,
  length: number,
): Uint8Array {
  const start = position === 0
    ? 0
    : bytes.lastIndexOf(newline, position - 1) + 1;
  const end = bytes.indexOf(newline, position);
  return bytes.subarray(start, end < 0 ? length : Math.min(end, length));
}

/** Numbers that the fast path leaves: exponents, many digits, blanks after the number. NaN when it is none. */
function slowNumber(bytes: Uint8Array, start: number, end: number): number {
  const text = decode(bytes.subarray(start, end)).trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return NaN;
  const value = Math.fround(Number(text));
  return Number.isFinite(value) ? value : NaN;
}

function describeField(bytes: Uint8Array, start: number, end: number): string {
  const text = decode(bytes.subarray(start, end)).trim();
  if (text === "") return "an empty field";
  return `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
