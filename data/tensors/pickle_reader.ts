import { DataError } from "../errors.ts";

/** Longest module or attribute name that is read: longer ones are damage. */
const longestLineBytes = 256;

/** Longest integer that is read; its cost grows with the square of its length. */
const longestIntegerBytes = 1024;

/** Reads the primitive values of a pickle stream, never beyond its end. */
export class PickleReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #position: number;

  /** @param where what to call the stream in an error */
  constructor(bytes: Uint8Array, readonly where: string, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  /** Offset of the next byte. */
  get position(): number {
    return this.#position;
  }

  byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#advance(8), true);
  }

  /** A length in 64 bits, which a file of that length could have. */
  length64(): number {
    const length = this.int64();
    if (length >= 0n && length <= BigInt(this.#bytes.byteLength)) {
      return Number(length);
    }
    throw this.fault(`a length of ${length}`, "one within the file");
  }

  /** Big-endian, unlike all else in a pickle. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** A signed little-endian integer of so many bytes; a bigint only where a number cannot hold it. */
  long(length: number): number | bigint {
    if (length > longestIntegerBytes) {
      throw this.fault(
        `an integer of ${length} bytes`,
        `at most ${longestIntegerBytes}`,
      );
    }
    const bytes = this.bytes(length);
    let value = 0n;
    for (let at = length - 1; at >= 0; at--) {
      value = value << 8n | BigInt(bytes[at]);
    }
    if (length > 0 && bytes[length - 1] >= 0x80) {
      value -= 1n << BigInt(8 * length);
    }
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** UTF-8 text of the given length in bytes. */
  text(lengthBytes: number): string {
    return new TextDecoder().decode(this.bytes(lengthBytes));
  }

  /** Text up to a line feed. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    const length = end - this.#position;
    if (end < 0 || length > longestLineBytes) {
      throw this.fault("a name without an end", "a line");
    }
    const text = this.text(length);
    this.#position++;
    return text;
  }

  /** The next bytes, without a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** An error about what the file asks for, wherever that stands. */
  refusal(found: string, wanted: string, remedy: string): DataError {
    return new DataError({
      attempt: "read the checkpoint",
      where: this.where,
      found,
      wanted,
      remedy,
    });
  }

  /** An error at the present position. */
  fault(found: string, wanted: string): DataError {
    return new DataError({
      attempt: "read the checkpoint",
      where: `${this.where}, byte ${this.#position}`,
      found,
      wanted,
      remedy: "the file is damaged or not a checkpoint: fetch or save it again",
    });
  }

  #advance(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.byteLength) {
      throw this.fault("the end of the file", `${length} more bytes`);
    }
    this.#position += length;
    return start;
  }
}
