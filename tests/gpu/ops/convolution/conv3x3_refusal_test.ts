import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { conv3x3Forward } from "../../../../gpu/ops/convolution/conv3x3.ts";
import { conv3x3InputGradientStride2 } from "../../../../gpu/ops/convolution/conv3x3_input_gradient_stride2.ts";
import { conv3x3WeightGradient } from "../../../../gpu/ops/convolution/conv3x3_weight_gradient.ts";
import { openBench, whole } from "../../../helpers/gpu/gpu_op.ts";

const { recorder, arena } = await openBench();

describe("conv3x3's refusals", () => {
  const convolution = {
    inputChannels: 16,
    outputChannels: 48,
    size: 8,
    stride: 1 as const,
  };
  const fitting = () => ({
    x: arena.tensor("x", [8, 4, 10, 10, 4]),
    y: arena.tensor("y", [8, 12, 8, 8, 4]),
    weights: whole(arena.tensor("weights", [16 * 48 * 9])),
    bias: whole(arena.tensor("bias", [48])),
    dy: arena.tensor("dy", [8, 12, 10, 10, 4]),
    dx: arena.tensor("dx", [8, 4, 16, 16, 4]),
    transposedWeights: whole(arena.tensor("weights", [16 * 48 * 9])),
    partial: whole(arena.tensor("partial", [1, 16 * 48 * 9])),
  });
  const wrong = arena.tensor("wrong", [8, 4, 8, 8, 4]);
  const run = {
    conv3x3Forward: (changed: object, count = 8) =>
      conv3x3Forward(
        recorder,
        convolution,
        { ...fitting(), ...changed },
        count,
      ),
    conv3x3InputGradientStride2: (changed: object) =>
      conv3x3InputGradientStride2(
        recorder,
        { ...convolution, stride: 2 },
        { ...fitting(), ...changed },
        8,
      ),
    conv3x3WeightGradient: (changed: object) =>
      conv3x3WeightGradient(
        recorder,
        convolution,
        { ...fitting(), ...changed },
        8,
      ),
  };
  const found = "found shape [8, 4, 8, 8, 4], wanted";
  const refusals: [keyof typeof run, object, string][] = [
    ["conv3x3Forward", { x: wrong }, `x: ${found} [8, 4, 10, 10, 4]`],
    ["conv3x3Forward", { y: wrong }, `y: ${found} [8, 12, 8, 8, 4]`],
    [
      "conv3x3Forward",
      { weights: whole(wrong) },
      "weights: found 8192 elements, wanted 6912",
    ],
    [
      "conv3x3Forward",
      { bias: whole(wrong) },
      "bias: found 8192 elements, wanted 48",
    ],
    [
      "conv3x3InputGradientStride2",
      { dy: wrong },
      `dy: ${found} [8, 12, 10, 10, 4]`,
    ],
    [
      "conv3x3InputGradientStride2",
      { dx: wrong },
      `dx: ${found} [8, 4, 16, 16, 4]`,
    ],
    [
      "conv3x3InputGradientStride2",
      { transposedWeights: whole(wrong) },
      "transposedWeights: found 8192 elements, wanted 6912",
    ],
    ["conv3x3WeightGradient", { x: wrong }, `x: ${found} [8, 4, 10, 10, 4]`],
    [
      "conv3x3WeightGradient",
      { dy: wrong },
      `dy: ${found} [8, 12, 10, 10, 4]`,
    ],
  ];
  for (const [op, changed, message] of refusals) {
    it(`names ${op}'s ${message.split(":")[0]}`, () => {
      assert.throws(() => run[op](changed), {
        name: "GpuError",
        message: `Cannot run ${op}: ${message}`,
      });
    });
  }

  it("takes whole groups of eight samples only", () => {
    assert.throws(() => run.conv3x3Forward({}, 9), {
      name: "GpuError",
      message:
        /^Cannot run conv3x3: workgroups along x: found [0-9.]+, wanted 1 to 65535; use another batch size$/,
    });
  });
});
