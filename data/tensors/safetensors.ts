import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { parseSafetensorsHeader } from "./safetensors_header.ts";
import {
  bytesOfTensor,
  elementSizeBytes,
  type TensorData,
  tensorFromBytes,
} from "./tensor_data.ts";
import { writeWholeFile } from "../whole_file.ts";

/** What a safetensors file holds: tensors by name and the free text pairs of `__metadata__`. */
export interface Safetensors {
  tensors: Map<string, TensorData>;
  metadata: Record<string, string>;
}

/**
 * Reads a safetensors file.
 *
 * @throws {DataError} when the file cannot be read, or as {@linkcode parseSafetensors} does
 */
export async function readSafetensors(path: string): Promise<Safetensors> {
  const bytes = await readBytes(path, {
    attempt: "read safetensors",
    remedy: "check the path and its permissions",
  });
  return parseSafetensors(bytes, path);
}

/**
 * Parses a safetensors file: u64 header length (little-endian), JSON header
 * `{name: {dtype, shape, data_offsets: [begin, end]}, "__metadata__": {…}}`, then the data.
 * Strict: every byte of the data belongs to exactly one tensor, and no name stands twice.
 *
 * @param bytes the whole file
 * @param where what to call the file in an error
 * @returns tensors in the order of their data, each a copy of its own
 * @throws {DataError} naming the tensor and the fault
 */
export function parseSafetensors(
  bytes: Uint8Array,
  where: string,
): Safetensors {
  const { entries, metadata, data } = parseSafetensorsHeader(bytes, where);
  const tensors = new Map<string, TensorData>();
  for (const { name, dtype, shape, begin, end } of entries) {
    tensors.set(name, tensorFromBytes(dtype, shape, data.subarray(begin, end)));
  }
  return { tensors, metadata };
}

/**
 * Serialises tensors. Same content, same bytes: the header lists names in code-unit order, the data
 * stands by falling element size, then by name, so that every tensor is aligned to its element size.
 *
 * @throws {DataError} when a tensor's data and shape disagree or a name is reserved
 */
export function serializeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const names = [...tensors.keys()].sort(compareCodeUnits);
  const offsets = new Map<string, [begin: number, end: number]>();
  let dataBytes = 0;
  const size = (name: string) => elementSizeBytes[tensors.get(name)!.dtype];
  for (const name of [...names].sort((a, b) => size(b) - size(a))) {
    const tensor = tensors.get(name)!;
    checkWritable(name, tensor);
    offsets.set(name, [dataBytes, dataBytes + tensor.data.byteLength]);
    dataBytes += tensor.data.byteLength;
  }
  const header: [string, unknown][] = names.map((name) => {
    const { dtype, shape } = tensors.get(name)!;
    return [name, { dtype, shape, data_offsets: offsets.get(name) }];
  });
  const metadataKeys = Object.keys(metadata).sort(compareCodeUnits);
  if (metadataKeys.length > 0) {
    const sorted = metadataKeys.map((key) => [key, metadata[key]]);
    header.unshift(["__metadata__", Object.fromEntries(sorted)]);
  }
  const members = header.map(([key, value]) =>
    `${JSON.stringify(key)}:${JSON.stringify(value)}`
  );
  const headerBytes = new TextEncoder().encode(`{${members.join(",")}}`);
  const dataStart = 8 + Math.ceil(headerBytes.byteLength / 8) * 8;
  const file = new Uint8Array(dataStart + dataBytes).fill(0x20, 8, dataStart);
  const headerLength = BigInt(dataStart - 8);
  new DataView(file.buffer).setBigUint64(0, headerLength, true);
  file.set(headerBytes, 8);
  for (const [name, [begin]] of offsets) {
    file.set(bytesOfTensor(tensors.get(name)!), dataStart + begin);
  }
  return file;
}

/**
 * Writes {@linkcode serializeSafetensors} to `path`, through a temporary file beside it, so that a reader
 * never meets half a file.
 *
 * @throws {DataError} when the tensors cannot be stored or the place cannot be written
 */
export async function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const bytes = serializeSafetensors(tensors, metadata);
  await writeWholeFile(path, bytes, "write safetensors");
}

function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function checkWritable(name: string, tensor: TensorData): void {
  const wanted = tensor.shape.reduce((product, extent) => product * extent, 1);
  if (name === "__metadata__" || tensor.data.length !== wanted) {
    throw new DataError({
      attempt: "write safetensors",
      where: `tensor "${name}"`,
      found: `${tensor.data.length} values with shape [${tensor.shape}]`,
      wanted: name === "__metadata__"
        ? "a name that is not reserved"
        : `${wanted} values`,
      remedy: "pass the tensor under another name or with its true shape",
    });
  }
}
