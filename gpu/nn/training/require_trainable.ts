import { GpuError } from "../../errors.ts";
import type { Architecture } from "../architecture.ts";
import type { NetworkState } from "../network_state.ts";
import { nearestNetwork, unknownNetwork } from "../recognize_network.ts";

/**
 * Makes sure that a checkpoint's tensors are a sound network of the architecture that is trained, without a GPU.
 *
 * @throws {GpuError} naming the network that they are where it is another one, else the tensor at fault
 */
export function requireTrainable(
  { name }: Architecture,
  state: NetworkState,
): void {
  const nearest = nearestNetwork(state);
  if (nearest === undefined) throw unknownNetwork(state, name);
  if (nearest.network.name !== name) {
    throw new GpuError({
      attempt: "load a network",
      found: `a checkpoint of ${nearest.network.name}`,
      wanted: `one of ${name}, which is trained`,
    });
  }
  if (nearest.refusal !== undefined) throw nearest.refusal;
}
