import { RandomStream } from "../../../data/random.ts";

/** Values that length fields like least: the ends of every width, and negative ones. */
const awkward = [
  ...[0n, 1n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0xffffn, 0x7fffffffn, 0x80000000n],
  ...[0xffffffffn, 0x100000000n, 1n << 53n, (1n << 63n) - 1n, (1n << 64n) - 1n],
];

/** The bytes with one to four random changes: see the cases. `number` decides everything. */
export function mutateCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  number: number,
): Uint8Array<ArrayBuffer> {
  const stream = new RandomStream(number, "checkpoint mutation");
  let mutated = bytes.slice();
  for (let changes = 1 + stream.integer(4); changes > 0; changes--) {
    if (mutated.length === 0) break;
    const at = stream.integer(mutated.length);
    const end = at + stream.integer(mutated.length - at + 1);
    switch (stream.integer(10)) {
      case 0: // one bit
      case 1:
      case 2:
        mutated[at] ^= 1 << stream.integer(8);
        break;
      case 3: // one byte
        mutated[at] = stream.integer(256);
        break;
      case 4: // a length field of 1, 2, 4 or 8 bytes, little-endian
      case 5:
        writeField(
          mutated,
          at,
          1 << stream.integer(4),
          awkward[stream.integer(awkward.length)],
        );
        break;
      case 6: // one digit, as lengths stand in a JSON header
        changeDigit(mutated, at, stream.integer(10));
        break;
      case 7: // cut short
        mutated = mutated.slice(0, at);
        break;
      case 8: // a piece left out, or put in a second time
        mutated = joined(
          mutated.subarray(0, stream.integer(2) === 0 ? at : end),
          mutated.subarray(stream.integer(2) === 0 ? end : at),
        );
        break;
      case 9: // a piece over another place
        mutated.copyWithin(stream.integer(mutated.length), at, end);
        break;
    }
  }
  return mutated;
}

function writeField(
  bytes: Uint8Array,
  at: number,
  sizeBytes: number,
  value: bigint,
): void {
  for (let byte = 0; byte < sizeBytes && at + byte < bytes.length; byte++) {
    bytes[at + byte] = Number((value >> BigInt(8 * byte)) & 0xffn);
  }
}

function changeDigit(bytes: Uint8Array, from: number, digit: number): void {
  const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
  for (let step = 0; step < bytes.length; step++) {
    const at = (from + step) % bytes.length;
    if (!isDigit(bytes[at])) continue;
    bytes[at] = 0x30 + digit;
    return;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
