import { DataError } from "../errors.ts";
import { readStoredZip } from "../archives/stored_zip.ts";
import { unpickle } from "./pickle.ts";
import { PickleReader } from "./pickle_reader.ts";
import type { PickleHooks, PickleValue } from "./pickle_stack.ts";
import type { TensorData } from "./tensor_data.ts";
import { quote, torchFault as fault, TorchObjects } from "./torch_objects.ts";
import type { TorchTensor } from "./torch_tensor.ts";

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
 * @throws {DataError} when the file is damaged, or asks for anything but tensors and plain containers
 */
export function parseTorchFile(bytes: Uint8Array, where: string): TorchObject {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return isZip ? parseZipForm(bytes, where) : parseLegacyForm(bytes, where);
}

function parseZipForm(bytes: Uint8Array, where: string): TorchObject {
  const { names, entries } = readStoredZip(bytes, where);
  const pickleNames = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickleName] = pickleNames;
  if (pickleNames.length !== 1) {
    throw new DataError({
      attempt: "read the checkpoint",
      where,
      found: foreignArchive(names, pickleNames.length),
      wanted: "an archive that torch.save wrote",
      remedy: "name a file with the network's weights",
    });
  }
  const folder = pickleName.slice(0, pickleName.indexOf("/"));
  const isScript = (name: string) =>
    name === `${folder}/constants.pkl` || name.startsWith(`${folder}/code/`);
  if (names.some(isScript)) {
    throw new DataError({
      attempt: "read the checkpoint",
      where,
      found: "a TorchScript archive, a program with its weights",
      wanted: "a state dictionary",
      remedy: "save model.state_dict() instead",
    });
  }
  requireLittleEndian(
    new TextDecoder().decode(entries.get(`${folder}/byteorder`)) !== "big",
    where,
  );
  const bytesOf = (name: string, otherwise: string) => {
    const content = entries.get(name);
    if (content !== undefined) return content;
    throw names.includes(name)
      ? new DataError({
        attempt: "read the checkpoint",
        where,
        found: `entry ${quote(name)} compressed or encrypted`,
        wanted: "stored entries, as torch.save writes them",
        remedy: "unpack it and pack it again without compression",
      })
      : fault(where, otherwise, "its bytes");
  };
  const storages = new TorchObjects(where);
  const value = unpickle(
    new PickleReader(bytesOf(pickleName, "no data.pkl"), where),
    storages,
  );
  for (const storage of storages.all) {
    const content = bytesOf(
      `${folder}/data/${storage.key}`,
      `no storage ${quote(storage.key)}`,
    );
    storages.fill(storage, content);
  }
  return { value, materialize: (tensor) => storages.materialize(tensor) };
}

/** What a zip is that torch.save did not write. */
function foreignArchive(names: readonly string[], pickles: number): string {
  if (pickles > 1) return "several data.pkl in the archive";
  if (names.length > 0 && names.every((name) => name.endsWith(".npy"))) {
    return "arrays of NumPy (.npz)";
  }
  const inner = names.find((name) => /\.(pth?|ckpt|safetensors)$/.test(name));
  return inner === undefined
    ? "a zip archive without data.pkl"
    : `a zip archive with ${quote(inner)} inside`;
}

/** Pickles of magic, protocol, system and object; then a pickled list of keys; then for each its count and bytes. */
function parseLegacyForm(bytes: Uint8Array, where: string): TorchObject {
  const reader = new PickleReader(bytes, where);
  const plain: PickleHooks = { call: () => undefined, load: () => undefined };
  // Whatever a pickle of another program makes, it says only that the program was another.
  const magic = unpickle(reader, new TorchObjects(where));
  if (magic !== legacyMagic) {
    throw new DataError({
      attempt: "read the checkpoint",
      where,
      found: "a pickle that torch.save did not write",
      wanted: "safetensors, or what torch.save wrote",
      remedy: "load it where it was made and save it with torch.save",
    });
  }
  if (unpickle(reader, plain) !== legacyProtocol) {
    throw fault(where, "another protocol version", String(legacyProtocol));
  }
  const system = unpickle(reader, plain);
  if (!(system instanceof Map)) {
    throw fault(where, "nothing about the system", "its byte order");
  }
  requireLittleEndian(system.get("little_endian") === true, where);
  const storages = new TorchObjects(where);
  const value = unpickle(reader, storages);
  const keys = unpickle(reader, plain);
  if (!Array.isArray(keys)) {
    throw fault(where, "no list of storages", "the list after the object");
  }
  for (const key of keys) {
    if (typeof key !== "string") {
      throw fault(where, "a storage without a key", "texts as keys");
    }
    const elementBytes = storages.passedOverElementBytes(key);
    if (elementBytes !== undefined) {
      reader.bytes(Number(reader.int64()) * elementBytes);
      continue;
    }
    const storage = storages.get(key);
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

function requireLittleEndian(isLittleEndian: boolean, where: string): void {
  if (isLittleEndian) return;
  throw new DataError({
    attempt: "read the checkpoint",
    where,
    found: "big-endian numbers, which are not supported",
    wanted: "little-endian numbers",
    remedy: "load and save it again on a little-endian machine",
  });
}
