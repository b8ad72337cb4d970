import { kernel } from "../../kernel.ts";
import { samplesPerBlock } from "../../labelled_descriptors.ts";
import type { Recorder, TensorSlice } from "../../recorder.ts";
import type { Tensor } from "../../tensor.ts";
import { assertShape, assertSize } from "../../tensor_checks.ts";
import tanhSource from "../../wgsl/lib/tanh.wgsl" with { type: "text" };
import source from "../../wgsl/inference/tanh_descriptor.wgsl" with {
  type: "text",
};

const group = 8;

/**
 * e = tanh(z + bias).
 *
 * z [all, C], bias [C]; descriptors [all/32, C, 32] in blocks of 32 samples. All rows are computed.
 *
 * @throws {GpuError} when a shape does not fit
 */
export function tanhDescriptors(
  recorder: Recorder,
  tensors: { z: Tensor; bias: TensorSlice; descriptors: Tensor },
): void {
  const { z, bias, descriptors } = tensors;
  const [all, channels] = z.shape;
  assertSize("tanhDescriptors", "bias", bias, channels);
  assertShape("tanhDescriptors", "descriptors", descriptors, [
    Math.ceil(all / samplesPerBlock),
    channels,
    samplesPerBlock,
  ]);
  const compiled = kernel(recorder.gpu, "tanh_descriptor", source, {
    C4: channels / 4,
    GROUP: group,
  }, { tanh: tanhSource });
  const groups = Math.ceil(all / group);
  recorder.dispatch(compiled, [z, bias, descriptors], [groups], [{ u32: all }]);
}
