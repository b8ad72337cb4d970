const encoder = new TextEncoder();

/** How the value of a field is laid out, as the low three bits of its tag say. */
const wireTypes = {
  varint: 0,
  eightBytes: 1,
  lengthDelimited: 2,
  fourBytes: 5,
};

/**
 * Builds one Protocol Buffers message: fields in the order in which they are written, nothing checked against a schema.
 * A field that has its default value (0, "", no bytes) may simply be left out.
 *
 * @example
 * ```ts
 * const message = new ProtobufWriter().text(1, "conv").message(2, (inner) => inner.integer(1, 128)).finish();
 * ```
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  /**
   * A field of type int64, int32, uint64, uint32, bool or enum.
   *
   * @param value a safe integer; a negative one is written as its 64-bit two's complement, as int32 and int64 want it
   * @throws {RangeError} for anything else
   */
  integer(field: number, value: number): this {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`protobuf field ${field} cannot hold ${value}`);
    }
    this.#tag(field, wireTypes.varint);
    return this.#append(varint(value));
  }

  /** A field of type float: `value` as the nearest binary32. */
  float32(field: number, value: number): this {
    this.#tag(field, wireTypes.fourBytes);
    return this.#append(bytesOf(Float32Array.of(value)));
  }

  /** A field of type double. */
  float64(field: number, value: number): this {
    this.#tag(field, wireTypes.eightBytes);
    return this.#append(bytesOf(Float64Array.of(value)));
  }

  /** A packed list of doubles. */
  float64s(field: number, values: readonly number[]): this {
    return this.bytes(field, bytesOf(Float64Array.from(values)));
  }

  /** A field of type bytes, or a packed list whose bytes are at hand. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, wireTypes.lengthDelimited);
    return this.#append(varint(value.length)).#append(value);
  }

  /** A field of type string. */
  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  /** A field that is a message, written by `write`. */
  message(field: number, write: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    write(message);
    this.#tag(field, wireTypes.lengthDelimited);
    this.#append(varint(message.#sizeBytes));
    for (const part of message.#parts) this.#append(part);
    return this;
  }

  /** The message's bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #tag(field: number, wireType: number): void {
    this.#append(varint(field * 8 + wireType));
  }

  #append(part: Uint8Array): this {
    this.#parts.push(part);
    this.#sizeBytes += part.length;
    return this;
  }
}

/** Little-endian, as Protocol Buffers and every platform with WebGPU are. */
function bytesOf({ buffer }: Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(buffer);
}

/** Seven bits a byte, the lowest first, the top bit set on all but the last. */
function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
