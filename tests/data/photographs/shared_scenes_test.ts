import { deepEqual, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodePng } from "../../../data/images/png.ts";
import type { GreyImage } from "../../../data/images/grey_image.ts";
import { listPhotographs } from "../../../data/photographs/photographs.ts";
import { findSharedScenes } from "../../../data/photographs/shared_scenes.ts";
import { collage } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

async function write(name: string, image: GreyImage) {
  const path = join(folder, `${name}.png`);
  await Deno.writeFile(path, encodePng(image));
  return { name, path };
}

/** A picture seen through `place`: from its pixels to those of the source, grey values through `tone`. */
function seen(
  source: GreyImage,
  width: number,
  height: number,
  place: (x: number, y: number) => [number, number],
  tone = (grey: number) => grey,
): GreyImage {
  const pixels = new Uint8Array(width * height);
  const at = (x: number, y: number) =>
    source.pixels[
      Math.min(source.height - 1, Math.max(0, y)) * source.width +
      Math.min(source.width - 1, Math.max(0, x))
    ];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = place(x, y);
      const [left, top] = [Math.floor(u), Math.floor(v)];
      const [a, b] = [u - left, v - top];
      const grey = (1 - b) * ((1 - a) * at(left, top) + a * at(left + 1, top)) +
        b * ((1 - a) * at(left, top + 1) + a * at(left + 1, top + 1));
      pixels[y * width + x] = Math.round(tone(grey));
    }
  }
  return { width, height, pixels };
}

const original = collage(620, 560, 5);

/** Of a scene that has the original's left half, and something else at its right. */
function neighbour(): GreyImage {
  const other = collage(620, 560, 77);
  return seen(
    {
      ...original,
      pixels: original.pixels.map((grey, i) =>
        i % 620 < 250 ? grey : other.pixels[i]
      ),
    },
    600,
    540,
    (x, y) => [8 + 0.97 * x + 0.02 * y, 5 + 0.015 * x + y],
  );
}

describe("photographs that show what a held-out one shows", () => {
  it("are found in other sizes, parts, turns and tones, and as another view of a part", async () => {
    const heldOut = [
      await write("stranger", collage(620, 560, 9)),
      await write("original", original),
    ];
    const turn = (x: number, y: number): [number, number] => [
      60 + 0.95 * x - 0.3 * y,
      -40 + 0.3 * x + 0.95 * y,
    ];
    const training = [
      await write("same", original),
      await write(
        "smaller",
        seen(original, 420, 380, (x, y) => [1.47 * x, 1.47 * y]),
      ),
      await write(
        "part",
        seen(original, 400, 380, (x, y) => [x + 150, y + 120]),
      ),
      await write(
        "turned",
        seen(original, 480, 460, turn, (grey) => 30 + 0.6 * grey),
      ),
      await write("neighbour", neighbour()),
      await write("other", collage(620, 560, 11)),
    ];
    deepEqual(
      (await findSharedScenes(training, heldOut)).map((
        { training, heldOut, what },
      ) => [training, heldOut, what]),
      [
        ["same", "original", "picture"],
        ["smaller", "original", "picture"],
        ["part", "original", "picture"],
        ["turned", "original", "picture"],
        ["neighbour", "original", "scene"],
      ],
    );
  });

  it("are none among the bundled ones", async () => {
    const { training, heldOut } = await listPhotographs("", 3);
    deepEqual(await findSharedScenes(training, heldOut), []);
  });

  it("are told by their pixels where there is no keypoint", async () => {
    const flat = { width: 260, height: 250, pixels: new Uint8Array(65_000) };
    const darker = { ...flat, pixels: new Uint8Array(65_000).fill(9) };
    const [a, b, c] = [
      await write("a", flat),
      await write("b", flat),
      await write("c", darker),
    ];
    deepEqual(await findSharedScenes([a, c], [b]), [
      { training: "a", heldOut: "b", what: "picture" },
    ]);
  });

  it("are looked for before damaged ones are told of, all at once", async () => {
    const files = [];
    for (const name of ["a", "b", "c", "d"]) {
      files.push(await write(name, collage(260, 250, name.charCodeAt(0))));
    }
    for (const { path } of [files[1], files[3]]) {
      const bytes = await Deno.readFile(path);
      bytes[bytes.length - 30] ^= 1;
      await Deno.writeFile(path, bytes);
    }
    await rejects(
      findSharedScenes(files.slice(0, 3), files.slice(3)),
      /Cannot use the photographs: .*: found 2 of 4 that cannot be used \(d\.png: a damaged PNG \(.*\); b\.png: a damaged PNG \(.*\)\)/,
    );
  });
});
