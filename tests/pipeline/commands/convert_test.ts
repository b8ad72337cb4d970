import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readSafetensors, writeSafetensors } from "../../../data/mod.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

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

function convert(...args: string[]) {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    join(projectDirectory, "pipeline/cli.ts"),
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

  it("writes nothing when the checkpoint is damaged", async () => {
    Deno.writeTextFileSync(join(folder, "bad.pt"), "not a checkpoint");
    const { code, stdout, stderr } = await convert("bad.pt", "out.safetensors");
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^Cannot [^\n]*bad\.pt\b[^\n]*: found [^\n]*\n$/);
    assert.throws(() => Deno.statSync(join(folder, "out.safetensors")));
  });
});
