import { DataError, fileFault } from "../errors.ts";
import type { PickleValue } from "./pickle.ts";
import { parseSafetensors } from "./safetensors.ts";
import { bytesOfTensor, type TensorData } from "./tensor_data.ts";
import { parseTorchFile } from "./torch_checkpoint.ts";
import { TorchTensor } from "./torch_tensor.ts";

/** The weights of one network, whichever file they came from. */
export interface Checkpoint {
  /** by the names `features.<layer>.<index>.…`; the aliases `layer<n>.…` are folded into them */
  tensors: Map<string, TensorData>;
  /** texts and numbers that stood beside the weights (`epoch`, `model_arch`, `save_name`, …), as texts */
  metadata: Record<string, string>;
  /** which dictionary of the file the tensors are from: "S_state_dict" and "state_dict" of PyTorch files, or "" */
  source: string;
}

/**
 * Reads a checkpoint: safetensors, or what PyTorch's `torch.save` wrote (`.pt`, `.pth`; zip form or legacy stream) in the
 * layouts `{state_dict, …}`, `{S_state_dict, T_state_dict, …}` (the student is taken) or a bare state dictionary.
 *
 * @throws DataError when the file cannot be read, is damaged, holds no weights, or asks for code to be run
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new DataError({
      attempt: "read the checkpoint",
      where: path,
      found: fileFault(error),
      wanted: "a readable file",
      remedy: "check the path and its permissions",
    });
  }
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
  const { value, materialize } = parseTorchFile(bytes, where);
  if (!(value instanceof Map)) {
    throw noWeights(where, "something that is no dictionary");
  }
  const source =
    ["S_state_dict", "state_dict"].find((key) =>
      value.get(key) instanceof Map
    ) ?? "";
  const weights = source === ""
    ? value
    : value.get(source) as Map<PickleValue, PickleValue>;
  const tensors = new Map<string, TensorData>();
  let budgetBytes = 4 * bytes.byteLength;
  for (const [name, tensor] of weights) {
    if (typeof name !== "string" || !(tensor instanceof TorchTensor)) continue;
    const data = materialize(tensor);
    budgetBytes -= data.data.byteLength;
    if (budgetBytes < 0) {
      throw noWeights(where, "the same bytes under very many names");
    }
    tensors.set(name, data);
  }
  if (tensors.size === 0) {
    throw noWeights(where, "a dictionary without tensors");
  }
  const metadata: Record<string, string> = {};
  for (const [key, item] of value) {
    if (typeof key !== "string" || key === "__proto__") continue;
    if (typeof item === "string" || typeof item === "number") {
      metadata[key] = String(item);
    }
  }
  return { tensors: foldAliases(tensors, where), metadata, source };
}

function isSafetensors(bytes: Uint8Array, where: string): boolean {
  if (where.endsWith(".safetensors")) return true;
  const isTorch = bytes[0] === 0x80 || bytes[0] === 0x50 && bytes[1] === 0x4b;
  return !isTorch && bytes[8] === 0x7b; // "{"
}

/**
 * The authors' network registers every tensor twice, as `layer<n>.…` and `features.<n − 1>.…`. Keeps the second name.
 *
 * @throws DataError when both names are there with different values
 */
function foldAliases(
  tensors: Map<string, TensorData>,
  where: string,
): Map<string, TensorData> {
  const folded = new Map<string, TensorData>();
  for (const [name, tensor] of tensors) {
    const known = name.replace(
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
    wanted: "a state dictionary, alone or under state_dict or S_state_dict",
    remedy: "name a file with the network's weights",
  });
}
