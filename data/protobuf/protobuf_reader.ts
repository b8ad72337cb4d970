import { DataError } from "../errors.ts";

/** One field of a Protocol Buffers message: an integer, or the bytes of a text, a message or a packed list. */
export type ProtobufField =
  & { field: number }
  & ({ integer: bigint; bytes?: never } | {
    bytes: Uint8Array;
    integer?: never;
  });

/**
 * The fields of a message in the order in which they stand, without a schema. Fields of fixed width are given as their
 * 4 or 8 bytes.
 *
 * @param where what is read, for messages
 * @throws {DataError} when the bytes are no message: cut off, a number too long, a group, field 0
 */
export function* protobufFields(
  message: Uint8Array,
  where: string,
): Generator<ProtobufField> {
  let at = 0;
  const refuse = (found: string) =>
    new DataError({
      attempt: "read a message",
      where,
      found: `${found} at byte ${at}`,
      wanted: "a Protocol Buffers message",
    });
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= message.length) throw refuse("its end");
      const byte = message[at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw refuse("a number of more than ten bytes");
  };
  const take = (sizeBytes: bigint): Uint8Array => {
    if (sizeBytes > BigInt(message.length - at)) throw refuse("its end");
    const bytes = message.subarray(at, at + Number(sizeBytes));
    at += bytes.length;
    return bytes;
  };
  while (at < message.length) {
    const tag = readVarint();
    const field = Number(tag >> 3n);
    if (field === 0) throw refuse("field 0");
    const wireType = Number(tag & 7n);
    if (wireType === 0) yield { field, integer: readVarint() };
    else if (wireType === 1) yield { field, bytes: take(8n) };
    else if (wireType === 2) yield { field, bytes: take(readVarint()) };
    else if (wireType === 5) yield { field, bytes: take(4n) };
    else throw refuse(`wire type ${wireType}`);
  }
}
