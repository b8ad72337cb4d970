import assert from "node:assert/strict";
import { BackwardPass } from "../../../gpu/nn/training/backward_pass.ts";
import { describe, it } from "@std/testing/bdd";
import { parameterTable } from "../../../gpu/nn/parameter_table.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { openGpu } from "../../../gpu/device.ts";
import { GpuError } from "../../../gpu/errors.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { unflatten } from "../../../gpu/nn/parameters.ts";
import type { NetworkMode } from "../../../gpu/nn/forward_pass.ts";
import { Network } from "../../../gpu/nn/network.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Tensor } from "../../../gpu/tensor.ts";
import { fromBlocks, toBlocks } from "../../helpers/gpu/descriptor_batch.ts";
import { goldenUniform } from "../../helpers/golden/golden_hash.ts";
import { goldenState } from "../../helpers/golden/network_golden.ts";
import { keepMaskOf, parametersOf } from "../../helpers/gpu/network_on_gpu.ts";
import {
  networkBackward,
  networkForward,
  runningStatisticsAfter,
} from "../../reference/sdgmnet128.ts";
import { tensorOf } from "../../reference/tensor.ts";

const table = parameterTable(sdgmnet128);

const gpu = await openGpu();
const recorder = new Recorder(gpu);
const samples = 10;
const patches = Float32Array.from(goldenUniform("patches2", samples * 1024));
const probe = Float32Array.from(
  goldenUniform("probe", samples * 128),
  (u) => 2 * u - 1,
);
const state = goldenState();
const stream = { a: 7, b: 11, c: 13 };
const training: NetworkMode & { training: true } = {
  training: true,
  dropoutRate: 0.3,
  stream,
};

/** One forward and backward pass on the GPU. */
async function pass(microBatchSamples: number): Promise<
  { descriptors: Float32Array; gradients: Float32Array; running: Float32Array }
> {
  using parameters = parametersOf(gpu, state);
  using network = new Network(gpu, parameters, {
    samples,
    microBatchSamples,
    backward: BackwardPass,
  });
  network.patches.write(patches);
  network.descriptorGradient.write(toBlocks(probe));
  network.forward(recorder, samples, training);
  network.backward(recorder, samples, training);
  recorder.submit();
  return {
    descriptors: fromBlocks(await network.descriptors.readFloats(), samples),
    gradients: await network.gradients.readFloats(),
    running: await parameters.running.readFloats(),
  };
}

const twinPatches = tensorOf([samples, 1, 32, 32], patches);
const twinMode = {
  training: true as const,
  keepMask: keepMaskOf(stream, 0.3, samples),
  dropoutRate: Math.fround(0.3),
};
const twin = networkForward(state, twinPatches, twinMode);
const whole = await pass(16);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) {
    largest = Math.max(largest, Math.abs(a[i] - b[i]));
  }
  return largest;
}

const norm = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));

describe("SDGMNet128 on the GPU", () => {
  it("gives the float64 twin's descriptors in training mode", () => {
    const expected = twin.get("descriptors")!.data;
    assert.ok(largestDifference(whole.descriptors, expected) <= 1e-5);
  });

  it("gives the float64 twin's descriptors in inference mode", async () => {
    using parameters = parametersOf(gpu, state);
    using network = new Network(gpu, parameters, {
      samples,
    });
    network.patches.write(patches);
    network.forward(recorder, samples, { training: false });
    recorder.submit();
    const actual = fromBlocks(await network.descriptors.readFloats(), samples);
    const expected =
      networkForward(state, twinPatches, { training: false }).get(
        "descriptors",
      )!
        .data;
    assert.ok(largestDifference(actual, expected) <= 1e-5);
  });

  it("gives inference mode's descriptors beside a training pass, to the bit", async () => {
    using parameters = parametersOf(gpu, state);
    using network = new Network(gpu, parameters, {
      samples,
      backward: BackwardPass,
    });
    network.patches.write(patches);
    network.forward(recorder, samples, { training: false });
    recorder.submit();
    const alone = await network.descriptors.readFloats();
    using beside = new Tensor(gpu, "beside", network.descriptors.shape);
    network.forward(recorder, samples, training, beside);
    recorder.submit();
    assert.deepEqual(await beside.readFloats(), alone);
    const rows = fromBlocks(await network.descriptors.readFloats(), samples);
    assert.deepEqual(rows, whole.descriptors);
  });

  it("moves the running statistics as the twin does", () => {
    const { mean, variance } = runningStatisticsAfter(state, twin);
    assert.ok(
      largestDifference(whole.running.subarray(0, 128), mean.data) <= 1e-5,
    );
    assert.ok(
      largestDifference(whole.running.subarray(128), variance.data) <= 1e-5,
    );
  });

  it("has the twin's gradient for every parameter", () => {
    const gradient = tensorOf([samples, 128], probe);
    const expected = networkBackward(state, twin, gradient, twinMode);
    let compared = 0;
    for (const [name, { data }] of unflatten(table, whole.gradients)) {
      const wanted = expected.get(name)!.data;
      const largest = wanted.reduce(
        (most, v) => Math.max(most, Math.abs(v)),
        0,
      );
      const entry = largestDifference(data, wanted) / largest;
      const relative = Math.abs(norm(data) / norm(wanted) - 1);
      assert.ok(entry <= 5e-3, `${name}: entry off by ${entry}`);
      assert.ok(relative <= 1e-4, `${name}: norm off by ${relative}`);
      compared++;
    }
    assert.equal(compared, 34);
  });

  it("gives the same bits however the batch is cut, and on every run", async () => {
    const cut = await pass(8);
    assert.deepEqual(cut, whole);
    assert.deepEqual(await pass(16), whole);
  });

  it("saves and loads its tensors under PyTorch's names", async () => {
    using parameters = parametersOf(gpu, state);
    const saved = await parameters.state();
    for (const [name, { shape, data }] of state) {
      assert.deepEqual([...saved.get(name)!.shape], [...shape], name);
      assert.deepEqual(
        Array.from(saved.get(name)!.data, Number),
        Array.from(data),
        name,
      );
    }
    assert.equal(saved.size, 44);
    const trained = [...saved].filter(([name]) =>
      !/eps$|running|tracked/.test(name)
    );
    const count = trained.reduce((sum, [, { data }]) => sum + data.length, 0);
    assert.equal(count, 1_336_355);
  });

  it("refuses a checkpoint that lacks a tensor, has another shape or is not finite", () => {
    const damaged = (name: string, shape: number[], values: number[]) =>
      new Map(state).set(name, tensorOf(shape, values));
    const lacking = new Map(state);
    lacking.delete("features.3.0.weight");
    assert.throws(
      () => parametersOf(gpu, lacking),
      new GpuError({
        attempt: "load a network",
        where: "features.3.0.weight",
        found: "no such tensor",
        wanted: "[64, 64, 3, 3]",
        remedy: "use a checkpoint of SDGMNet128",
      }),
    );
    assert.throws(
      () => parametersOf(gpu, damaged("features.0.2.bias", [2], [0, 0])),
      /features\.0\.2\.bias: found shape \[2\], wanted \[32\]/,
    );
    const shape = [1, 1, 1, 1];
    assert.throws(
      () => parametersOf(gpu, damaged("features.0.1.tau", shape, [NaN])),
      /features\.0\.1\.tau\[0\]: found NaN, wanted a finite number/,
    );
    assert.throws(
      () => parametersOf(gpu, damaged("features.0.0.eps", [1], [1e-3])),
      /features\.0\.0\.eps: found 0\.001/,
    );
  });

  it("refuses a batch beyond its capacity", () => {
    using parameters = parametersOf(gpu, state);
    using network = new Network(gpu, parameters, {
      samples: 8,
    });
    assert.throws(
      () => network.forward(recorder, 9, { training: false }),
      /batch: found 9 samples, wanted 1 to 8/,
    );
  });
});

describe("initial weights", () => {
  it("are 0.6 · orthogonal and a function of the seed alone", () => {
    const weights = initialWeights(sdgmnet128, 211);
    assert.deepEqual(weights, initialWeights(sdgmnet128, 211));
    assert.notDeepEqual(weights, initialWeights(sdgmnet128, 212));
    for (
      const [name, rows] of [["features.3.0.weight", 64], [
        "features.6.1.weight",
        128,
      ]] as const
    ) {
      const { data } = weights.get(name)!;
      const columns = data.length / rows;
      for (const [a, b] of [[0, 0], [0, 1], [5, 5], [5, rows - 1]]) {
        let dot = 0;
        for (let i = 0; i < columns; i++) {
          dot += data[a * columns + i] * data[b * columns + i];
        }
        assert.ok(
          Math.abs(dot - (a === b ? 0.36 : 0)) < 1e-6,
          `${name} ${a} ${b}`,
        );
      }
    }
    const first = weights.get("features.0.2.weight")!.data;
    let column = 0;
    for (let row = 0; row < 32; row++) column += first[row * 9] ** 2;
    assert.ok(Math.abs(column - 0.36) < 1e-6);
    assert.equal(weights.get("features.0.2.bias")!.data[3], Math.fround(0.01));
    assert.equal(weights.get("features.0.0.bias")!.data[0], 0);
    assert.equal(weights.get("features.4.2.tau")!.data[7], -1);
  });
});
