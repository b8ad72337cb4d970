import randomSource from "./wgsl/lib/random.wgsl" with { type: "text" };
import type { RandomStream } from "./random_bits.ts";
import type { UniformValue } from "./recorder.ts";

/** Text behind `#include "random"`. */
export const randomInclude: Readonly<Record<"random", string>> = {
  random: randomSource,
};

/** The stream as the first three members of a kernel's `Params`: `stream_a, stream_b, stream_c: u32`. */
export function streamUniform(stream: RandomStream): UniformValue[] {
  return [{ u32: stream.a }, { u32: stream.b }, { u32: stream.c }];
}
