import assert from "node:assert/strict";
import { crc32 } from "node:zlib";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import {
  readSafetensors,
  type TensorData,
  writeSafetensors,
} from "../../../data/mod.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { initialWeights } from "../../../gpu/mod.ts";
import { readNetwork } from "../../../pipeline/descriptors/network_file.ts";
import {
  type Finished,
  projectDirectory,
  runCli,
} from "../../helpers/command_line.ts";
import { writeCollages } from "../../helpers/data/test_images.ts";
import { torchLegacy, torchZip } from "../../helpers/data/torch_file.ts";

const config = `
[download]
source_dir = "photographs"
patch_sets = 24
views = 3
held_out = 1
test_pairs = 40
patches_per_sequence = 10
sigmas_v = "2,3"
[stage1]
epochs = 1
tuples = 4
batch_size = 4
lr = 1e-6
[stage2]
enabled = false
[extract]
descriptors = ["pixels"]
[evaluate]
retrieval_k = [10]
`;

/** A working directory with a config, photographs and one network in every form; removed when this file's tests end. */
async function workplace(): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix: "forms-" });
  addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  Deno.writeTextFileSync(join(folder, "tiny.toml"), config);
  Deno.mkdirSync(join(folder, "photographs"));
  await writeCollages(
    join(folder, "photographs"),
    ["a.png", "b.png"],
    260,
    250,
  );
  const [network, other] = [
    initialWeights(sdgmnet128, 9),
    initialWeights(sdgmnet128, 10),
  ];
  const tensors = new Map<string, TensorData>();
  for (const [name, { shape, data }] of network) {
    const floats = Float32Array.from(data, Number);
    tensors.set(name, { dtype: "F32", shape: [...shape], data: floats });
  }
  await writeSafetensors(join(folder, "plain.safetensors"), tensors);
  const files: Record<string, Uint8Array> = {
    "plain_legacy.pt": torchLegacy(network),
    "plain_zip.pt": torchZip(network),
    "teacher_legacy.pt": torchLegacy(network, other),
    "teacher_zip.pt": torchZip(network, other),
  };
  for (const [name, bytes] of Object.entries(files)) {
    Deno.writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

let prepared: Promise<string> | undefined;
const preparedWorkplace = () => prepared ??= workplace();

/** `reproduce` with the given checkpoints to begin with and to learn from. */
async function reproduce(resume: string, teacher: string): Promise<Finished> {
  return await runCli([
    "reproduce",
    "tiny.toml",
    `--set=stage1.resume=${resume}`,
    `--set=stage1.teacher=${teacher}`,
  ], { cwd: await preparedWorkplace() });
}

describe("a checkpoint", () => {
  it("is the same network in every form, of teacher and student the student", async () => {
    const folder = await preparedWorkplace();
    const digest = async (name: string) => {
      const network = await readNetwork(join(folder, name));
      assert.ok(network.size > 30);
      return [...network].map(([name, { shape, data }]) => {
        const { buffer } = data as Float32Array<ArrayBuffer>;
        return `${name} ${shape} ${crc32(new Uint8Array(buffer))}`;
      }).sort();
    };
    const wanted = await digest("plain.safetensors");
    for (const layout of ["plain", "teacher"]) {
      for (const form of ["legacy", "zip"]) {
        assert.deepEqual(await digest(`${layout}_${form}.pt`), wanted);
      }
    }
  });

  it("is what stage 1 begins with and learns from, whatever its form", async () => {
    const folder = await preparedWorkplace();
    const modelPath = join(
      folder,
      "runs",
      "tiny",
      "stage1",
      "model.safetensors",
    );
    const models: string[] = [];
    for (
      const [resume, teacher] of [
        ["plain.safetensors", "plain.safetensors"],
        ["teacher_legacy.pt", "plain_zip.pt"],
      ]
    ) {
      const { code, stderr } = await reproduce(resume, teacher);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^stage1: runs because /m);
      models.push(Deno.readFileSync(modelPath).toHex());
    }
    assert.equal(new Set(models).size, 1, "the forms give different models");
    // One step of 1e-6 is where it began.
    const { tensors } = await readSafetensors(modelPath);
    const { data } = initialWeights(sdgmnet128, 9).get("features.6.1.weight")!;
    const trained = tensors.get("features.6.1.weight")!.data as Float32Array;
    assert.ok(
      trained.every((value, at) => Math.abs(value - Number(data[at])) < 1e-5),
    );
    assert.ok(trained.some((value, at) => value !== data[at]));
  });

  it("that asks for a program to be run is refused by the pipeline too", async () => {
    const folder = await preparedWorkplace();
    for (const form of ["legacy", "zip"]) {
      const file = `malicious_${form}.pt`;
      const source = join(projectDirectory, "tests/golden/checkpoints", file);
      Deno.copyFileSync(source, join(folder, file));
      const teaches = form === "zip";
      const { code, stderr } = await reproduce(
        teaches ? "" : file,
        teaches ? file : "self",
      );
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /^Cannot read the checkpoint: \S*malicious_\w+\.pt: found a call of "posix\.system", .+$/m,
      );
      assert.throws(() =>
        Deno.statSync(join(folder, "executed_by_a_checkpoint"))
      );
    }
  });
});
