import { GpuError } from "../errors.ts";
import { frnEpsilon } from "../ops/frn_tlu.ts";
import {
  type Architecture,
  descriptorSize,
  normalizations,
} from "./architecture.ts";
import { parameterTable } from "./parameter_table.ts";

/** A tensor of a checkpoint. */
export interface StateTensor {
  shape: readonly number[];
  data: ArrayLike<number> | ArrayLike<bigint>;
}

/** A network's tensors by their PyTorch names. */
export type NetworkState = ReadonlyMap<string, StateTensor>;

const attempt = "load a network";

/**
 * Makes sure that a checkpoint's tensors are a sound network of an architecture, without a GPU.
 *
 * @throws {GpuError} when one is missing, has another shape or holds a value that is not finite
 */
export function requireNetwork(
  architecture: Architecture,
  state: NetworkState,
): void {
  for (const { name, shape } of parameterTable(architecture).entries.values()) {
    checkedTensor(architecture, state, name, shape);
  }
  for (const name of statisticsNames(architecture)) {
    checkedTensor(architecture, state, name, [descriptorSize]);
  }
  requireFrnEpsilon(architecture, state);
}

/** Names of the BatchNorm's running mean and variance. */
export function statisticsNames(
  { batchNorm }: Architecture,
): [mean: string, variance: string] {
  return [`${batchNorm}.running_mean`, `${batchNorm}.running_var`];
}

/**
 * The values of one tensor.
 *
 * @throws {GpuError} when it is missing, has another shape or holds a value that is not finite
 */
export function checkedTensor(
  architecture: Pick<Architecture, "name">,
  state: NetworkState,
  name: string,
  shape: readonly number[],
): ArrayLike<number> | ArrayLike<bigint> {
  const tensor = state.get(name);
  if (tensor === undefined) {
    throw new GpuError({
      attempt,
      where: name,
      found: "no such tensor",
      wanted: `[${shape.join(", ")}]`,
      remedy: `use a checkpoint of ${architecture.name}`,
    });
  }
  const same = tensor.shape.length === shape.length &&
    tensor.shape.every((extent, axis) => extent === shape[axis]);
  if (!same) {
    throw new GpuError({
      attempt,
      where: name,
      found: `shape [${tensor.shape.join(", ")}]`,
      wanted: `[${shape.join(", ")}]`,
      remedy: `use a checkpoint of ${architecture.name}`,
    });
  }
  for (let i = 0; i < tensor.data.length; i++) {
    if (!Number.isFinite(Number(tensor.data[i]))) {
      throw new GpuError({
        attempt,
        where: `${name}[${i}]`,
        found: String(tensor.data[i]),
        wanted: "a finite number",
        remedy: "use an earlier checkpoint",
      });
    }
  }
  return tensor.data;
}

/**
 * The kernels have ε of the FRN built in; a checkpoint may leave it out.
 *
 * @throws {GpuError} when a checkpoint has another one
 */
export function requireFrnEpsilon(
  architecture: Architecture,
  state: NetworkState,
): void {
  for (const { frn } of normalizations(architecture)) {
    const epsilon = state.get(`${frn}.eps`);
    if (
      epsilon !== undefined &&
      Math.abs(Number(epsilon.data[0])) !== Math.fround(frnEpsilon)
    ) {
      throw new GpuError({
        attempt,
        where: `${frn}.eps`,
        found: String(epsilon.data[0]),
        wanted: String(frnEpsilon),
      });
    }
  }
}
