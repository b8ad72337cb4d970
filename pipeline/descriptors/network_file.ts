import {
  readCheckpoint,
  type TensorData,
  writeSafetensors,
} from "../../data/mod.ts";
import {
  GpuError,
  type NetworkName,
  type NetworkState,
} from "../../gpu/mod.ts";
import { conversionOf, networkOf } from "./network_tensors.ts";

/**
 * Reads a network's tensors from safetensors or a PyTorch checkpoint.
 *
 * @throws {DataError} when the file cannot be read, is damaged, or holds no float tensor
 *
 * @param onNote told in a line what was done to the weights
 */
export async function readNetwork(
  path: string,
  onNote: (line: string) => void = () => {},
): Promise<NetworkState> {
  const checkpoint = await readCheckpoint(path);
  const conversion = conversionOf(checkpoint);
  if (conversion !== "") onNote(`${path}: ${conversion}`);
  return networkOf(checkpoint, path);
}

/**
 * Writes a network as `model.safetensors`: the same tensors and facts give the same bytes.
 *
 * @param facts which network it is, and the seed that it was trained from
 */
export async function writeNetwork(
  path: string,
  state: NetworkState,
  { network, seed }: { network: NetworkName; seed: number },
): Promise<void> {
  const tensors = new Map<string, TensorData>();
  for (const [name, { shape, data }] of state) {
    tensors.set(
      name,
      data instanceof BigInt64Array
        ? { dtype: "I64", shape: [...shape], data: BigInt64Array.from(data) }
        : { dtype: "F32", shape: [...shape], data: floats(data) },
    );
  }
  await writeSafetensors(path, tensors, {
    model_arch: network,
    seed: String(seed),
  });
}

function floats(
  data: ArrayLike<number> | ArrayLike<bigint>,
): Float32Array<ArrayBuffer> {
  return data instanceof Float32Array
    ? new Float32Array(data)
    : Float32Array.from(data, Number);
}

/**
 * What `load` returns. A network that is refused there for a tensor is refused with the name of its file.
 *
 * @param paths the files that the network, or the networks, came from
 */
export function namingFiles<T>(paths: readonly string[], load: () => T): T {
  try {
    return load();
  } catch (error) {
    const isRefusal = error instanceof GpuError &&
      error.attempt === "load a network" && paths.length > 0;
    if (!isRefusal) throw error;
    const { attempt, where, found, wanted, remedy } = error;
    throw new GpuError({
      attempt,
      where: [paths.join(" or "), where].filter(Boolean).join(": "),
      found,
      ...(wanted === undefined ? {} : { wanted }),
      ...(remedy === undefined ? {} : { remedy }),
    }, { cause: error });
  }
}
