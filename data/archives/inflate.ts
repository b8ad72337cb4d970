import { Buffer } from "node:buffer";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createInflateRaw } from "node:zlib";

/**
 * Decompresses as a stream: pieces in, pieces out, never more than a few of either in memory.
 *
 * The runtime's zlib, because it is four times as fast as the same in JavaScript, which counts on gigabytes.
 *
 * @param format `deflate` without a header, as in a zip, or whole gzip members
 * @throws {Error} of zlib on damaged or truncated input
 */
export async function* inflate(
  pieces: Iterable<Uint8Array>,
  format: "deflate" | "gzip",
): AsyncGenerator<Uint8Array> {
  const options = { chunkSize: 262_144 };
  const transform = format === "gzip"
    ? createGunzip(options)
    : createInflateRaw(options);
  const source = Readable.from(buffersOf(pieces), { objectMode: true });
  // The error, if any, comes out of the loop below.
  pipeline(source, transform, () => {});
  try {
    yield* transform as AsyncIterable<Uint8Array>;
  } finally {
    transform.destroy();
    source.destroy();
  }
}

function* buffersOf(pieces: Iterable<Uint8Array>): Generator<Buffer> {
  for (const { buffer, byteOffset, byteLength } of pieces) {
    yield Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  }
}

/** Whether zlib complains about what it was fed. */
export function isOfZlib(error: unknown): error is Error {
  return error instanceof Error &&
    /^(Z_|ERR_ZLIB|ERR_STREAM)/.test(
      String((error as { code?: unknown }).code ?? ""),
    );
}
