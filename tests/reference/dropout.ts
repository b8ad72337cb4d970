import { type Tensor, zeros } from "./tensor.ts";

/**
 * Dropout under a given mask: y = x·mask/(1 − rate). Its gradient is the same function of the output's gradient.
 *
 * @param keepMask 1 where the value is kept, 0 where it is dropped; as many as the input has
 * @param rate share of values dropped on average
 */
export function dropout(
  input: Tensor,
  keepMask: ArrayLike<number>,
  rate: number,
): Tensor {
  const output = zeros(...input.shape);
  for (let at = 0; at < input.data.length; at++) {
    output.data[at] = keepMask[at] ? input.data[at] / (1 - rate) : 0;
  }
  return output;
}
