import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { Gpu } from "../../../gpu/device.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { Trainer } from "../../../gpu/nn/training/trainer.ts";
import { denseInputGradient } from "../../../gpu/ops/dense_backward.ts";
import { frnEpsilon, frnTluForward } from "../../../gpu/ops/frn_tlu.ts";
import { frnTluBackward } from "../../../gpu/ops/frn_tlu_backward.ts";
import {
  activationShape,
  fromActivations,
  nonzeroBorderElements,
  toActivations,
} from "../../helpers/gpu/activation_layout.ts";
import {
  assertNear,
  exactTensor,
  openBench,
  slice,
  whole,
} from "../../helpers/gpu/gpu_op.ts";
import {
  assertStoredInHalves,
  describeHalves,
  emptyHalfActivation,
  halfActivation,
  halfTensor,
  largestHalf,
} from "../../helpers/gpu/half_precision.ts";
import { frnBackward, frnForward } from "../../reference/frn.ts";
import type { Tensor } from "../../reference/tensor.ts";
import { tluBackward, tluForward } from "../../reference/tlu.ts";

const { gpu, recorder, arena } = await openBench();
const samples = 8;

/** FRN and TLU of x in 16 bits, on the GPU and by the twin, whose backward pass reads what the forward pass stored. */
async function normalized(x: Tensor) {
  const [, channels] = x.shape;
  const gamma = exactTensor("γ", [channels], 0.5, 1.5);
  const beta = exactTensor("β", [channels], -0.3, 0.3);
  const tau = exactTensor("τ", [channels], -0.8, 0.2);
  const dy = exactTensor("dy", [...x.shape]);
  const y = emptyHalfActivation(arena, x.shape, 1);
  const dx = arena.tensor("dx", activationShape(x.shape, 1));
  const tensors = {
    x: halfActivation(arena, x),
    scale: arena.tensor("scale", [samples, channels / 4, 4]),
    y,
    dy: arena.tensorOf("dy", activationShape(x.shape), toActivations(dy)),
    dx,
    partial: whole(arena.tensor("partial", [samples, 4, channels])),
  };
  const parameters = {
    gamma: slice(arena, gamma.data),
    beta: slice(arena, beta.data),
    tau: slice(arena, tau.data),
  };
  frnTluForward(recorder, parameters, tensors, samples);
  frnTluBackward(recorder, parameters, tensors, samples);
  recorder.submit();
  const z = frnForward(x, gamma, beta, frnEpsilon);
  const { inputGradient } = tluBackward(dy, z, tau);
  return {
    y: await y.readFloats(),
    dx: fromActivations(await dx.readFloats(), x.shape, 1),
    expected: {
      y: tluForward(z, tau),
      dx: frnBackward(inputGradient, x, gamma, frnEpsilon).inputGradient,
    },
  };
}

describeHalves("FRN and TLU in 16 bits", () => {
  it("store the twin's outputs, leave the border at zero and have its gradient", async () => {
    const x = halfTensor("frn x", [samples, 16, 8, 8], -2, 2);
    const { y, dx, expected } = await normalized(x);
    const inner = fromActivations(y, x.shape, 1);
    assertStoredInHalves("y", inner.data, expected.y.data);
    assert.equal(nonzeroBorderElements(y, x.shape, 1), 0);
    assertNear("∂x", dx.data, expected.dx.data);
  });

  it("stay finite at the largest numbers there are", async () => {
    const x = halfTensor("large x", [samples, 16, 8, 8], -1, 1);
    x.data.set(x.data.map((value) => Math.sign(value) * largestHalf));
    const { y, dx, expected } = await normalized(x);
    const inner = fromActivations(y, x.shape, 1);
    assertStoredInHalves("y", inner.data, expected.y.data);
    assert.ok(dx.data.every(Number.isFinite));
  });
});

describe("activations in 16 bits are refused", () => {
  it("beside others of 32 bits", () => {
    const shape = [samples, 4, 8, 8, 4];
    const parameter = whole(arena.tensor("parameter", [16]));
    const parameters = { gamma: parameter, beta: parameter, tau: parameter };
    const tensors = {
      x: arena.tensor("x", shape),
      y: arena.tensor("y", shape, { type: "f16" }),
      scale: arena.tensor("scale", [samples, 4, 4]),
    };
    assert.throws(
      () => frnTluForward(recorder, parameters, tensors, samples),
      {
        name: "GpuError",
        message:
          "Cannot run frnTluForward: y: found activations of type f16, wanted f32",
      },
    );
  });

  it("where a gradient belongs", () => {
    const dy = arena.tensor("dy", [samples, 4, 8, 8, 4], { type: "f16" });
    const tensors = {
      dz: arena.tensor("dz", [samples, 16]),
      weights: whole(arena.tensor("weights", [16 * 64 * 16])),
      dy,
    };
    assert.throws(
      () => denseInputGradient(recorder, tensors, 0, samples),
      {
        name: "GpuError",
        message:
          "Cannot run denseInputGradient: dy: found elements of type f16, wanted f32, u32, i32",
      },
    );
  });

  it("by an adapter that lacks them", async () => {
    // A device has the features it asks for: this one asks for none.
    const adapter = (await navigator.gpu.requestAdapter())!;
    const device = await adapter.requestDevice();
    using without = new Gpu(device, gpu.adapter, Infinity);
    const options = {
      initial: initialWeights(sdgmnet128, 5),
      samples: 16,
      classes: 8,
    };
    assert.throws(
      () =>
        new Trainer(without, {
          architecture: sdgmnet128,
          ...options,
          activations: "f16",
        }),
      {
        name: "GpuError",
        message:
          `Cannot store activations in 16 bits: ${gpu.adapter.description}: found an adapter without shader-f16, wanted one with it; set gpu.activations = "f32"`,
      },
    );
    assert.equal(without.allocatedBytes, 0);
  });
});
