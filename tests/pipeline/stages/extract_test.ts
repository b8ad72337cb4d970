import assert from "node:assert/strict";
import { join, resolve } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  encodePng,
  PackedPatchesWriter,
  patchTypes,
  readDescriptorCsv,
  readSafetensors,
} from "../../../data/mod.ts";
import { pixels } from "../../../pipeline/baselines/pixels.ts";
import { rootSift } from "../../../pipeline/baselines/root_sift.ts";
import { parseConfig } from "../../../pipeline/config.ts";
import { readPairImage } from "../../../pipeline/descriptors/pair_image_file.ts";
import { evaluate } from "../../../pipeline/stages/evaluate.ts";
import { extract } from "../../../pipeline/stages/extract.ts";
import { assertClose } from "../../helpers/closeness.ts";
import { goldenPhotograph } from "../../helpers/features/golden_photographs.ts";
import { randomPatch } from "../baselines/patches.ts";
import { stageContext } from "./context.ts";

const config = (lines: string) => parseConfig(`[extract]\n${lines}`, "t.toml");

let folder: string;

/** Two sequences of three patches, and a test set of five. */
beforeEach(async () => {
  folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "output"));
  for (const [at, name] of ["i_one", "v_two"].entries()) {
    const path = join(folder, "download/hpatches", name);
    await Deno.mkdir(path, { recursive: true });
    for (const [index, type] of patchTypes.entries()) {
      await Deno.writeFile(
        join(path, `${type}.png`),
        encodePng({
          width: 65,
          height: 3 * 65,
          pixels: strip(at * 100 + index),
        }),
      );
    }
  }
  const path = join(folder, "download/test/set");
  await Deno.mkdir(path, { recursive: true });
  const writer = await PackedPatchesWriter.create(join(path, "patches.bin"));
  for (let i = 0; i < 5; i++) await writer.append(randomPatch(i, 64), i);
  await writer.finish();
});

afterEach(async () => {
  await Deno.remove(folder, { recursive: true });
});

function strip(seed: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(3 * 65 * 65);
  for (let i = 0; i < 3; i++) {
    pixels.set(randomPatch(3 * seed + i, 65), i * 65 * 65);
  }
  return pixels;
}

describe("the extract stage", () => {
  it("writes a CSV file for each strip and a tensor for each test set", async () => {
    const context = stageContext(
      folder,
      config('descriptors = ["pixels", "rootsift"]'),
    );
    await extract.run(context);
    const table = await readDescriptorCsv(
      join(folder, "output/rootsift/v_two/h3.csv"),
    );
    assert.deepEqual([table.rows, table.dimension], [3, 128]);
    const expected = rootSift(strip(100 + patchTypes.indexOf("h3")), 65);
    assertClose([...table.values], [...expected], 5.1e-6);
    const names = [...Deno.readDirSync(join(folder, "output/pixels/i_one"))];
    assert.deepEqual(
      names.map(({ name }) => name).sort(),
      patchTypes.map((type) => `${type}.csv`).sort(),
    );
    const { tensors } = await readSafetensors(
      join(folder, "output/test/set/pixels.safetensors"),
    );
    const tensor = tensors.get("descriptors")!;
    assert.deepEqual([tensor.dtype, tensor.shape], ["F32", [5, 256]]);
    assert.deepEqual(
      tensor.data.slice(4 * 256) as Float32Array,
      pixels(randomPatch(4, 64), 64),
    );
    assert.deepEqual(context.adapters, []);
  });

  it("reads the model that the config's stages give, and only when it is wanted", async () => {
    const models = (lines: string) =>
      extract.inputs(config(lines)).filter(({ stage }) => stage !== "download");
    const model = ["model.safetensors"];
    const trained = 'descriptors = ["trained"]';
    assert.deepEqual(models(trained), [{ stage: "stage2", paths: model }]);
    assert.deepEqual(models(`${trained}\n[stage2]\nenabled = false`), [
      { stage: "stage1", paths: model },
    ]);
    const given = `${trained}\ncheckpoint = "model.pth"`;
    assert.deepEqual(models(given), []);
    assert.deepEqual(await extract.externalFiles!(config(given)), [
      resolve("model.pth"),
    ]);
    assert.deepEqual(models('descriptors = ["pixels"]'), []);
  });

  it("depends on the seed only through the untrained network", () => {
    assert.deepEqual(
      extract.parameters(config('descriptors = ["trained", "pixels"]')),
      { descriptors: ["pixels", "trained"], pair_keypoints: 2000 },
    );
    assert.deepEqual(
      extract.parameters(config('descriptors = ["untrained"]')),
      { descriptors: ["untrained"], seed: 211, pair_keypoints: 2000 },
    );
  });

  it("describes image pairs where they are measured", async () => {
    const lines = 'descriptors = ["pixels", "rootsift"]\npair_keypoints = 50';
    const without = config(`${lines}\n[evaluate]\ntasks = ["phototour"]`);
    assert.deepEqual(extract.inputs(without)[0].paths, ["hpatches", "test"]);
    assert.ok(!("pair_keypoints" in extract.parameters(without)));
    const wanted = config(lines);
    assert.deepEqual(extract.inputs(wanted)[0].paths, [
      "hpatches",
      "test",
      "pairs",
    ]);
    const sequence = join(folder, "download/pairs/test/wall");
    Deno.mkdirSync(sequence, { recursive: true });
    const { width, height, pixels } = await goldenPhotograph("black-canyon");
    const image = encodePng({ width, height, pixels: Uint8Array.from(pixels) });
    for (const name of ["1.png", "2.png"]) {
      Deno.writeFileSync(join(sequence, name), image);
    }
    Deno.writeTextFileSync(join(sequence, "H_1_2"), "1 0 0 0 1 0 0 0 1");
    await extract.run(stageContext(folder, wanted));
    const described = join(folder, "output/pairs");
    assert.deepEqual([...Deno.readDirSync(described)].map((e) => e.name), [
      "test",
    ]);
    const [first, second] = await Promise.all(
      ["00000", "00001"].map((name) =>
        readPairImage(join(described, `test/${name}.safetensors`))
      ),
    );
    assert.deepEqual(first, second);
    assert.equal(first.keypoints.length, 50);
    assert.deepEqual([...first.descriptors.keys()].sort(), [
      "pixels",
      "rootsift",
    ]);
  });

  it("reads image pairs of a folder that the config names", async () => {
    const sequence = join(folder, "own/wall");
    Deno.mkdirSync(sequence, { recursive: true });
    for (const name of ["1.png", "2.png"]) {
      Deno.writeFileSync(join(sequence, name), new Uint8Array());
    }
    Deno.writeTextFileSync(join(sequence, "H_1_2"), "1 0 0 0 1 0 0 0 1");
    const own = config(
      `descriptors = ["pixels"]\n[evaluate]\nimage_pairs = ${
        JSON.stringify(join(folder, "own"))
      }`,
    );
    assert.deepEqual(await extract.externalFiles!(own), [
      join(sequence, "1.png"),
      join(sequence, "2.png"),
    ]);
    assert.deepEqual(await evaluate.externalFiles!(own), [
      join(sequence, "H_1_2"),
      join(sequence, "1.png"),
      join(sequence, "2.png"),
    ]);
    for (const stage of [extract, evaluate]) {
      assert.deepEqual(await stage.watched!(own), [
        join(folder, "own"),
        join(sequence, "H_1_2"),
      ]);
      assert.deepEqual(await stage.watched!(config("")), []);
    }
  });
});
