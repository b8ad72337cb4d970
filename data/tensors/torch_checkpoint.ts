import { DataError } from "../errors.ts";
import {
  PickleGlobal,
  type PickleHooks,
  type PickleValue,
  unpickle,
} from "./pickle.ts";
import { PickleReader } from "./pickle_reader.ts";
import { readStoredZip } from "../archives/stored_zip.ts";
import type { TensorData } from "./tensor_data.ts";
import { dtypeOfStorage, TorchStorage, TorchTensor } from "./torch_tensor.ts";

/** Most axes of a tensor, as in PyTorch itself; a shape costs time in proportion to them wherever it is used again. */
const mostAxes = 64;

/** First value of a legacy stream. */
const legacyMagic = 0x1950a86a20f9469cfc6cn;
const legacyProtocol = 1001;

/** A dictionary of tensors and plain values that `torch.save` wrote, tensors still to be copied out. */
export interface TorchObject {
  value: PickleValue;
  /** The tensor's values. */
  materialize(tensor: TorchTensor): TensorData;
}

/**
 * Reads what `torch.save` wrote, in the zip form or the legacy stream of torch 1.4 and before.
 *
 * @param where what to call the file in an error
 * @throws DataError when the file is damaged, or asks for anything but tensors and plain containers
 */
export function parseTorchFile(bytes: Uint8Array, where: string): TorchObject {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return isZip ? parseZipForm(bytes, where) : parseLegacyForm(bytes, where);
}

function parseZipForm(bytes: Uint8Array, where: string): TorchObject {
  const entries = readStoredZip(bytes, where);
  const pickleName = [...entries.keys()].find((name) =>
    /^[^/]+\/data\.pkl$/.test(name)
  );
  if (pickleName === undefined) {
    throw fault(
      where,
      "no data.pkl in the archive",
      "an archive that torch.save wrote",
    );
  }
  const folder = pickleName.slice(0, pickleName.indexOf("/"));
  const order = entries.get(`${folder}/byteorder`);
  if (order && new TextDecoder().decode(order) !== "little") {
    throw fault(where, "another byte order", "little-endian numbers");
  }
  const storages = new StorageTable(where);
  const value = unpickle(
    new PickleReader(entries.get(pickleName)!, where),
    storages,
  );
  for (const storage of storages.all) {
    const content = entries.get(`${folder}/data/${storage.key}`);
    if (!content) {
      throw fault(
        where,
        `no storage ${quote(storage.key)}`,
        "its bytes",
      );
    }
    storages.fill(storage, content);
  }
  return { value, materialize: (tensor) => storages.materialize(tensor) };
}

/** Pickles of magic, protocol, system and object; then a pickled list of keys; then for each its count and bytes. */
function parseLegacyForm(bytes: Uint8Array, where: string): TorchObject {
  const reader = new PickleReader(bytes, where);
  const plain: PickleHooks = { call: () => undefined, load: () => undefined };
  const magic = unpickle(reader, plain);
  if (magic !== legacyMagic) {
    throw fault(where, "a pickle without torch's magic number", "a checkpoint");
  }
  if (unpickle(reader, plain) !== legacyProtocol) {
    throw fault(where, "another protocol version", String(legacyProtocol));
  }
  const system = unpickle(reader, plain);
  if (!(system instanceof Map) || system.get("little_endian") !== true) {
    throw fault(where, "another byte order", "little-endian numbers");
  }
  const storages = new StorageTable(where);
  const value = unpickle(reader, storages);
  const keys = unpickle(reader, plain);
  if (!Array.isArray(keys)) {
    throw fault(where, "no list of storages", "the list after the object");
  }
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (!storage) {
      throw fault(
        where,
        "a storage that no tensor uses",
        "the object's own storages",
      );
    }
    const count = reader.int64();
    if (count !== BigInt(storage.count)) {
      throw fault(
        where,
        `${count} elements in storage ${quote(storage.key)}`,
        String(storage.count),
      );
    }
    storages.fill(storage, reader.bytes(storage.sizeBytes));
  }
  return { value, materialize: (tensor) => storages.materialize(tensor) };
}

/** The unpickler's hooks: builds storages, tensors and ordered dictionaries, and refuses all else. */
class StorageTable implements PickleHooks {
  readonly #storages = new Map<string, TorchStorage>();
  readonly #contents = new Map<TorchStorage, Uint8Array>();
  readonly #where: string;

  constructor(where: string) {
    this.#where = where;
  }

  get all(): Iterable<TorchStorage> {
    return this.#storages.values();
  }

  get(key: string): TorchStorage | undefined {
    return this.#storages.get(key);
  }

  call(name: string, parameters: PickleValue[]): PickleValue | undefined {
    switch (name) {
      case "collections.OrderedDict":
        return parameters.length === 0 ? new Map() : undefined;
      case "torch._utils._rebuild_tensor_v2":
        return this.#rebuildTensor(parameters);
      case "torch._utils._rebuild_parameter":
        return parameters[0] instanceof TorchTensor ? parameters[0] : undefined;
      case "torch.Size":
        return Array.isArray(parameters[0]) ? parameters[0] : undefined;
      default:
        return undefined;
    }
  }

  load(id: PickleValue): PickleValue | undefined {
    if (!Array.isArray(id)) return undefined;
    const [kind, type, key, , count, view = null] = id;
    if (
      kind !== "storage" || !(type instanceof PickleGlobal) ||
      typeof key !== "string"
    ) return undefined;
    if (
      !Object.hasOwn(dtypeOfStorage, type.name) || !isCount(count) ||
      view !== null
    ) return undefined;
    const dtype = dtypeOfStorage[type.name];
    const known = this.#storages.get(key);
    if (known) {
      return known.dtype === dtype && known.count === count ? known : undefined;
    }
    const storage = new TorchStorage(key, dtype, count);
    this.#storages.set(key, storage);
    return storage;
  }

  fill(storage: TorchStorage, content: Uint8Array): void {
    if (content.byteLength !== storage.sizeBytes) {
      const found = `${content.byteLength} bytes in storage ${
        quote(storage.key)
      }`;
      throw fault(this.#where, found, `${storage.sizeBytes} bytes`);
    }
    this.#contents.set(storage, content);
  }

  materialize(tensor: TorchTensor): TensorData {
    const content = this.#contents.get(tensor.storage);
    if (!content) {
      throw fault(
        this.#where,
        `no storage ${JSON.stringify(tensor.storage.key)}`,
        "its bytes",
      );
    }
    return tensor.materialize(content);
  }

  #rebuildTensor(
    [storage, offset, shape, strides]: PickleValue[],
  ): TorchTensor {
    if (
      storage instanceof TorchStorage && isCount(offset) && isCounts(shape) &&
      isCounts(strides) &&
      shape.length === strides.length && shape.length <= mostAxes
    ) {
      const tensor = new TorchTensor(storage, offset, shape, strides);
      if (tensor.isWithinStorage) return tensor;
    }
    throw fault(
      this.#where,
      "a tensor that does not fit its storage",
      "tensors within their storages",
    );
  }
}

/** A name from the file as it may stand in a one-line message. */
function quote(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}

function isCount(value: PickleValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

function fault(where: string, found: string, wanted: string): DataError {
  return new DataError({
    attempt: "read the checkpoint",
    where,
    found,
    wanted,
    remedy:
      "the file is damaged or not a checkpoint of PyTorch: fetch or save it again",
  });
}
