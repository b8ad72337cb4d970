import { rejects } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { patchTypes } from "../../../data/patches/hpatches_layout.ts";
import { checkStrips } from "../../../data/published/hpatches_check.ts";
import { encodePng } from "../../../data/images/png.ts";
import { collage } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
  for (const sequence of ["i_a", "i_b", "v_c", "v_d"]) {
    await Deno.mkdir(join(folder, sequence));
    for (const type of patchTypes) await writeStrip(sequence, type, 65, 130);
  }
});
afterEach(() => Deno.remove(folder, { recursive: true }));

function writeStrip(
  sequence: string,
  type: string,
  width: number,
  height: number,
): Promise<void> {
  const path = join(folder, sequence, `${type}.png`);
  return Deno.writeFile(path, encodePng(collage(width, height, 1)));
}

describe("the strips of a copy", () => {
  it("pass when they have the release's form", async () => {
    await checkStrips(folder, ["i_a", "i_b"]);
  });

  it("are named sequence by sequence with what is wrong", async () => {
    await writeStrip("i_a", "e3", 64, 130);
    await writeStrip("i_a", "h1", 65, 131);
    await writeStrip("i_b", "t5", 65, 195);
    await Deno.writeTextFile(join(folder, "v_c", "ref.png"), "GIF89a");
    await Deno.remove(join(folder, "v_d", "t1.png"));
    await rejects(
      checkStrips(folder, ["i_a", "i_b", "v_c"]),
      /^DataError: Cannot read the HPatches release: .*: found damaged sequences \(i_a: e3 of 64×130 pixels, h1 of 65×131 pixels; i_b: t5 of 3 patches beside 2; v_c: ref is no PNG\), wanted strips 65 pixels wide .*; copy the release and its task files again$/,
    );
    await rejects(
      checkStrips(folder, ["i_a", "i_b", "v_c", "v_d"]),
      /v_c: ref is no PNG; and 1 more sequences\)/,
    );
    await rejects(
      checkStrips(folder, ["v_d"]),
      /\(v_d: t1 is unreadable \(no such file or folder\)\)/,
    );
  });
});
