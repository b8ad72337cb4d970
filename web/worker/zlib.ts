/** What the readers of files use of Node's zlib, for browsers: the bundler puts it in that module's place. */
import { unzlibSync } from "fflate";

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) {
    value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  }
  return value;
});

/** CRC-32 of bytes, from that of the bytes before them; polynomial 0x04c11db7, as in PNG and zip. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let value = ~before;
  for (const byte of bytes) value = table[(value ^ byte) & 255] ^ (value >>> 8);
  return ~value >>> 0;
}

/**
 * Uncompresses zlib's format.
 *
 * @throws {Error} with the code ERR_BUFFER_TOO_LARGE when there is more than `maxOutputLength`; when the bytes are damaged
 */
export function inflateSync(
  bytes: Uint8Array,
  { maxOutputLength }: { maxOutputLength: number },
): Uint8Array {
  // One byte more than there may be shows that there is more.
  const out = unzlibSync(bytes, { out: new Uint8Array(maxOutputLength + 1) });
  if (out.length <= maxOutputLength) return out;
  throw Object.assign(new Error("too much"), { code: "ERR_BUFFER_TOO_LARGE" });
}
