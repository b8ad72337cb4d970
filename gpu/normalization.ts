import { streamUniform } from "./random.ts";
import type { RandomStream } from "./random_bits.ts";
import type { TensorSlice, UniformValue } from "./recorder.ts";

/** γ, β and τ of one normalisation, [C] each. */
export interface FrnTluParameters {
  gamma: TensorSlice;
  beta: TensorSlice;
  tau: TensorSlice;
}

/** Which elements are dropped: a function of the stream and of the element's place in the whole batch. */
export interface Dropout {
  rate: number;
  stream: RandomStream;
  /** Place of the tensor's first sample in the whole batch. */
  firstSample: number;
}

/** The dropout as the last values of a kernel's `Params`; without one, of no effect. */
export function dropoutUniform(dropout: Dropout | undefined): UniformValue[] {
  const stream = dropout?.stream ?? { a: 0, b: 0, c: 0 };
  return [
    ...streamUniform(stream),
    { u32: dropout?.firstSample ?? 0 },
    { f32: dropout?.rate ?? 0 },
  ];
}
