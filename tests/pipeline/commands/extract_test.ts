import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  encodePng,
  patchTypes,
  readDescriptorCsv,
  type TensorData,
  writeSafetensors,
} from "../../../data/mod.ts";
import { initialWeights } from "../../../gpu/mod.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

const patchCount = 2;
const sidePixels = 65;

let folder: string;

beforeEach(async () => {
  folder = Deno.makeTempDirSync();
  const weights = new Map<string, TensorData>();
  for (const [name, { shape, data }] of initialWeights(1)) {
    weights.set(name, {
      dtype: "F32",
      shape: [...shape],
      data: Float32Array.from(data, Number),
    });
  }
  await writeSafetensors(join(folder, "m.safetensors"), weights);
  Deno.mkdirSync(join(folder, "strips", "v_hill"), { recursive: true });
  for (const [index, type] of patchTypes.entries()) {
    const pixels = Uint8Array.from(
      { length: patchCount * sidePixels * sidePixels },
      (_, i) => (i * (index + 3) + (i >> 5) * 7) % 251,
    );
    const width = sidePixels;
    const height = patchCount * sidePixels;
    Deno.writeFileSync(
      join(folder, "strips", "v_hill", `${type}.png`),
      encodePng({ width, height, pixels }),
    );
  }
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

function extract(...args: string[]) {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    join(projectDirectory, "pipeline/cli.ts"),
    "extract",
    "--quiet",
    "--batch-size=32",
    "--checkpoint=m.safetensors",
    ...args,
  ], { cwd: folder });
}

describe("extract", () => {
  it("writes a unit-length descriptor for every patch of every strip", async () => {
    const { code, stdout, stderr } = await extract("--input=strips", "--out=d");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "wrote descriptors of 1 sequences to d\n");
    for (const type of patchTypes) {
      const path = join(folder, "d", "v_hill", `${type}.csv`);
      const { rows, dimension, values } = await readDescriptorCsv(path);
      assert.deepEqual([rows, dimension], [patchCount, 128]);
      for (let row = 0; row < rows; row++) {
        const norm = Math.hypot(...values.subarray(row * 128, row * 128 + 128));
        assert.ok(Math.abs(norm - 1) < 1e-3, `${type} row ${row}: ${norm}`);
      }
    }
  });

  it("names a folder that it cannot make", async () => {
    Deno.writeTextFileSync(join(folder, "taken"), "");
    const { code, stderr } = await extract("--input=strips", "--out=taken");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot write descriptors: taken: found a file in place of a directory; .+$/m,
    );
  });

  it("names a folder without sequences", async () => {
    const { code, stderr } = await extract("--input=nowhere", "--out=d");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot read the HPatches sequences: nowhere: found /,
    );
  });
});
