import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { denseForward } from "../../../gpu/ops/dense.ts";
import {
  denseInputGradient,
  denseWeightGradient,
} from "../../../gpu/ops/dense_backward.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import {
  activationShape,
  fromActivations,
  fromDenseWeights,
  toActivations,
  toDenseWeights,
} from "../../helpers/gpu/activation_layout.ts";
import { checkGradient, dot } from "../../helpers/gpu/gradient_check.ts";
import {
  assertNear,
  assertSameBits,
  exactTensor,
  firstSamples,
  openBench,
  untouched,
  whole,
  withSameSums,
} from "../../helpers/gpu/gpu_op.ts";
import { conv2dBackward, conv2dForward } from "../../reference/conv2d.ts";

const { gpu: device, recorder, arena } = await openBench();
const otherTiles = new Recorder(withSameSums(device));
const [capacity, channels, outputs] = [24, 16, 48];
/** Rows of the whole batch, of which the micro-batch begins at row 16. */
const [all, first] = [48, 16];
const spread = { stride: 1, padding: 0 };

const y = exactTensor("y", [capacity, channels, 8, 8]);
const weights = exactTensor("weights", [outputs, channels, 8, 8]);
const dz = exactTensor("dz", [capacity, outputs, 1, 1]);
const kernelWeights = toDenseWeights(weights);

const gpu = {
  y: arena.tensorOf("y", activationShape(y.shape), toActivations(y)),
  weights: whole(
    arena.tensorOf("weights", [kernelWeights.length], kernelWeights),
  ),
  dz: arena.tensor("dz", [all, outputs], { uniform: true }),
};
gpu.dz.write(new Float32Array(all * outputs).fill(untouched));
gpu.dz.write(Float32Array.from(dz.data), first * outputs);

async function forward(on: Recorder, count: number): Promise<Float32Array> {
  const values = new Float32Array(all * outputs).fill(untouched);
  const z = arena.tensorOf("z", [all, outputs], values);
  denseForward(on, { ...gpu, z }, first, count);
  on.submit();
  return await z.readFloats();
}

async function inputGradient(on: Recorder): Promise<Float32Array> {
  const dy = arena.tensor("dy", activationShape(y.shape));
  denseInputGradient(on, { ...gpu, dy }, first, capacity);
  on.submit();
  return await dy.readFloats();
}

async function weightGradient(
  on: Recorder,
  counts: number[],
): Promise<Float32Array> {
  const dw = arena.tensor("dw", [kernelWeights.length]);
  for (const count of counts) {
    denseWeightGradient(on, { ...gpu, dw: whole(dw) }, first, count);
  }
  on.submit();
  return await dw.readFloats();
}

const loss = () => dot(conv2dForward(y, weights, undefined, spread), dz);
const differences = { step: 1e-3, tolerance: 1e-3 };

describe("the 8×8 convolution", () => {
  it("is the twin's, written where the micro-batch stands", async () => {
    const expected = conv2dForward(y, weights, undefined, spread);
    const z = await forward(recorder, capacity);
    const [from, to] = [first * outputs, (first + capacity) * outputs];
    assertNear("z", z.subarray(from, to), expected.data);
    const rest = [...z.subarray(0, from), ...z.subarray(to)];
    assert.ok(rest.every((value) => value === untouched));
    assertSameBits("second run", await forward(recorder, capacity), z);
    assertSameBits("other tiles", await forward(otherTiles, capacity), z);
    const some = await forward(otherTiles, 8);
    const end = (first + 8) * outputs;
    assertSameBits("8 samples", some.subarray(0, end), z.subarray(0, end));
    assert.ok(some.subarray(end).every((value) => value === untouched));
  });

  it("has the twin's input gradient", async () => {
    const expected = conv2dBackward(dz, y, weights, spread).inputGradient;
    const values = await inputGradient(recorder);
    const dy = fromActivations(values, y.shape);
    assertNear("∂y", dy.data, expected.data);
    assertSameBits("second run", await inputGradient(recorder), values);
    assertSameBits("other tiles", await inputGradient(otherTiles), values);
    checkGradient("y", loss, y, dy, { ...differences, stride: 2311 });
  });

  it("has the twin's weight gradient", async () => {
    const expected = conv2dBackward(dz, y, weights, spread).weightGradient;
    const values = await weightGradient(recorder, [capacity]);
    const dw = fromDenseWeights(values, weights.shape);
    assertNear("∂w", dw.data, expected.data);
    assertSameBits(
      "second run",
      await weightGradient(recorder, [capacity]),
      values,
    );
    assertSameBits(
      "other tiles",
      await weightGradient(otherTiles, [capacity]),
      values,
    );
    checkGradient("weights", loss, weights, dw, {
      ...differences,
      stride: 4703,
    });
  });

  it("adds to the weight gradient that was there", async () => {
    const expected = conv2dBackward(dz, y, weights, spread).weightGradient.data;
    const part = conv2dBackward(
      firstSamples(dz, 8),
      firstSamples(y, 8),
      weights,
      spread,
    ).weightGradient.data;
    const values = await weightGradient(recorder, [capacity, 8]);
    assertNear(
      "∂w",
      fromDenseWeights(values, weights.shape).data,
      expected.map((value, at) => value + part[at]),
    );
  });

  it("refuses weights of another size", () => {
    const wrong = { ...gpu, weights: whole(arena.tensor("w", [64])) };
    const dw = wrong.weights;
    const z = arena.tensor("z", [all, outputs]);
    const refusals: [string, string, () => void][] = [
      [
        "denseForward",
        "weights",
        () => denseForward(recorder, { ...wrong, z }, 0, 8),
      ],
      [
        "denseInputGradient",
        "weights",
        () => denseInputGradient(recorder, { ...wrong, dy: gpu.y }, 0, 8),
      ],
      [
        "denseWeightGradient",
        "dw",
        () => denseWeightGradient(recorder, { ...gpu, dw }, 0, 8),
      ],
    ];
    for (const [op, tensor, act] of refusals) {
      assert.throws(act, {
        name: "GpuError",
        message: `Cannot run ${op}: ${tensor}: found 64 elements, wanted 49152`,
      });
    }
  });
});
