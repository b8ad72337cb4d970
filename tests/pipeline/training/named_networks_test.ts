import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import {
  initialWeights,
  type NetworkName,
  networks,
  type NetworkState,
} from "../../../gpu/mod.ts";
import { parseConfig } from "../../../pipeline/config.ts";
import { writeNetwork } from "../../../pipeline/descriptors/network_file.ts";
import { namedNetworkFaults } from "../../../pipeline/training/named_networks.ts";
import { goldenStateOf } from "../../helpers/golden/inference_golden.ts";

const trained: NetworkName = "SDGMNet128";

let folder: string;

before(async () => {
  folder = Deno.makeTempDirSync();
  const own = initialWeights(networks[trained], 1);
  const less = new Map(own);
  less.delete("features.0.1.tau");
  const lessHardNet = new Map(goldenStateOf("HardNet"));
  lessHardNet.delete("features.4.running_var");
  const vgg = new Map([["features.0.weight", own.get("features.0.0.weight")!]]);
  const files: Record<string, NetworkState> = {
    own,
    less,
    hardnet: goldenStateOf("HardNet"),
    lessHardNet,
    vgg,
  };
  for (const [name, state] of Object.entries(files)) {
    const facts = { network: trained, seed: 1 };
    await writeNetwork(join(folder, name), state, facts);
  }
});
after(() => Deno.removeSync(folder, { recursive: true }));

const stages = new Set(["stage1", "extract"]);

async function faults(key: string, file: string, due = stages) {
  const set = [`${key}=${join(folder, file)}`];
  const found = await namedNetworkFaults(parseConfig("", "a.toml", set), due);
  return found.map(({ message }) => message.replaceAll(folder, "F"));
}

const start = "Cannot load a network: F/";

describe("a config's networks", () => {
  it("are refused for training by the network that they are", async () => {
    for (const key of ["stage1.resume", "stage1.teacher"]) {
      assert.deepEqual(await faults(key, "own"), []);
      for (const file of ["hardnet", "lessHardNet"]) {
        assert.deepEqual(await faults(key, file), [
          `${start}${file}: found a checkpoint of HardNet, wanted one of SDGMNet128, which is trained`,
        ]);
      }
      assert.deepEqual(await faults(key, "vgg"), [
        `${start}vgg: features.0.weight: found tensors of no network that is known here, wanted a checkpoint of SDGMNet128`,
      ]);
      assert.deepEqual(await faults(key, "less"), [
        `${start}less: features.0.1.tau: found no such tensor, wanted [1, 1, 1, 1]; use a checkpoint of SDGMNet128`,
      ]);
    }
  });

  it("may be any that is known for describing", async () => {
    const key = "extract.checkpoint";
    assert.deepEqual(await faults(key, "own"), []);
    assert.deepEqual(await faults(key, "hardnet"), []);
    assert.deepEqual(await faults(key, "lessHardNet"), [
      `${start}lessHardNet: features.4.running_var: found no such tensor, wanted [32]; use a checkpoint of HardNet`,
    ]);
    const [message] = await faults(key, "vgg");
    assert.match(message, /found tensors of no network that is known here, /);
  });

  it("are not looked at for stages that are fresh", async () => {
    assert.deepEqual(await faults("stage1.resume", "none", new Set()), []);
    const [missing] = await faults("stage1.resume", "none");
    assert.match(
      missing,
      /^Cannot read the checkpoint: F\/none: found no such/,
    );
  });
});
