import type { Convolution } from "../../../gpu/convolution.ts";
import type { Tensor } from "../../reference/tensor.ts";
import { exactTensor } from "./gpu_op.ts";

/** A convolution with inputs, weights, a bias and the gradient of its output. */
export interface ConvolutionProblem {
  name: string;
  convolution: Convolution;
  capacity: number;
  /** The convolution as the float64 twin takes it. */
  spread: { stride: number; padding: number };
  x: Tensor;
  weights: Tensor;
  bias: Tensor;
  dy: Tensor;
}

/** Makes one up for `capacity` samples, of values that both sides hold exactly. */
export function convolutionProblem(
  convolution: Convolution,
  capacity: number,
): ConvolutionProblem {
  const { inputChannels, outputChannels, size, stride } = convolution;
  const side = stride * size;
  const name = `${inputChannels}→${outputChannels}, ${size}×${size}`;
  return {
    name,
    convolution,
    capacity,
    spread: { stride, padding: 1 },
    x: exactTensor(`x ${name}`, [capacity, inputChannels, side, side]),
    weights: exactTensor(`w ${name}`, [outputChannels, inputChannels, 3, 3]),
    bias: exactTensor(`b ${name}`, [outputChannels]),
    dy: exactTensor(`dy ${name}`, [capacity, outputChannels, size, size]),
  };
}
