import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodePng, patchTypes, readDescriptorCsv } from "../../../data/mod.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { initialWeights } from "../../../gpu/mod.ts";
import { projectDirectory, runWritingCli } from "../../helpers/command_line.ts";
import { writeUntrainedModel } from "../../helpers/pipeline/untrained_model.ts";
import { torchLegacy, torchZip } from "../../helpers/data/torch_file.ts";

const patchCount = 2;
const sidePixels = 65;

let folder: string;

beforeEach(async () => {
  folder = Deno.makeTempDirSync();
  checkpoint = "m.safetensors";
  await writeUntrainedModel(join(folder, "m.safetensors"), 1);
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

let checkpoint: string;

function extract(...args: string[]) {
  return runWritingCli([
    "extract",
    "--quiet",
    "--batch-size=32",
    `--checkpoint=${checkpoint}`,
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

  it("gives the same of PyTorch's checkpoints, of teacher and student the student's", async () => {
    const [student, teacher] = [
      initialWeights(sdgmnet128, 1),
      initialWeights(sdgmnet128, 2),
    ];
    const forms: Record<string, Uint8Array> = {
      "m.safetensors": Deno.readFileSync(join(folder, "m.safetensors")),
      "zip.pt": torchZip(student),
      "legacy.pth": torchLegacy(student, teacher),
    };
    const texts = new Set<string>();
    for (const [name, bytes] of Object.entries(forms)) {
      checkpoint = name;
      Deno.writeFileSync(join(folder, name), bytes);
      const { code, stderr } = await extract(
        "--input=strips",
        `--out=${name}.d`,
      );
      assert.equal(code, 0, stderr);
      const path = join(folder, `${name}.d`, "v_hill", "t5.csv");
      texts.add(Deno.readTextFileSync(path));
    }
    assert.equal(texts.size, 1);
  });

  it("refuses a checkpoint that is damaged, dangerous or of another network", async () => {
    const golden = join(projectDirectory, "tests/golden/checkpoints");
    const model = Deno.readFileSync(join(folder, "m.safetensors"));
    const cut = join(folder, "cut.safetensors");
    Deno.writeFileSync(cut, model.subarray(0, model.length / 2));
    const magic = join(folder, "magic.pt");
    Deno.writeFileSync(magic, model.map((byte) => byte ^ 0x55));
    const refused: [path: string, found: RegExp][] = [
      [join(golden, "malicious_zip.pt"), /found a call of "posix\.system"/],
      [join(golden, "malicious_legacy.pt"), /found a call of "posix\.system"/],
      [cut, /^Cannot read safetensors: /],
      [magic, /^Cannot read /],
      [
        join(golden, "plain_zip.pt"),
        /^Cannot load a network: .*plain_zip\.pt: features\.\S+: found /,
      ],
    ];
    for (const [path, found] of refused) {
      checkpoint = path;
      const { code, stderr } = await extract("--input=strips", "--out=d");
      assert.equal(code, 2, stderr);
      assert.match(stderr, found);
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.throws(() => Deno.statSync(join(folder, "d")));
      assert.throws(() =>
        Deno.statSync(join(folder, "executed_by_a_checkpoint"))
      );
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
