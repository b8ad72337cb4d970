import { deepEqual, equal, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { DataError } from "../../../data/errors.ts";
import { decodeImage } from "../../../data/images/decode_image.ts";
import { encodeJpeg } from "../../../data/images/encode_jpeg.ts";
import { luma } from "../../../data/images/grey_image.ts";
import { readGreyImage } from "../../../data/images/image_file.ts";
import { encodePng } from "../../../data/images/png.ts";
import { collage, encodeGreyBmp } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

describe("an image file", () => {
  it("is read by its content, whatever its name", async () => {
    const image = collage(20, 10, 3);
    const path = join(folder, "picture.jpg");
    await Deno.writeFile(path, encodePng(image));
    deepEqual(await readGreyImage(path), image);
    await Deno.writeFile(path, encodeGreyBmp(image));
    deepEqual(await readGreyImage(path), image);
  });

  it("of a large JPEG is read in a thread of its own, with the same pixels and the same refusals", async () => {
    const { width, height, pixels } = collage(256, 256, 3);
    const large = {
      width: 2048,
      height: 2056,
      pixels: Uint8Array.from(
        { length: 2048 * 2056 },
        (_, i) => pixels[(i >> 11) % height * width + (i & 2047) % width],
      ),
    };
    const bytes = encodeJpeg(large, 70);
    const path = join(folder, "large.jpg");
    await Deno.writeFile(path, bytes);
    const image = await readGreyImage(path);
    deepEqual([image.width, image.height], [2048, 2056]);
    deepEqual(image, decodeImage(bytes, path));
    // A code that the tables do not have, found by the decoder alone.
    const damaged = bytes.slice();
    damaged.fill(0xfe, 20_000, 60_000);
    await Deno.writeFile(path, damaged);
    await rejects(
      readGreyImage(path),
      (error) =>
        error instanceof DataError &&
        /large\.jpg: found a damaged JPEG \(.*\), wanted a readable/.test(
          error.message,
        ),
    );
  });

  it("is refused by name when it is missing, empty or of another format", async () => {
    const path = join(folder, "a.png");
    await rejects(
      readGreyImage(path),
      /Cannot read the image: .*a\.png: found .*, wanted a readable/,
    );
    await Deno.writeTextFile(path, "");
    await rejects(
      readGreyImage(path),
      /a\.png: found an empty file, wanted a JPEG, PNG, BMP, PPM or PGM;/,
    );
    await Deno.writeTextFile(path, "GIF89a");
    await rejects(
      readGreyImage(path),
      /found a GIF, which is not supported, wanted .*; convert or remove/,
    );
    await Deno.writeTextFile(path, "a poem");
    await rejects(
      readGreyImage(path),
      /found another format, wanted .*; convert, replace or remove/,
    );
  });

  it("is read only when it is a regular file, so that none is endless", async () => {
    await rejects(readGreyImage("/dev/zero"), /found a device or pipe/);
    await rejects(readGreyImage(folder), /found a folder, wanted a readable/);
  });
});

describe("luma", () => {
  it("keeps greys and weighs colours as Rec. 601 does", () => {
    for (let grey = 0; grey < 256; grey++) equal(luma(grey, grey, grey), grey);
    deepEqual([luma(255, 0, 0), luma(0, 255, 0), luma(0, 0, 255)], [
      76,
      150,
      29,
    ]);
  });
});
