import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodePng, readGreyImage, readImagePairs } from "../../../data/mod.ts";
import { writeImagePairs } from "../../../data/photographs/photo_image_pairs.ts";
import { applyTo } from "../../../features/geometry/homography.ts";
import { correlation } from "../../helpers/data/test_images.ts";
import { goldenPhotograph } from "../../helpers/features/golden_photographs.ts";

let folder: string;
const photograph = () => [{ name: "boats", path: join(folder, "boats.png") }];
beforeEach(async () => {
  folder = Deno.makeTempDirSync();
  const { width, height, pixels } = await goldenPhotograph("nagasaki-boats");
  Deno.writeFileSync(
    join(folder, "boats.png"),
    encodePng({ width, height, pixels: Uint8Array.from(pixels) }),
  );
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

async function write(name: string, purpose: string, pairsPerPhotograph = 3) {
  const directory = join(folder, name);
  await writeImagePairs(
    directory,
    photograph(),
    { seed: 5, pairsPerPhotograph },
    purpose,
  );
  return directory;
}

function bytes(directory: string): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(join(directory, "boats"))].map(({ name }) => [
      name,
      Deno.readFileSync(join(directory, "boats", name)).toBase64(),
    ]),
  );
}

describe("writeImagePairs", () => {
  it("is a function of photograph, seed and purpose", async () => {
    const one = bytes(await write("one", "test"));
    assert.deepEqual(Object.keys(one).sort(), [
      "1.png",
      "2.png",
      "3.png",
      "4.png",
      "H_1_2",
      "H_1_3",
      "H_1_4",
    ]);
    assert.deepEqual(bytes(await write("again", "test")), one);
    const other = bytes(await write("other", "validation"));
    assert.equal(other["1.png"], one["1.png"]);
    for (const name of ["2.png", "H_1_2"]) {
      assert.notEqual(other[name], one[name]);
    }
  });

  it("writes views that show where the homography says", async () => {
    const { images, pairs } = await readImagePairs(await write("v", "test"));
    const first = await readGreyImage(images[0]);
    for (const { right, truth } of pairs) {
      assert.ok(truth.kind === "homography");
      const view = await readGreyImage(images[right]);
      assert.deepEqual(
        [view.width, view.height],
        [first.width, first.height],
      );
      const compared = (shift: number) => {
        const [a, b]: number[][] = [[], []];
        for (let y = 0; y < first.height; y += 2) {
          for (let x = 0; x < first.width; x += 2) {
            const to = applyTo(truth.matrix, x + shift, y);
            const [u, v] = [Math.round(to.x), Math.round(to.y)];
            if (u < 0 || v < 0 || u >= view.width || v >= view.height) continue;
            a.push(first.pixels[y * first.width + x]);
            b.push(view.pixels[v * view.width + u]);
          }
        }
        assert.ok(a.length > 1000, `${a.length} places in common`);
        return correlation(Uint8Array.from(a), Uint8Array.from(b));
      };
      const right0 = compared(0);
      assert.ok(right0 > 0.8, `${right0}`);
      for (const shift of [-3, 3]) assert.ok(compared(shift) < right0);
    }
  });

  it("writes nothing where no pairs are wanted", async () => {
    const directory = await write("none", "test", 0);
    assert.throws(() => Deno.statSync(directory), Deno.errors.NotFound);
  });
});
