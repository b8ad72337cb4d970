/**
 * Content identity: one text for one JSON value, sha-256 of texts and of files.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Json } from "./json.ts";

/** How much of a file is in memory while it is hashed. */
const chunkSizeBytes = 1 << 20;

/** A file smaller than this is read at once: going through the event loop would take longer. */
const smallSizeBytes = 1 << 16;

/** Lower-case hexadecimal sha-256 of a text (as UTF-8) or of bytes: 64 characters. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Sha-256 and size of a file, read as a stream in bounded memory. */
export async function sha256File(
  path: string,
): Promise<{ digest: string; sizeBytes: number }> {
  using file = await Deno.open(path, { read: true });
  const hash = createHash("sha256");
  const expectedBytes = file.statSync().size;
  // A megabyte for each of many thousand small files would be garbage faster than it is collected.
  const chunk = new Uint8Array(Math.min(chunkSizeBytes, expectedBytes + 1));
  const isSmall = expectedBytes < smallSizeBytes;
  let sizeBytes = 0;
  for (;;) {
    const count = isSmall ? file.readSync(chunk) : await file.read(chunk);
    if (count === null) break;
    hash.update(chunk.subarray(0, count));
    sizeBytes += count;
  }
  return { digest: hash.digest("hex"), sizeBytes };
}

/**
 * The one JSON text of a value: no white space, object keys sorted by UTF-16 code units, numbers as ECMAScript prints
 * them (the rules of RFC 8785).
 *
 * @throws {TypeError} for a number that is not finite or a value that JSON cannot hold: two different values must
 * never get the same text.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) {
      throw new TypeError(`canonical JSON cannot hold the number ${value}`);
    }
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object") {
    const entries = Object.keys(value).sort().map((key) =>
      `${JSON.stringify(key)}:${canonicalJson(value[key])}`
    );
    return `{${entries.join(",")}}`;
  }
  throw new TypeError(
    `canonical JSON cannot hold a value of type ${typeof value}`,
  );
}

/** Sha-256 of the canonical JSON text. */
export function sha256Json(value: Json): string {
  return sha256(canonicalJson(value));
}
