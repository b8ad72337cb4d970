import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readSafetensors, writeSafetensors } from "../../../data/mod.ts";
import { projectDirectory, runWritingCli } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(async () => {
  folder = Deno.makeTempDirSync();
  await writeSafetensors(
    join(folder, "in.safetensors"),
    new Map([
      ["b", { dtype: "F32", shape: [2], data: Float32Array.of(1, 2) }],
      ["a", { dtype: "I64", shape: [], data: BigInt64Array.of(7n) }],
    ]),
    { epoch: "3" },
  );
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const checkpoints = join(projectDirectory, "tests/golden/checkpoints");

/** The one line with which a checkpoint is refused; nothing new lies in the folder afterwards. */
async function refusal(
  source: string,
  target = "out.safetensors",
  ...flags: string[]
): Promise<string> {
  const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
  const before = names().sort();
  const { code, stdout, stderr } = await convert(
    source,
    target,
    ...flags,
  );
  assert.equal(code, 2, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^Cannot [^\n]*: found [^\n]*\n$/);
  assert.deepEqual(names().sort(), before);
  return stderr;
}

function convert(...args: string[]) {
  return runWritingCli([
    "convert",
    ...args,
  ], { cwd: folder });
}

describe("convert", () => {
  it("lists the tensors of a checkpoint and what stands beside them", async () => {
    const { code, stdout, stderr } = await convert("in.safetensors");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "a  I64 []\nb  F32 [2]\nepoch = 3\n");
  });

  it("writes a checkpoint as safetensors", async () => {
    const { code, stdout, stderr } = await convert(
      "in.safetensors",
      "out.safetensors",
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "wrote out.safetensors: 2 tensors\n");
    const { tensors, metadata } = await readSafetensors(
      join(folder, "out.safetensors"),
    );
    assert.deepEqual([...tensors.get("b")!.data], [1, 2]);
    assert.deepEqual(metadata, { epoch: "3" });
  });

  for (const form of ["zip", "legacy"]) {
    it(`turns PyTorch's ${form} form into safetensors, each tensor once`, async () => {
      for (const layout of ["plain", "teacher"]) {
        const source = join(checkpoints, `${layout}_${form}.pt`);
        const target = `${layout}.safetensors`;
        const { code, stdout, stderr } = await convert(source, target);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, `wrote ${target}: 5 tensors\n`);
        const { tensors, metadata } = await readSafetensors(
          join(folder, target),
        );
        assert.deepEqual([...tensors.keys()].sort(), [
          "features.0.0.bias",
          "features.0.0.weight",
          "features.0.1.num_batches_tracked",
          "features.0.1.running_mean",
          "features.0.1.running_var",
        ]);
        // Of teacher and student, the student.
        const bias = tensors.get("features.0.0.bias")!;
        assert.deepEqual([...bias.data], [1, 0, -1]);
        const arch = layout === "plain" ? "SDGMNet128" : "TeacherNet";
        assert.equal(metadata.model_arch, arch);
      }
    });

    it(`runs no code that a file of the ${form} form asks for`, async () => {
      const source = join(checkpoints, `malicious_${form}.pt`);
      const stderr = await refusal(source);
      assert.match(stderr, /found a call of "posix\.system"/);
    });

    it(`refuses a truncated file of the ${form} form`, async () => {
      const bytes = Deno.readFileSync(join(checkpoints, `plain_${form}.pt`));
      const path = join(folder, "short.pt");
      Deno.writeFileSync(path, bytes.subarray(0, bytes.length - 200));
      assert.match(await refusal("short.pt"), /short\.pt/);
    });
  }

  it("refuses a truncated safetensors file", async () => {
    const path = join(folder, "in.safetensors");
    Deno.truncateSync(path, Deno.statSync(path).size - 1);
    assert.match(
      await refusal("in.safetensors"),
      /^Cannot read safetensors: in\.safetensors, tensor "b": found data that /,
    );
  });

  it("makes no ONNX model of another network, and no file of another kind", async () => {
    const source = join(checkpoints, "plain_zip.pt");
    assert.match(
      await refusal(source, "out.onnx"),
      /^Cannot load a network: [^:]*plain_zip\.pt: features\.\S+: found /,
    );
    assert.match(
      await refusal(join(checkpoints, "malicious_legacy.pt"), "out.onnx"),
      /found a call of "posix\.system"/,
    );
    assert.match(
      await refusal(source, "out.pt"),
      /^Cannot convert: out\.pt: found another kind of file, wanted a name that ends with \.safetensors or \.onnx\n$/,
    );
    assert.match(
      await refusal(source, "out.safetensors", "--bytes"),
      /^Cannot convert: found --bytes for out\.safetensors, wanted it with a name that ends with \.onnx\n$/,
    );
  });

  it("refuses a wrong magic number, an empty file and a folder", async () => {
    const bytes = Deno.readFileSync(join(checkpoints, "plain_legacy.pt"));
    bytes[5] ^= 1;
    Deno.writeFileSync(join(folder, "magic.pt"), bytes);
    assert.match(
      await refusal("magic.pt"),
      /a pickle that torch.save did not write/,
    );
    Deno.writeTextFileSync(join(folder, "empty.pt"), "");
    assert.match(await refusal("empty.pt"), /empty\.pt/);
    Deno.writeTextFileSync(join(folder, "text.pt"), "not a checkpoint");
    assert.match(await refusal("text.pt"), /text\.pt/);
    assert.match(await refusal("."), /: found /);
  });

  it("names a place that cannot be written", async () => {
    const { code, stderr } = await convert(
      "in.safetensors",
      "nowhere/out.safetensors",
    );
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot write safetensors: nowhere\/out\.safetensors: found no such file or folder, [^\n]+\n$/,
    );
    assert.throws(() => Deno.statSync(join(folder, "nowhere")));
  });
});
