import { GpuError } from "../errors.ts";
import type { Architecture } from "./architecture.ts";
import { type NetworkState, requireNetwork } from "./network_state.ts";
import { networks } from "./networks.ts";
import { parameterTable } from "./parameter_table.ts";

/**
 * Finds the network whose tensors a checkpoint holds, by their names and shapes.
 *
 * @throws {GpuError} when they are no sound network, against the one that most of the names belong to
 */
export function recognizeNetwork(state: NetworkState): Architecture {
  const refusals: { known: number; error: GpuError }[] = [];
  for (const architecture of Object.values(networks)) {
    try {
      requireNetwork(architecture, state);
      return architecture;
    } catch (error) {
      if (!(error instanceof GpuError)) throw error;
      const names = [...parameterTable(architecture).entries.keys()];
      const known = names.filter((name) => state.has(name)).length;
      refusals.push({ known: known / names.length, error });
    }
  }
  const [nearest] = refusals.sort((a, b) => b.known - a.known);
  throw nearest.error;
}
