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

/** The network that most of a checkpoint's tensors belong to. */
export interface NearestNetwork {
  network: KnownNetwork;
  /** share of the network's tensors that the checkpoint has by name */
  share: number;
  /** why it is no sound network; undefined where it is one */
  refusal?: GpuError;
}

/** Of a checkpoint with fewer of a network's tensors nobody can say that it is one of that network. */
const leastShare = 0.5;

/** Finds the network that a checkpoint's tensors are, or are most like, by their names and shapes; undefined where they are like none. */
export function nearestNetwork(
  state: NetworkState,
): NearestNetwork | undefined {
  const refused: NearestNetwork[] = [];
  for (const network of [...Object.values(networks), ...inferenceNetworks]) {
    try {
      requireSound(network, state);
      return { network, share: 1 };
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      const names = namesOf(network);
      const share = names.filter((name) => state.has(name)).length /
        names.length;
      refused.push({ network, share, refusal: error });
    }
  }
  const [nearest] = refused.sort((a, b) => b.share - a.share);
  return nearest.share < leastShare ? undefined : nearest;
}

/**
 * Finds the network whose tensors a checkpoint holds, by their names and shapes.
 *
 * @throws {GpuError} when they are no sound network, against the one that most of the names belong to
 */
export function recognizeNetwork(state: NetworkState): KnownNetwork {
  const nearest = nearestNetwork(state);
  if (nearest === undefined) {
    throw unknownNetwork(state, knownNetworkNames.join(", "));
  }
  if (nearest.refusal !== undefined) throw nearest.refusal;
  return nearest.network;
}

/** Says that a checkpoint holds something else than networks. */
export function unknownNetwork(state: NetworkState, wanted: string): GpuError {
  const [first] = state.keys();
  return new GpuError({
    attempt: "load a network",
    where: first,
    found: "tensors of no network that is known here",
    wanted: `a checkpoint of ${wanted}`,
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
