import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  bundledPhotographs,
  listPhotographs,
  readPhotograph,
  readPhotographSizes,
} from "../../../data/photographs/photographs.ts";
import { encodePng } from "../../../data/images/png.ts";
import { collage } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

describe("the bundled photographs", () => {
  it("are nine, six to train on and three held out, each readable and credited", async () => {
    const { training, heldOut } = await listPhotographs("", 3);
    equal(training.length, 6);
    deepEqual(heldOut.map((file) => file.name), [
      "acanthus-mollis",
      "march-pastoral",
      "nagasaki-boats",
    ]);
    for (const file of [...training, ...heldOut]) {
      const image = await readPhotograph(file);
      ok(image.width * image.height > 480000);
      ok(new Set(image.pixels).size > 150, "a photograph has many greys");
    }
    ok(bundledPhotographs.every(({ credit }) => /^[A-Z].*\d{4}/.test(credit)));
  });

  it("may be held out in another number", async () => {
    equal((await listPhotographs("", 1)).heldOut[0].name, "nagasaki-boats");
    await rejects(
      listPhotographs("", 9),
      /bundled photographs: found 9 images, wanted at least 10 \(held_out = 9 and one to train on\); add images or lower held_out/,
    );
  });
});

describe("photographs that cannot be used", () => {
  it("are told of all at once, without decoding any", async () => {
    const write = async (name: string, bytes: Uint8Array | string) => {
      const path = join(folder, name);
      await Deno.writeFile(
        path,
        typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes,
      );
      return { name, path };
    };
    const sound = encodePng(collage(300, 260, 1));
    const good = await write("a.png", sound);
    const files = [
      good,
      await write("b.png", encodePng(collage(300, 239, 1))),
      await write("c.png", sound.subarray(0, sound.length - 100)),
      await write("d.jpg", "GIF89a"),
      await write("e.pgm", "P5 300 x"),
      { name: "f", path: join(folder, "f.jpg") },
    ];
    deepEqual(await readPhotographSizes([good]), [{ width: 300, height: 260 }]);
    await rejects(readPhotographSizes(files), (error: Error) => {
      equal(
        error.message,
        `Cannot use the photographs: ${folder}: found 5 of 6 that cannot be used (b.png: an image of 300×239 pixels; c.png: a damaged PNG (cut short); d.jpg: a GIF, which is not supported; e.pgm: a damaged Netpbm image (no number for a height); f.jpg: no such file or folder), wanted a JPEG, PNG, BMP, PPM or PGM, at least 240 pixels on each side; convert, replace or remove them`,
      );
      return true;
    });
    await rejects(
      readPhotographSizes(files.slice(0, 2)),
      /Cannot cut patches: .*b\.png: found an image of 300×239 pixels/,
    );
  });
});

describe("a folder of images", () => {
  const touch = (...names: string[]) =>
    Promise.all(
      names.map((name) => Deno.writeTextFile(join(folder, name), "")),
    );

  it("is sorted by name; the last ones are held out, other files ignored", async () => {
    await touch("c.PNG", "a.jpg", "b.jpeg", "d.bmp", "notes.txt", "e.gif");
    await Deno.mkdir(join(folder, "z.png"));
    const { training, heldOut } = await listPhotographs(folder, 2);
    deepEqual(training.map((file) => file.name), ["a", "b"]);
    deepEqual(heldOut.map((file) => file.path), [
      join(folder, "c.PNG"),
      join(folder, "d.bmp"),
    ]);
  });

  it("gives sequence names fit for folders and CSV, all different", async () => {
    await touch(
      "my house, 1.jpg",
      "my house, 1.png",
      "My house 1.bmp",
      "+.png",
      "Ä.jpg",
    );
    const { training, heldOut } = await listPhotographs(folder, 1);
    const names = [...training, ...heldOut].map((file) => file.name);
    ok(names.every((name) => /^[A-Za-z0-9-]+$/.test(name)), String(names));
    equal(new Set(names.map((name) => name.toLowerCase())).size, 5);
  });

  it("says what it passes over, and is silent about by-products of systems", async () => {
    await touch("a.jpg", "b.ppm", "notes.txt", "c.webp", "._a.jpg", ".d.jpg");
    await Deno.mkdir(join(folder, "more"));
    await Deno.symlink("more", join(folder, "linked.jpg"));
    const { training, heldOut, ignored } = await listPhotographs(folder, 1);
    equal([...training, ...heldOut].length, 2);
    equal(ignored.join(), "c.webp,linked.jpg/,more/,notes.txt");
  });

  it("is refused when it is missing, empty, or holds too few or too small images", async () => {
    await rejects(
      listPhotographs(join(folder, "none"), 1),
      /Cannot read the image folder: .*none: found no such file or folder, wanted a readable folder; correct download\.source_dir/,
    );
    await rejects(
      listPhotographs(folder, 3),
      /found no image \(\.jpg, \.jpeg, \.png, \.bmp, \.ppm, \.pgm, \.pbm\), wanted at least 4; put images there/,
    );
    await touch("a.png");
    await rejects(
      listPhotographs(folder, 1),
      /found 1 image, wanted at least 2 \(held_out = 1/,
    );
    const path = join(folder, "small.png");
    await Deno.writeFile(path, encodePng(collage(300, 239, 1)));
    await rejects(
      readPhotograph({ name: "small", path }),
      /small\.png: found an image of 300×239 pixels, wanted at least 240 pixels on each side; replace/,
    );
  });
});
