import { GpuError } from "../errors.ts";
import type { Architecture } from "./architecture.ts";
import { foldNetwork, requiredTensors } from "./inference/fold_network.ts";
import type { InferenceNetwork } from "./inference/inference_network.ts";
import { inferenceNetworks } from "./inference/inference_networks.ts";
import { type NetworkState, requireNetwork } from "./network_state.ts";
import { networkNames, networks } from "./networks.ts";
import { parameterTable } from "./parameter_table.ts";

/** A network that a checkpoint may hold: one that can be trained here, or one for inference alone. */
export type KnownNetwork = Architecture | InferenceNetwork;

/** Names of all networks that checkpoints may hold, those that can be trained first. */
export const knownNetworkNames: readonly string[] = [
  ...networkNames,
  ...inferenceNetworks.map(({ name }) => name),
];

/** Whether a network describes and is not trained here. */
export function isInferenceNetwork(
  network: KnownNetwork,
): network is InferenceNetwork {
  return "output" in network;
}

/**
 * Finds the network whose tensors a checkpoint holds, by their names and shapes.
 *
 * @throws {GpuError} when they are no sound network, against the one that most of the names belong to
 */
export function recognizeNetwork(state: NetworkState): KnownNetwork {
  const refusals: { known: number; error: GpuError }[] = [];
  for (const network of [...Object.values(networks), ...inferenceNetworks]) {
    try {
      requireSound(network, state);
      return network;
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      const names = namesOf(network);
      const known = names.filter((name) => state.has(name)).length;
      refusals.push({ known: known / names.length, error });
    }
  }
  const [nearest] = refusals.sort((a, b) => b.known - a.known);
  if (nearest.known > 0) throw nearest.error;
  const [first] = state.keys();
  throw new GpuError({
    attempt: "load a network",
    where: first,
    found: "tensors of no network that is known here",
    wanted: `a checkpoint of ${knownNetworkNames.join(", ")}`,
  });
}

function requireSound(network: KnownNetwork, state: NetworkState): void {
  if (isInferenceNetwork(network)) foldNetwork(network, state);
  else requireNetwork(network, state);
}

function namesOf(network: KnownNetwork): readonly string[] {
  return isInferenceNetwork(network)
    ? requiredTensors(network)
    : [...parameterTable(network).entries.keys()];
}
