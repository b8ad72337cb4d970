import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { patchTypes } from "../../../data/patches/hpatches_layout.ts";
import {
  listPassedOver,
  listSequences,
  readSequencePatches,
} from "../../../data/published/hpatches.ts";
import { encodePng } from "../../../data/images/png.ts";
import { collage } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

async function writeSequence(
  name: string,
  types: readonly string[] = patchTypes,
) {
  await Deno.mkdir(join(folder, name));
  for (const type of types) {
    await Deno.writeFile(
      join(folder, name, `${type}.png`),
      encodePng(collage(65, 130, 1)),
    );
  }
}

describe("the HPatches release layout", () => {
  it("has sixteen strips a sequence: the reference and five images at three noises", () => {
    equal(
      patchTypes.join(" "),
      "ref e1 e2 e3 e4 e5 h1 h2 h3 h4 h5 t1 t2 t3 t4 t5",
    );
  });

  it("is listed by sequence, sorted, other entries left aside", async () => {
    await writeSequence("v_b");
    await writeSequence("i_a");
    await writeSequence("extra", []);
    await Deno.writeTextFile(join(folder, "i_readme.txt"), "");
    await Deno.writeTextFile(join(folder, ".DS_Store"), "");
    await Deno.mkdir(join(folder, "._i_a"));
    await Deno.writeTextFile(join(folder, "v_b", "e6.png"), "");
    await Deno.writeTextFile(join(folder, "v_b", "._e1.png"), "");
    await Deno.symlink(join(folder, "i_a"), join(folder, "linked"));
    await Deno.symlink("nowhere", join(folder, "lost"));
    deepEqual(await listSequences(folder), ["i_a", "v_b"]);
    deepEqual(await listPassedOver(folder), [
      "extra/",
      "i_readme.txt",
      "linked/",
      "lost",
      "v_b/e6.png",
    ]);
  });

  it("names what a partial copy lacks", async () => {
    await writeSequence(
      "i_a",
      patchTypes.filter((type) => type !== "t5" && type !== "ref"),
    );
    await writeSequence("v_b");
    await rejects(
      listSequences(folder),
      /Cannot read the HPatches sequences: .*: found a partial copy \(i_a without ref, t5\), wanted .*; copy the release again/,
    );
    for (const name of ["v_c", "v_d", "v_e"]) {
      await writeSequence(name, ["ref"]);
    }
    await rejects(
      listSequences(folder),
      /v_d without e1, .*; and 1 more sequences\)/,
    );
  });

  it("names what is there in place of what is read", async () => {
    await writeSequence("i_a", patchTypes.filter((type) => type !== "e1"));
    await Deno.writeTextFile(join(folder, "i_a", "e1.bmp"), "");
    await rejects(
      listSequences(folder),
      /found a partial copy \(i_a without e1, but e1\.bmp\)/,
    );
    await Deno.rename(join(folder, "i_a"), join(folder, "a"));
    await Deno.writeTextFile(join(folder, "ref.png"), "");
    await rejects(
      listSequences(folder),
      /found no folder named i_\* or v_\* but a\/, ref\.png, wanted sequence folders/,
    );
  });

  it("refuses a link to a file in place of a sequence", async () => {
    await writeSequence("v_b");
    await Deno.symlink(join(folder, "v_b", "ref.png"), join(folder, "i_a"));
    await rejects(listSequences(folder), /^DataError: .*i_a: found/);
  });

  it("is refused when the folder is missing or holds no sequence", async () => {
    await rejects(listSequences(folder), /found no folder named i_\* or v_\*/);
    await rejects(
      listSequences(join(folder, "none")),
      /^DataError: .*none: found/,
    );
  });

  it("gives a strip as patches", async () => {
    await writeSequence("i_a");
    const { count, patches } = await readSequencePatches(folder, "i_a", "h3");
    equal(count, 2);
    deepEqual(patches, collage(65, 130, 1).pixels);
  });

  it("refuses strips of other sizes, missing and damaged ones", async () => {
    await writeSequence("i_a");
    const path = join(folder, "i_a", "e1.png");
    for (const [width, height] of [[64, 130], [65, 131]]) {
      await Deno.writeFile(path, encodePng(collage(width, height, 1)));
      await rejects(
        readSequencePatches(folder, "i_a", "e1"),
        new RegExp(
          `e1\\.png: found a strip of ${width}×${height} pixels, wanted 65 pixels wide`,
        ),
      );
    }
    await Deno.writeTextFile(path, "no picture");
    await rejects(
      readSequencePatches(folder, "i_a", "e1"),
      /found another format/,
    );
    await Deno.remove(path);
    await rejects(
      readSequencePatches(folder, "i_a", "e1"),
      /Cannot read the image: .*e1\.png/,
    );
  });
});
