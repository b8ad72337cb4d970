import { deepEqual, rejects } from "node:assert/strict";
import { dirname, join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { listImages } from "../../../data/images/image_tree.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

function write(...names: string[]) {
  for (const name of names) {
    const path = join(folder, name);
    Deno.mkdirSync(dirname(path), { recursive: true });
    Deno.writeTextFileSync(path, "");
  }
}

describe("listing images", () => {
  it("searches folders with all folders in them, and names images by their path there, sorted", async () => {
    write("b.JPG", "a b/ü.png", "a b/deep/x.ppm", "a.jpeg", "Z.bmp");
    const { images, passedOver } = await listImages([folder]);
    deepEqual(images.map(({ name }) => name), [
      "Z.bmp",
      "a b/deep/x.ppm",
      "a b/ü.png",
      "a.jpeg",
      "b.JPG",
    ]);
    deepEqual(images[1].path, join(folder, "a b/deep/x.ppm"));
    deepEqual(passedOver, []);
  });

  it("tells what else is there, and not what systems leave", async () => {
    write("a.jpg", "notes.txt", "in/list.csv", ".records/x.png", "._a.jpg");
    const { images, passedOver } = await listImages([folder]);
    deepEqual(images.map(({ name }) => name), ["a.jpg"]);
    deepEqual(passedOver, ["in/list.csv", "notes.txt"]);
  });

  it("takes files by their own name, whatever it ends with", async () => {
    write("one/a.jpg", "one/b.photo");
    const paths = ["one/b.photo", "one/a.jpg"].map((name) =>
      join(folder, name)
    );
    const { images } = await listImages(paths);
    deepEqual(images.map(({ name }) => name), ["a.jpg", "b.photo"]);
  });

  it("follows links to files, and not to folders, which may lead in circles", async () => {
    write("a.jpg", "in/b.jpg");
    Deno.symlinkSync(join(folder, "a.jpg"), join(folder, "link.jpg"));
    Deno.symlinkSync(folder, join(folder, "in/circle"));
    Deno.symlinkSync(join(folder, "nothing"), join(folder, "gone.jpg"));
    const { images, passedOver } = await listImages([folder]);
    deepEqual(images.map(({ name }) => name), [
      "a.jpg",
      "in/b.jpg",
      "link.jpg",
    ]);
    deepEqual(passedOver, ["gone.jpg", "in/circle/"]);
  });

  const refused: [what: string, paths: string[], message: RegExp][] = [
    [
      "a folder without images",
      ["empty"],
      /found no image \(\.jpg, .*\), wanted at least one; name folders or files that have some$/,
    ],
    ["a path that leads nowhere", ["nowhere"], /found no such file or folder/],
    [
      "two images of one name",
      ["one/a.jpg", "two/a.jpg"],
      /two\/a\.jpg: found the name a\.jpg, which .*one\/a\.jpg has, too, wanted names that differ; name one folder that holds both$/,
    ],
    [
      "a name that is another's folder",
      ["one/a.jpg", "three"],
      /three\/a\.jpg\/b\.jpg: found a folder in its name that is the name of .*one\/a\.jpg/,
    ],
  ];
  for (const [what, names, message] of refused) {
    it(`refuses ${what}`, async () => {
      write("one/a.jpg", "two/a.jpg", "three/a.jpg/b.jpg", "empty/notes.txt");
      await rejects(
        listImages(names.map((name) => join(folder, name))),
        { name: "DataError", message },
      );
    });
  }
});
