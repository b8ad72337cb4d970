import { DataError } from "../errors.ts";
import { JsonExcess, parseJson } from "../json_text.ts";
import { findDuplicateKey } from "./json_duplicates.ts";
import { type Dtype, elementSizeBytes } from "./tensor_data.ts";

/** Where one tensor's bytes stand, `[begin, end)` in the data after the header. */
export interface SafetensorsEntry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

/** The format's own bound; a longer header is taken for a damaged length field. */
const maximumHeaderBytes = 100_000_000;

/** Most axes of a tensor, as in PyTorch: a shape costs time in proportion to them wherever it is used again. */
const mostAxes = 64;

/**
 * Reads and checks the header of a safetensors file.
 *
 * @returns entries in the order of their bytes, which together cover `data` without gap or overlap
 * @throws {DataError} at the first fault
 */
export function parseSafetensorsHeader(bytes: Uint8Array, where: string): {
  entries: SafetensorsEntry[];
  metadata: Record<string, string>;
  data: Uint8Array;
} {
  const { header, data } = splitHeader(bytes, where);
  let metadata: Record<string, string> = {};
  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === "__metadata__") metadata = parseMetadata(value, where);
    else entries.push(parseEntry(name, value, where));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, data.byteLength, where);
  return { entries, metadata, data };
}

function splitHeader(
  bytes: Uint8Array,
  where: string,
): { header: Record<string, unknown>; data: Uint8Array } {
  const remedy =
    "the file is damaged or not safetensors: fetch or write it again";
  const fail = (found: string, wanted: string) =>
    new DataError({
      attempt: "read safetensors",
      where,
      found,
      wanted,
      remedy,
    });
  if (bytes.byteLength < 8) {
    throw fail(
      `${bytes.byteLength} bytes`,
      "at least the 8 bytes of the header length",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = view.getBigUint64(0, true);
  const available = Math.min(bytes.byteLength - 8, maximumHeaderBytes);
  if (headerLength > available) {
    throw fail(`header length ${headerLength}`, `at most ${available} bytes`);
  }
  const dataStart = 8 + Number(headerLength);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes.subarray(8, dataStart));
  } catch {
    throw fail("a header that is not UTF-8", "UTF-8 text");
  }
  let header: unknown;
  try {
    header = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonExcess)) {
      throw fail("a header that is not JSON", "a JSON object");
    }
    throw new DataError({
      attempt: "read safetensors",
      where,
      found: `a header with ${error.message}`,
      wanted: "no more than a network needs",
      remedy: "save the network's weights alone",
    });
  }
  if (!isPlainObject(header)) {
    throw fail("a header that is not an object", "a JSON object");
  }
  const duplicate = findDuplicateKey(text);
  if (duplicate !== undefined) {
    throw fail(
      `the name ${JSON.stringify(duplicate)} twice`,
      "every name once",
    );
  }
  return { header, data: bytes.subarray(dataStart) };
}

function fault(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read safetensors",
    where,
    found,
    wanted,
    remedy: "the file is damaged or not safetensors: fetch or write it again",
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A value from the file as it may stand in a one-line message. */
function quote(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? "nothing";
  } catch {
    return "something nested too deeply";
  }
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function parseMetadata(value: unknown, where: string): Record<string, string> {
  if (!isPlainObject(value)) {
    throw fault(where, "__metadata__ that is no object", "an object");
  }
  for (const text of Object.values(value)) {
    if (typeof text !== "string") {
      throw fault(where, `${quote(text)} in __metadata__`, "only texts");
    }
  }
  return value as Record<string, string>;
}

function parseEntry(
  name: string,
  value: unknown,
  file: string,
): SafetensorsEntry {
  const where = `${file}, tensor ${quote(name)}`;
  if (!isPlainObject(value)) throw fault(where, quote(value), "an object");
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(elementSizeBytes, dtype)) {
    const known = Object.keys(elementSizeBytes).join(" ");
    throw typeof dtype === "string" && /^[A-Z][A-Z0-9_]{1,15}$/.test(dtype)
      ? new DataError({
        attempt: "read safetensors",
        where,
        found: `dtype ${quote(dtype)}, which is not supported`,
        wanted: known,
        remedy: "convert the weights to F32",
      })
      : fault(where, `dtype ${quote(dtype)}`, known);
  }
  if (
    !Array.isArray(shape) || shape.length > mostAxes || !shape.every(isSize)
  ) {
    throw fault(
      where,
      `shape ${quote(shape)}`,
      `an array of at most ${mostAxes} sizes`,
    );
  }
  if (
    !Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)
  ) {
    throw fault(
      where,
      `data_offsets ${quote(offsets)}`,
      "two positions, none negative",
    );
  }
  const [begin, end] = offsets as [number, number];
  const size = elementSizeBytes[dtype as Dtype];
  const wantedBytes = shape.reduce((product, extent) => product * extent, size);
  if (end - begin !== wantedBytes) {
    const found = `${end - begin} bytes for ${dtype} of shape ${quote(shape)}`;
    throw fault(where, found, `${wantedBytes} bytes`);
  }
  return { name, dtype: dtype as Dtype, shape: shape as number[], begin, end };
}

function checkCoverage(
  entries: SafetensorsEntry[],
  dataBytes: number,
  file: string,
): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    const where = `${file}, tensor ${quote(name)}`;
    if (begin !== covered) {
      const kind = begin < covered ? "an overlap" : "a hole";
      throw fault(
        where,
        `${kind}: data begins at ${begin}`,
        `it to begin at ${covered}`,
      );
    }
    if (end > dataBytes) {
      throw fault(
        where,
        `data that ends at ${end}`,
        `an end within the ${dataBytes} bytes of data`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw fault(
      file,
      `${dataBytes} bytes of data`,
      `the ${covered} bytes that tensors claim`,
    );
  }
}
