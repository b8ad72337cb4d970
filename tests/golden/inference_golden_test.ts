import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type TensorData, writeSafetensors } from "../../data/mod.ts";
import {
  openDescriptorNetwork,
  openGpu,
  recognizeNetwork,
} from "../../gpu/mod.ts";
import { readNetwork } from "../../pipeline/descriptors/network_file.ts";
import {
  goldenNetworks,
  goldenPatches,
  goldenStateOf,
} from "../helpers/golden/inference_golden.ts";

const gpu = await openGpu();
after(() => gpu[Symbol.dispose]());

let folder: string;
beforeEach(() => {
  folder = Deno.makeTempDirSync({ prefix: "inference-" });
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** A golden network as it is read from a file with its authors' names. */
async function readGolden(name: string) {
  const tensors = new Map<string, TensorData>();
  for (const [key, { shape, data }] of goldenStateOf(name)) {
    tensors.set(
      key,
      data instanceof BigInt64Array
        ? { dtype: "I64", shape: [...shape], data: BigInt64Array.from(data) }
        : { dtype: "F32", shape: [...shape], data: data as Float32Array<ArrayBuffer> },
    );
  }
  const path = join(folder, "network.safetensors");
  await writeSafetensors(path, tensors);
  return await readNetwork(path);
}

describe("networks of other authors against PyTorch", () => {
  for (const [name, { descriptors }] of Object.entries(goldenNetworks)) {
    it(`${name} gives its descriptors, from its authors' names`, async () => {
      const state = await readGolden(name);
      // HyNet is the network here, tensor by tensor.
      const known = name === "HyNet" ? "SDGMNet128" : name;
      assert.equal(recognizeNetwork(state).name, known);
      using network = openDescriptorNetwork(gpu, state, { batchSize: 2 });
      assert.equal(network.name, known);
      for (
        const [side, source] of [[64, "phototour64"], [
          65,
          "hpatches65",
        ]] as const
      ) {
        const described = await network.describe(goldenPatches(side), source);
        const golden = descriptors[`${side}`].flat();
        assert.equal(described.length, golden.length);
        let worst = 0;
        golden.forEach((value, at) => {
          worst = Math.max(worst, Math.abs(value - described[at]));
        });
        assert.ok(worst <= 1e-5, `${side}×${side}: a value is ${worst} apart`);
      }
    });
  }
});
