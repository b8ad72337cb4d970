/**
 * The objects of an HDF5 file as bytes, in the oldest version that every reader knows: object headers of version 1. Source: HDF5 File Format
 * Specification, version 3.0, sections III.A.1 (group), III.A.2 (B-tree), III.B (symbol tables), III.D (heap), IV.A (object header).
 */

/** An address that is none. */
export const noAddress = 0xffffffffffffffffn;

/** Arrays that a dataset may hold. */
export type Hdf5Data = Float32Array | Int16Array | Int32Array;

/** Bytes written one after the other, little-endian. */
export class ByteRow {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;

  /** @param sizeBytes what is not put stays 0 */
  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(...values: number[]): this {
    for (const value of values) this.#view.setUint8(this.#at++, value);
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.#put(2, "setUint16", value);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.#put(4, "setUint32", value);
    return this;
  }

  u64(...values: (number | bigint)[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, BigInt(value), true);
      this.#at += 8;
    }
    return this;
  }

  raw(bytes: ArrayLike<number>): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }

  #put(size: number, method: "setUint16" | "setUint32", value: number) {
    this.#view[method](this.#at, value, true);
    this.#at += size;
  }
}

/** Kinds of messages in an object header. */
const message = { dataspace: 1, datatype: 3, fill: 5, layout: 8, symbols: 17 };

/** The header of a dataset whose values stand in one piece. @param address of the values */
export function datasetHeader(
  shape: readonly number[],
  data: Hdf5Data,
  address: number | bigint,
): Uint8Array<ArrayBuffer> {
  const dataspace = new ByteRow(8 + 8 * shape.length)
    .u8(1, shape.length, 0, 0).u32(0).u64(...shape);
  // Version 2: room made late, filled where it is set, and set to the default.
  const fill = new ByteRow(8).u8(2, 2, 2, 1).u32(0);
  const layout = new ByteRow(24).u8(3, 1).u64(address, data.byteLength);
  return objectHeader([
    [message.dataspace, dataspace.bytes],
    [message.datatype, datatype(data)],
    [message.fill, fill.bytes],
    [message.layout, layout.bytes],
  ]);
}

/** The header of a group. @param tree address of its B-tree @param heap address of its names */
export function groupHeader(
  tree: number,
  heap: number,
): Uint8Array<ArrayBuffer> {
  return objectHeader([
    [message.symbols, new ByteRow(16).u64(tree, heap).bytes],
  ]);
}

/** Little-endian numbers: IEEE 754 single precision, or whole with a sign. */
function datatype(data: Hdf5Data): Uint8Array {
  const size = data.BYTES_PER_ELEMENT;
  if (data instanceof Float32Array) {
    // Class 1; the mantissa's first bit is implied; sign at bit 31, exponent of 8 bits at 23 with bias 127, mantissa of 23 at 0.
    return new ByteRow(24).u8(0x11, 0x20, 31, 0).u32(size)
      .u16(0, 32).u8(23, 8, 0, 23).u32(127).bytes;
  }
  return new ByteRow(16).u8(0x10, 0x08, 0, 0).u32(size).u16(0, 8 * size).bytes;
}

function objectHeader(
  messages: readonly [kind: number, content: Uint8Array][],
): Uint8Array<ArrayBuffer> {
  const padded = (content: Uint8Array) => Math.ceil(content.length / 8) * 8;
  const sizeBytes = messages.reduce(
    (sum, [, content]) => sum + 8 + padded(content),
    0,
  );
  const header = new ByteRow(16 + sizeBytes)
    .u8(1, 0).u16(messages.length).u32(1, sizeBytes, 0);
  for (const [kind, content] of messages) {
    const filler = new Uint8Array(padded(content) - content.length);
    header.u16(kind, padded(content)).u32(0).raw(content).raw(filler);
  }
  return header.bytes;
}
