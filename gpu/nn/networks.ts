import type { Architecture } from "./architecture.ts";
import { sdgmnet128 } from "./sdgmnet128.ts";

/** Every network that can be trained and used, by the name that configs call it. */
export const networks = {
  SDGMNet128: sdgmnet128,
} as const satisfies Record<string, Architecture>;

/**
 * Name of a network.
 * @internal
 */
export type NetworkName = keyof typeof networks;

/** Names of the networks, in the table's order. */
export const networkNames: readonly NetworkName[] = Object.keys(
  networks,
) as NetworkName[];
