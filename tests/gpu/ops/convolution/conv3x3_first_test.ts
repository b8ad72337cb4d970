import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { accumulate } from "../../../../gpu/sums/accumulate.ts";
import { conv3x3FirstForward } from "../../../../gpu/ops/convolution/conv3x3_first.ts";
import { Gpu } from "../../../../gpu/device.ts";
import { Recorder } from "../../../../gpu/recorder.ts";
import { tilesOfClass } from "../../../../gpu/tiles.ts";
import {
  conv3x3FirstBackward,
  conv3x3FirstInputGradient,
  conv3x3FirstWeightGradient,
} from "../../../../gpu/ops/convolution/conv3x3_first_backward.ts";
import {
  activationShape,
  fromActivations,
  toActivations,
  toBorderedPlanes,
  transposed,
} from "../../../helpers/gpu/activation_layout.ts";
import { checkGradient, dot } from "../../../helpers/gpu/gradient_check.ts";
import {
  assertFirstSamplesAlone,
  assertNear,
  assertSameBits,
  assertZero,
  exactTensor,
  firstSamples,
  openBench,
  untouched,
  whole,
} from "../../../helpers/gpu/gpu_op.ts";
import { conv2dBackward, conv2dForward } from "../../../reference/conv2d.ts";

const { gpu: device, recorder, arena } = await openBench();
/** The same device as GPUs have it, where both gradients are one kernel. */
const card = new Gpu(device.device, device.adapter, Infinity);
card.tiles = tilesOfClass.discrete;
const onCard = new Recorder(card);
const spread = { stride: 1, padding: 1 };

/** x [N, 1, S, S], weights [K, 1, 3, 3], the twin's results and everything on the GPU. */
function problem(capacity: number, channels: number, size: number) {
  const name = `first ${channels} ${size}`;
  const x = exactTensor(`x ${name}`, [capacity, 1, size, size]);
  const weights = exactTensor(`w ${name}`, [channels, 1, 3, 3]);
  const bias = exactTensor(`b ${name}`, [channels]);
  const dy = exactTensor(`dy ${name}`, [capacity, channels, size, size]);
  const kernelWeights = transposed(weights.data, channels);
  const padded = size + 2;
  return {
    x,
    weights,
    bias,
    dy,
    gpu: {
      x: arena.tensorOf("x", [capacity, padded, padded], toBorderedPlanes(x)),
      weights: whole(
        arena.tensorOf("weights", [9 * channels], kernelWeights),
      ),
      bias: whole(
        arena.tensorOf("bias", [channels], Float32Array.from(bias.data)),
      ),
      y: arena.tensor("y", activationShape(dy.shape)),
      dy: arena.tensorOf(
        "dy",
        activationShape(dy.shape, 1),
        toActivations(dy, 1),
      ),
      dx: arena.tensor("dx", [capacity, size, size]),
      partial: whole(arena.tensor("partial", [capacity, 9 * channels])),
    },
  };
}

const problems = [problem(24, 48, 8), problem(8, 16, 32)];

for (const { x, weights, bias, dy, gpu } of problems) {
  const [capacity, channels, size] = dy.shape;
  const perSample = channels * size * size;
  describe(`the first convolution to ${channels} channels, ${size}×${size}`, () => {
    it("is the twin's, for the samples asked for", async () => {
      conv3x3FirstForward(recorder, gpu, 8);
      recorder.submit();
      const some = await gpu.y.readFloats();
      const expected = conv2dForward(firstSamples(x, 8), weights, bias, spread);
      const y = firstSamples(fromActivations(some, dy.shape), 8);
      assertNear("y", y.data, expected.data);
      assertZero("the rest", some.subarray(8 * perSample));
      conv3x3FirstForward(recorder, gpu, capacity);
      recorder.submit();
      const all = await gpu.y.readFloats();
      assertSameBits(
        "second run",
        all.subarray(0, 8 * perSample),
        some.subarray(0, 8 * perSample),
      );
    });

    it("has the twin's input gradient", async () => {
      conv3x3FirstInputGradient(recorder, gpu, capacity);
      recorder.submit();
      const values = await gpu.dx.readFloats();
      const expected = conv2dBackward(dy, x, weights, spread).inputGradient;
      assertNear("∂x", values, expected.data);
      checkGradient(
        "x",
        () => dot(conv2dForward(x, weights, bias, spread), dy),
        x,
        { shape: x.shape, data: Float64Array.from(values) },
        { step: 1e-3, stride: 811, tolerance: 1e-3 },
      );
      conv3x3FirstInputGradient(recorder, gpu, capacity);
      recorder.submit();
      assertSameBits("second run", await gpu.dx.readFloats(), values);
    });

    it("has the twin's weight gradient", async () => {
      const run = async () => {
        const total = arena.tensor("total", [9 * channels]);
        conv3x3FirstWeightGradient(recorder, gpu, capacity);
        const totals = [whole(total)];
        const { partial } = gpu;
        accumulate(recorder, [{ partial, totals, parts: capacity }]);
        recorder.submit();
        return await total.readFloats();
      };
      const values = await run();
      const dw = transposed(values, 9);
      const expected = conv2dBackward(dy, x, weights, spread).weightGradient;
      assertNear("∂w", dw, expected.data);
      checkGradient(
        "weights",
        () => dot(conv2dForward(x, weights, bias, spread), dy),
        weights,
        { shape: weights.shape, data: Float64Array.from(dw) },
        { step: 1e-3, stride: 29, tolerance: 1e-3 },
      );
      assertSameBits("second run", await run(), values);
    });

    it("has both in one kernel on GPUs, sample by sample", async () => {
      const run = async (on: Recorder, count: number) => {
        for (const tensor of [gpu.dx, gpu.partial.tensor]) {
          tensor.write(new Float32Array(tensor.size).fill(untouched));
        }
        conv3x3FirstBackward(on, gpu, count);
        on.submit();
        return {
          dx: await gpu.dx.readFloats(),
          partial: await gpu.partial.tensor.readFloats(),
        };
      };
      const one = await run(onCard, capacity);
      const two = await run(recorder, capacity);
      const again = await run(onCard, capacity);
      const some = await run(onCard, capacity - 3);
      const expected = conv2dBackward(dy, x, weights, spread).inputGradient;
      assertNear("∂x", one.dx, expected.data);
      assertNear("shares of ∂w", one.partial, two.partial);
      assert.notDeepEqual(one.partial, two.partial);
      for (const name of ["dx", "partial"] as const) {
        const computed = (capacity - 3) * one[name].length / capacity;
        assertSameBits(`second ${name}`, again[name], one[name]);
        assertFirstSamplesAlone(some[name], one[name], computed);
      }
    });
  });
}

describe("the first convolution's refusals", () => {
  const { gpu } = problems[0];
  const wrong = arena.tensor("wrong", [24, 8, 9]);
  const found = "found shape [24, 8, 9], wanted";
  const both = (changed: Partial<typeof gpu>) => () =>
    conv3x3FirstBackward(onCard, { ...gpu, ...changed }, 8);
  const refusals: [string, () => void, string][] = [
    [
      "conv3x3FirstForward",
      () => conv3x3FirstForward(recorder, { ...gpu, x: wrong }, 8),
      `x: ${found} [24, 10, 10]`,
    ],
    [
      "conv3x3FirstForward",
      () => conv3x3FirstForward(recorder, { ...gpu, weights: gpu.bias }, 8),
      "weights: found 48 elements, wanted 432",
    ],
    [
      "conv3x3FirstForward",
      () => conv3x3FirstForward(recorder, { ...gpu, bias: gpu.weights }, 8),
      "bias: found 432 elements, wanted 48",
    ],
    [
      "conv3x3FirstInputGradient",
      () => conv3x3FirstInputGradient(recorder, { ...gpu, dx: wrong }, 8),
      `dx: ${found} [24, 8, 8]`,
    ],
    [
      "conv3x3FirstInputGradient",
      () =>
        conv3x3FirstInputGradient(recorder, { ...gpu, weights: gpu.bias }, 8),
      "weights: found 48 elements, wanted 432",
    ],
    [
      "conv3x3FirstWeightGradient",
      () => conv3x3FirstWeightGradient(recorder, { ...gpu, x: wrong }, 8),
      `x: ${found} [24, 10, 10]`,
    ],
    [
      "conv3x3FirstBackward",
      both({ weights: gpu.bias }),
      "weights: found 48 elements, wanted 432",
    ],
    ["conv3x3FirstBackward", both({ x: wrong }), `x: ${found} [24, 10, 10]`],
    ["conv3x3FirstBackward", both({ dx: wrong }), `dx: ${found} [24, 8, 8]`],
  ];
  for (const [op, act, message] of refusals) {
    it(`names ${op}'s ${message.split(":")[0]}`, () => {
      assert.throws(act, {
        name: "GpuError",
        message: `Cannot run ${op}: ${message}`,
      });
    });
  }
});
