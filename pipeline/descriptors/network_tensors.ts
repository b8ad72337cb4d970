/** A network's tensors out of a checkpoint's; no Deno API here or below, so that the page reads networks as the command line does. */
import { DataError } from "../../data/errors.ts";
import type { Checkpoint } from "../../data/tensors/checkpoint.ts";
import { float32Tensor } from "../../data/tensors/float32_tensor.ts";
import type { NetworkState, StateTensor } from "../../gpu/mod.ts";

/** Says that weights are not F32 in their file: `F16 weights converted to F32`; "" where they are. */
export function conversionOf({ tensors }: Checkpoint): string {
  const floats = [...tensors.values()].map(({ dtype }) => dtype)
    .filter((dtype) => dtype === "F64" || dtype === "F16" || dtype === "BF16");
  return floats.length === 0
    ? ""
    : `${[...new Set(floats)].sort().join(" and ")} weights converted to F32`;
}

/**
 * The tensors of a checkpoint that a network has. Floats of other widths are converted to F32.
 *
 * @throws {DataError} when there is no float tensor among them
 */
export function networkOf(
  { tensors }: Checkpoint,
  path: string,
): NetworkState {
  const network = new Map<string, StateTensor>();
  let floats = 0;
  for (const [name, tensor] of tensors) {
    const converted = tensor.dtype === "I64" ? tensor : float32Tensor(tensor);
    if (converted === undefined) continue;
    network.set(name, converted);
    if (converted.dtype === "F32") floats++;
  }
  if (floats === 0) {
    throw new DataError({
      attempt: "read the network",
      where: path,
      found: "no tensor of floats",
      wanted: "the weights of a network",
    });
  }
  return network;
}
