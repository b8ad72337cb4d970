import { readFileSync } from "node:fs";
import type { NetworkState } from "../../../gpu/nn/network_state.ts";
import { goldenUniform } from "./golden_hash.ts";

/** What PyTorch made of one network: its state dictionary's shapes, and descriptors by the patches' side. */
interface GoldenNetwork {
  tensors: Record<string, number[]>;
  descriptors: Record<"64" | "65", number[][]>;
}

const file = new URL("../../golden/network/inference.json", import.meta.url);

/** The networks of other authors, by name, as PyTorch described with them. */
export const goldenNetworks: Record<string, GoldenNetwork> = JSON.parse(
  readFileSync(file, "utf8"),
).networks;

/** Values of a tensor as tests/golden/make_inference_golden.py draws them. */
function goldenValues(
  network: string,
  name: string,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const fanIn = shape.slice(1).reduce((product, extent) => product * extent, 1);
  const [centre, spread] = {
    eps: [1e-6, 0],
    running_mean: [0, 0.3],
    running_var: [1, 0.5],
    tau: [-0.5, 0.25],
    bias: [0, 0.1],
  }[name.slice(name.lastIndexOf(".") + 1)] ??
    (shape[0] === 1 ? [1, 0.2] : [0, Math.sqrt(6 / fanIn)]);
  return Float32Array.from(
    goldenUniform(`${network}.${name}`, count),
    (u) => centre + spread * (2 * u - 1),
  );
}

/** A golden network's state dictionary, under its authors' names. */
export function goldenStateOf(network: string): NetworkState {
  return new Map(
    Object.entries(goldenNetworks[network].tensors).map(([name, shape]) => [
      name,
      name.endsWith(".num_batches_tracked")
        ? { shape, data: BigInt64Array.of(4711n) }
        : { shape, data: goldenValues(network, name, shape) },
    ]),
  );
}

/** The same under the names that a checkpoint's reader gives: `features.0.…` for `layer1.…`. */
export function readStateOf(network: string): NetworkState {
  const alias = /^layer(\d+)\./;
  return new Map(
    [...goldenStateOf(network)].map(([name, tensor]) => [
      name.replace(alias, (_, layer) => `features.${layer - 1}.`),
      tensor,
    ]),
  );
}

/** The golden patches [3, side, side], 8 bits, of ever less contrast. */
export function goldenPatches(side: 64 | 65): Uint8Array<ArrayBuffer> {
  const area = side * side;
  const contrasts = [255, 40, 6];
  return Uint8Array.from(
    goldenUniform(`patches ${side}`, contrasts.length * area),
    (u, at) =>
      Math.floor(100 + contrasts[Math.floor(at / area)] / 2 * (u - 0.25)),
  );
}
