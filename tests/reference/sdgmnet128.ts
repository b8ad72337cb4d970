import {
  batchNormBackward,
  batchNormForward,
  batchStatistics,
  type Statistics,
  updatedRunningStatistics,
} from "./batch_norm.ts";
import { conv2dBackward, conv2dForward } from "./conv2d.ts";
import { dropout } from "./dropout.ts";
import { frnBackward, frnForward } from "./frn.ts";
import { l2NormalizeBackward, l2NormalizeForward } from "./l2_normalize.ts";
import type { Tensor } from "./tensor.ts";
import { tluBackward, tluForward } from "./tlu.ts";

/** Parameters and buffers by their PyTorch names, `features.…` only. */
export type NetworkState = Map<string, Tensor>;

/** How the network is run: with a dropout mask and batch statistics, or with the running ones. */
export type NetworkMode =
  | { training: true; keepMask: ArrayLike<number>; dropoutRate: number }
  | { training: false };

/** Everything a forward pass saw: each module's output under its PyTorch name, `input` and `descriptors`. */
export type Activations = Map<string, Tensor>;

/** One module of the network, in order of execution. */
type Module =
  | { kind: "frn" | "tlu" | "dropout" | "batchNorm"; name: string }
  | { kind: "conv"; name: string; stride: number; padding: number };

/** The network, top to bottom. */
export const modules: readonly Module[] = [
  { kind: "frn", name: "features.0.0" },
  { kind: "tlu", name: "features.0.1" },
  { kind: "conv", name: "features.0.2", stride: 1, padding: 1 }, //   1 →  32, 32×32
  { kind: "frn", name: "features.0.3" },
  { kind: "tlu", name: "features.0.4" },
  { kind: "conv", name: "features.1.0", stride: 1, padding: 1 }, //  32 →  32, 32×32
  { kind: "frn", name: "features.1.1" },
  { kind: "tlu", name: "features.1.2" },
  { kind: "conv", name: "features.2.0", stride: 2, padding: 1 }, //  32 →  64, 16×16
  { kind: "frn", name: "features.2.1" },
  { kind: "tlu", name: "features.2.2" },
  { kind: "conv", name: "features.3.0", stride: 1, padding: 1 }, //  64 →  64, 16×16
  { kind: "frn", name: "features.3.1" },
  { kind: "tlu", name: "features.3.2" },
  { kind: "conv", name: "features.4.0", stride: 2, padding: 1 }, //  64 → 128, 8×8
  { kind: "frn", name: "features.4.1" },
  { kind: "tlu", name: "features.4.2" },
  { kind: "conv", name: "features.5.0", stride: 1, padding: 1 }, // 128 → 128, 8×8
  { kind: "frn", name: "features.5.1" },
  { kind: "tlu", name: "features.5.2" },
  { kind: "dropout", name: "features.6.0" },
  { kind: "conv", name: "features.6.1", stride: 1, padding: 0 }, // 128 → 128, 8×8 kernel to 1×1
  { kind: "batchNorm", name: "features.6.2" },
];

/**
 * SDGMNet128: [N, 1, 32, 32] patches to [N, 128] descriptors of unit length.
 *
 * @returns every activation by name
 */
export function networkForward(
  state: NetworkState,
  patches: Tensor,
  mode: NetworkMode,
): Activations {
  const activations: Activations = new Map([["input", patches]]);
  let x = patches;
  for (const module of modules) {
    x = moduleForward(module, state, x, mode);
    activations.set(module.name, x);
  }
  return activations.set("descriptors", l2NormalizeForward(x));
}

/**
 * Gradients of a training pass.
 *
 * @param descriptorGradient ∂L/∂descriptors, [N, 128]
 * @returns the gradient of every parameter by name, and of every activation under `gradient of <name>`
 */
export function networkBackward(
  state: NetworkState,
  activations: Activations,
  descriptorGradient: Tensor,
  mode: NetworkMode & { training: true },
): Map<string, Tensor> {
  const gradients = new Map<string, Tensor>();
  const names = ["input", ...modules.map((module) => module.name)];
  let gradient = l2NormalizeBackward(
    descriptorGradient,
    activations.get(names.at(-1)!)!,
  );
  for (let index = modules.length - 1; index >= 0; index--) {
    gradients.set(`gradient of ${names[index + 1]}`, gradient);
    gradient = moduleBackward(
      modules[index],
      state,
      activations.get(names[index])!,
      gradient,
      mode,
      gradients,
    );
  }
  return gradients.set("gradient of input", gradient);
}

/** The running statistics after a training pass. */
export function runningStatisticsAfter(
  state: NetworkState,
  activations: Activations,
): Statistics {
  const input = asMatrix(activations.get("features.6.1")!);
  return updatedRunningStatistics(runningStatistics(state), input);
}

function moduleForward(
  module: Module,
  state: NetworkState,
  x: Tensor,
  mode: NetworkMode,
): Tensor {
  const parameter = (suffix: string) => state.get(`${module.name}.${suffix}`)!;
  switch (module.kind) {
    case "frn":
      return frnForward(
        x,
        parameter("weight"),
        parameter("bias"),
        parameter("eps").data[0],
      );
    case "tlu":
      return tluForward(x, parameter("tau"));
    case "conv":
      return conv2dForward(
        x,
        parameter("weight"),
        state.get(`${module.name}.bias`),
        module,
      );
    case "dropout":
      return mode.training ? dropout(x, mode.keepMask, mode.dropoutRate) : x;
    case "batchNorm": {
      const matrix = asMatrix(x);
      return batchNormForward(
        matrix,
        mode.training ? batchStatistics(matrix) : runningStatistics(state),
      );
    }
  }
}

function moduleBackward(
  module: Module,
  state: NetworkState,
  x: Tensor,
  gradient: Tensor,
  mode: NetworkMode & { training: true },
  gradients: Map<string, Tensor>,
): Tensor {
  const parameter = (suffix: string) => state.get(`${module.name}.${suffix}`)!;
  switch (module.kind) {
    case "frn": {
      const result = frnBackward(
        gradient,
        x,
        parameter("weight"),
        parameter("eps").data[0],
      );
      gradients.set(`${module.name}.weight`, result.scaleGradient);
      gradients.set(`${module.name}.bias`, result.offsetGradient);
      return result.inputGradient;
    }
    case "tlu": {
      const result = tluBackward(gradient, x, parameter("tau"));
      gradients.set(`${module.name}.tau`, result.thresholdGradient);
      return result.inputGradient;
    }
    case "conv": {
      const result = conv2dBackward(gradient, x, parameter("weight"), module);
      gradients.set(`${module.name}.weight`, result.weightGradient);
      if (state.has(`${module.name}.bias`)) {
        gradients.set(`${module.name}.bias`, result.biasGradient);
      }
      return result.inputGradient;
    }
    case "dropout":
      return dropout(gradient, mode.keepMask, mode.dropoutRate);
    case "batchNorm": {
      const inputGradient = batchNormBackward(gradient, asMatrix(x));
      return { shape: x.shape, data: inputGradient.data };
    }
  }
}

function runningStatistics(state: NetworkState): Statistics {
  return {
    mean: state.get("features.6.2.running_mean")!,
    variance: state.get("features.6.2.running_var")!,
  };
}

/** [N, F, 1, 1] seen as [N, F]. */
function asMatrix({ shape, data }: Tensor): Tensor {
  return { shape: [shape[0], data.length / shape[0]], data };
}
