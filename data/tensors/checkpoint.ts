import { someOf } from "../by_products.ts";
import { DataError } from "../errors.ts";
import { readBytes } from "../read_bytes.ts";
import { otherFileKind } from "./other_files.ts";
import { PickleObject, type PickleValue } from "./pickle_stack.ts";
import { parseSafetensors } from "./safetensors.ts";
import { bytesOfTensor, type TensorData } from "./tensor_data.ts";
import { parseTorchFile } from "./torch_checkpoint.ts";
import { TorchTensor } from "./torch_tensor.ts";

/** The weights of one network, whichever file they came from. */
export interface Checkpoint {
  /** by the names `features.<layer>.<index>.…`; aliases (`layer<n>.…`) and wrappers' prefixes (`module.`, `_orig_mod.`) are folded */
  tensors: Map<string, TensorData>;
  /** texts and numbers that stood beside the weights (`epoch`, `model_arch`, `save_name`, …), as texts */
  metadata: Record<string, string>;
  /** which dictionary of the file the tensors are from, one of {@linkcode weightKeys}, or "" for the file's own */
  source: string;
}

/** Where programs keep the weights in a checkpoint; the first that is there is taken, so the student before its teacher. */
export const weightKeys: readonly string[] = [
  "S_state_dict",
  "state_dict",
  "model_state_dict",
  "model",
];

/** Bytes of tensors for each byte of the file: strides of 0 make many out of few. */
const mostBytesAByte = 4;

/**
 * Reads a checkpoint: safetensors, or what PyTorch's `torch.save` wrote (`.pt`, `.pth`; zip form or legacy stream) in the
 * layouts `{state_dict, …}` (or `model_state_dict`, `model`), `{S_state_dict, T_state_dict, …}` (the student is taken) or a bare state
 * dictionary. What else stands beside the weights is passed over.
 *
 * @throws {DataError} when the file cannot be read, is damaged, holds no weights, or asks for programs to be run
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readBytes(path, {
    attempt: "read the checkpoint",
    remedy: "check the path and its permissions",
  });
  return parseCheckpoint(bytes, path);
}

/**
 * As {@linkcode readCheckpoint}, from bytes.
 *
 * @param where path or name of the file: its ending decides where the bytes could be either form
 */
export function parseCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  if (isSafetensors(bytes, where)) {
    const { tensors, metadata } = parseSafetensors(bytes, where);
    return { tensors: foldAliases(tensors, where), metadata, source: "" };
  }
  const kind = otherFileKind(bytes);
  if (kind !== undefined) {
    throw new DataError({
      attempt: "read the checkpoint",
      where,
      found: kind,
      wanted: "safetensors, or what torch.save wrote",
      remedy: "name a file with the network's weights",
    });
  }
  const { value, materialize } = parseTorchFile(bytes, where);
  if (value instanceof PickleObject) throw wholeModel(where, value);
  if (!(value instanceof Map)) {
    throw noWeights(where, "something that is no dictionary");
  }
  const source = weightKeys.find((key) => value.get(key) instanceof Map) ?? "";
  const weights = source === ""
    ? value
    : value.get(source) as Map<PickleValue, PickleValue>;
  const tensors = new Map<string, TensorData>();
  let budgetBytes = mostBytesAByte * bytes.byteLength;
  for (const [name, tensor] of weights) {
    if (typeof name !== "string") continue;
    if (tensor instanceof PickleObject) requireNoTensor(name, tensor, where);
    if (!(tensor instanceof TorchTensor)) continue;
    budgetBytes -= tensor.sizeBytes;
    if (budgetBytes < 0) {
      throw noWeights(where, "the same bytes under very many names");
    }
    tensors.set(name, materialize(tensor));
  }
  const model = weightKeys.map((key) => value.get(key))
    .find((item) => item instanceof PickleObject);
  if (tensors.size === 0 && model !== undefined) {
    throw wholeModel(where, model as PickleObject);
  }
  if (tensors.size === 0) throw noWeights(where, withoutTensors(weights));
  const metadata: Record<string, string> = {};
  for (const [key, item] of value) {
    if (typeof key !== "string" || key === "__proto__") continue;
    if (typeof item === "string" || typeof item === "number") {
      metadata[key] = String(item);
    }
  }
  return { tensors: foldAliases(tensors, where), metadata, source };
}

/** A dictionary that holds none: its keys, and under which of them dictionaries of tensors are. */
function withoutTensors(weights: Map<PickleValue, PickleValue>): string {
  const names = [...weights.keys()].filter((key) => typeof key === "string");
  if (names.length === 0) return "a dictionary without tensors";
  const holders = names.filter((name) => {
    const item = weights.get(name);
    return item instanceof Map &&
      [...item.values()].some((value) => value instanceof TorchTensor);
  });
  return `a dictionary without tensors of its own, with the keys ${
    someOf(names.map(shown))
  }${holders.length === 0 ? "" : `; tensors are under ${shown(holders[0])}`}`;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 60));
}

function isSafetensors(bytes: Uint8Array, where: string): boolean {
  if (where.endsWith(".safetensors")) return true;
  const isTorch = bytes[0] === 0x80 || bytes[0] === 0x50 && bytes[1] === 0x4b;
  return !isTorch && bytes[8] === 0x7b; // "{"
}

/** A tensor of a kind that is not read would be missed without a word. */
function requireNoTensor(name: string, object: PickleObject, where: string) {
  if (
    !/^torch\.(Tensor on |_utils\._rebuild_|_tensor\._rebuild_)/.test(
      object.name,
    )
  ) {
    return;
  }
  throw new DataError({
    attempt: "read the checkpoint",
    where: `${where}, tensor ${JSON.stringify(name.slice(0, 60))}`,
    found: `${object.name.slice(0, 100)}, which is not supported`,
    wanted: "a dense tensor of floats, integers or truth values",
    remedy: "save the weights as such",
  });
}

function wholeModel(where: string, { name }: PickleObject): DataError {
  return new DataError({
    attempt: "read the checkpoint",
    where,
    found: `a whole object of the class ${JSON.stringify(name.slice(0, 100))}`,
    wanted: "the weights alone: a state dictionary",
    remedy: "load it where it was made and save model.state_dict() instead",
  });
}

/** The name without what DataParallel and torch.compile put before it, or into it where a part was compiled. */
function withoutWrappers(name: string): string {
  const inner = name.replace(/(^|\.)_orig_mod(?=\.)/g, "").replace(/^\./, "");
  return inner.replace(/^(module\.)+/, "");
}

/**
 * The authors' network registers every tensor twice, as `layer<n>.…` and `features.<n − 1>.…`. Keeps the second name, without the
 * prefixes of wrappers.
 *
 * @throws {DataError} when both names are there with different values
 */
function foldAliases(
  tensors: Map<string, TensorData>,
  where: string,
): Map<string, TensorData> {
  const folded = new Map<string, TensorData>();
  for (const [name, tensor] of tensors) {
    const known = withoutWrappers(name).replace(
      /^layer([1-9]\d*)\./,
      (_, layer) => `features.${layer - 1}.`,
    );
    const other = folded.get(known);
    if (other && !isSameTensor(other, tensor)) {
      throw noWeights(
        where,
        `different values under the alias ${JSON.stringify(name.slice(0, 60))}`,
      );
    }
    folded.set(known, tensor);
  }
  return folded;
}

function isSameTensor(a: TensorData, b: TensorData): boolean {
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  const other = bytesOfTensor(b);
  return bytesOfTensor(a).every((byte, at) => byte === other[at]);
}

function noWeights(where: string, found: string): DataError {
  return new DataError({
    attempt: "read the checkpoint",
    where,
    found,
    wanted:
      "a state dictionary, alone or under state_dict, S_state_dict, model_state_dict or model",
    remedy: "name a file with the network's weights",
  });
}
