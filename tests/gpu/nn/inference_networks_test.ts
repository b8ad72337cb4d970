import assert from "node:assert/strict";
import { after, describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { openDescriptorNetwork } from "../../../gpu/nn/open_descriptor_network.ts";
import { recognizeNetwork } from "../../../gpu/nn/recognize_network.ts";
import { assertSameBits } from "../../helpers/gpu/gpu_op.ts";
import { goldenStateOf } from "../../helpers/golden/inference_golden.ts";
import { noisePatches } from "../../helpers/gpu/packed_bytes.ts";

const gpu = await openGpu();
after(() => gpu[Symbol.dispose]());

/** A golden network with some tensors changed. */
function changed(
  name: string,
  changes: Record<string, number[] | undefined>,
): Map<string, { shape: readonly number[]; data: Float32Array }> {
  const state = new Map(goldenStateOf(name)) as Map<
    string,
    { shape: readonly number[]; data: Float32Array }
  >;
  for (const [tensor, values] of Object.entries(changes)) {
    if (values === undefined) state.delete(tensor);
    else {
      const data = Float32Array.from(values);
      state.set(tensor, { shape: [values.length], data });
    }
  }
  return state;
}

const zeros = new Array(32).fill(0);
const ones = new Array(32).fill(1);

describe("networks for inference", () => {
  const refusals: [
    string,
    string,
    Record<string, number[] | undefined>,
    string,
  ][] = [
    [
      "without a BatchNorm's statistics",
      "HardNet",
      { "features.4.running_var": undefined },
      "features.4.running_var: found no such tensor, wanted [32]; use a checkpoint of HardNet",
    ],
    [
      "with a tensor of another shape",
      "SOSNet",
      { "layers.2.running_mean": [1, 2] },
      "layers.2.running_mean: found shape [2], wanted [32]; use a checkpoint of SOSNet",
    ],
    [
      "with a value that is not finite",
      "TFeat",
      { "features.1.bias": [...ones.slice(1), NaN] },
      "features.1.bias[31]: found NaN, wanted a finite number; use an earlier checkpoint",
    ],
    [
      "with a variance below zero",
      "HardNet",
      { "features.1.running_var": [...ones.slice(1), -0.5] },
      "features.1.running_var[31]: found -0.5, wanted a variance of 0 or more; use an earlier checkpoint",
    ],
    [
      "with parameters of the patch's normalisation",
      "SOSNet",
      { "layers.0.weight": [2] },
      "layers.0.weight: found a parameter of SOSNet's normalisation of the patch, wanted a normalisation without parameters",
    ],
  ];
  for (const [title, name, changes, message] of refusals) {
    it(`are refused ${title}, naming tensor and network`, () => {
      assert.throws(() => recognizeNetwork(changed(name, changes)), {
        name: "GpuError",
        message: `Cannot load a network: ${message}`,
      });
    });
  }

  const described = async (
    state: Parameters<typeof openDescriptorNetwork>[1],
    options: { batchSize: number; memoryMib?: number } = { batchSize: 8 },
  ) => {
    const { batchSize, memoryMib = 0 } = options;
    using on = await openGpu({ memoryMib });
    using network = openDescriptorNetwork(on, state, { batchSize });
    return await network.describe(noisePatches(20, 64, 3), "phototour64");
  };

  it("take a convolution's own bias and a BatchNorm's own parameters along", async () => {
    const plain = await described(goldenStateOf("HardNet"));
    const { data: mean } = goldenStateOf("HardNet").get(
      "features.1.running_mean",
    )!;
    // The same network told in other words: the mean as a bias, and factor 1 and summand 0 in full.
    const told = changed("HardNet", {
      "features.0.bias": Array.from(mean as Float32Array, (value) => -value),
      "features.1.running_mean": zeros,
      "features.1.weight": ones,
      "features.1.bias": zeros,
    });
    assertSameBits("descriptors", await described(told), plain);
    const halved = changed("HardNet", {
      "features.1.weight": ones.map(() => 0.5),
    });
    assert.notDeepEqual(await described(halved), plain);
  });

  for (const name of ["HardNet", "TFeat"]) {
    it(`give the same bits whatever the batch and the memory: ${name}`, async () => {
      const state = goldenStateOf(name);
      const whole = await described(state, { batchSize: 512 });
      const small = { batchSize: 512, memoryMib: 32 };
      assertSameBits("little memory", await described(state, small), whole);
      const one = { batchSize: 1 };
      assertSameBits("one at a time", await described(state, one), whole);
    });
  }
});
