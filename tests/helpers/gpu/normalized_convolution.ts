import type { Convolution } from "../../../gpu/convolution.ts";
import type { Dropout } from "../../../gpu/normalization.ts";
import { frnEpsilon } from "../../../gpu/ops/frn_tlu.ts";
import type { TensorSlice } from "../../../gpu/recorder.ts";
import type { Arena } from "../../../gpu/tensor.ts";
import { dropout as twinDropout } from "../../reference/dropout.ts";
import { frnForward } from "../../reference/frn.ts";
import type { Tensor } from "../../reference/tensor.ts";
import { tluForward } from "../../reference/tlu.ts";
import { convolutionProblem } from "./convolution_problem.ts";
import { dropoutMask, exactTensor } from "./gpu_op.ts";

/** A convolution with its normalisation, and its parameters as slices of one tensor. */
export function normalizedConvolution(
  arena: Arena,
  { convolution, samples }: { convolution: Convolution; samples: number },
) {
  const { outputChannels } = convolution;
  const exact = convolutionProblem(convolution, samples);
  const values = {
    bias: exact.bias,
    gamma: exactTensor("γ", [outputChannels], 0.5, 1.5),
    beta: exactTensor("β", [outputChannels], -0.3, 0.3),
    tau: exactTensor("τ", [outputChannels], -0.8, 0.2),
  };
  // Not in the order of the kernel, and with something between.
  const step = 128;
  const names = ["tau", "bias", "gamma", "beta"] as const;
  const flat = new Float32Array(step * names.length);
  names.forEach((name, at) => flat.set(values[name].data, at * step));
  const tensor = arena.tensorOf("parameters", [flat.length], flat);
  const part = (name: typeof names[number]): TensorSlice => ({
    tensor,
    offset: step * names.indexOf(name),
    size: outputChannels,
  });
  const norms = {
    gamma: part("gamma"),
    beta: part("beta"),
    tau: part("tau"),
  };
  return { ...exact, ...values, norms, part };
}

/** y by the twin, with the dropout. */
export function twinOutput(
  x: Tensor,
  { gamma, beta, tau }: Record<"gamma" | "beta" | "tau", Tensor>,
  dropout?: Dropout,
): Tensor {
  const y = tluForward(frnForward(x, gamma, beta, frnEpsilon), tau);
  if (dropout === undefined) return y;
  const { stream, rate, firstSample } = dropout;
  const mask = dropoutMask(stream, rate, [...x.shape], firstSample);
  return twinDropout(y, mask, Math.fround(rate));
}
