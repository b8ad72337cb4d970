import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  DataError,
  largestSequences,
  readImagePairs,
  withoutLargestSequences,
} from "../../../data/mod.ts";

let folder: string;
beforeEach(() => {
  folder = Deno.makeTempDirSync();
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

function write(name: string, text = ""): void {
  const path = join(folder, name);
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  Deno.writeTextFileSync(path, text);
}

async function refusal(path = folder): Promise<string> {
  const error = await readImagePairs(path).then(
    () => assert.fail("read"),
    (error) => error,
  );
  assert.ok(error instanceof DataError, String(error));
  return error.message.replaceAll(folder, "F");
}

const identity = "1 0 0\n0 1 0\n0 0 1\n";

describe("homography sequences", () => {
  it("pair image 1 with every image that a homography leads to", async () => {
    for (const image of ["1.ppm", "2.ppm", "3.ppm"]) write(`v_wall/${image}`);
    write("v_wall/H_1_2", " 1 0 2.5\r\n0\t1 -3\r\n0 1e-4 2\r\n\r\n");
    write("v_wall/H_1_3", identity);
    write("v_wall/._H_1_3", "x");
    for (const image of ["img1.png", "img2.png"]) write(`boat/${image}`);
    write("boat/H1to2p", identity);
    write("notes/readme.txt");
    write("notes/1.png");
    const { kind, images, pairs, truthFiles } = await readImagePairs(folder);
    assert.equal(kind, "homography");
    assert.deepEqual(
      images.map((path) => path.slice(folder.length + 1)),
      ["boat/img1.png", "boat/img2.png", "v_wall/1.ppm", "v_wall/2.ppm"].concat(
        "v_wall/3.ppm",
      ),
    );
    assert.deepEqual(
      pairs.map(({ sequence, left, right }) => [sequence, left, right]),
      [["boat", 0, 1], ["v_wall", 2, 3], ["v_wall", 2, 4]],
    );
    const [, { truth }] = pairs;
    assert.ok(truth.kind === "homography");
    assert.deepEqual([...truth.matrix], [1, 0, 2.5, 0, 1, -3, 0, 1e-4, 2]);
    assert.deepEqual(
      truthFiles.map((path) => path.slice(folder.length + 1)),
      ["boat/H1to2p", "v_wall/H_1_2", "v_wall/H_1_3"],
    );
    const one = await readImagePairs(join(folder, "boat"));
    assert.deepEqual(one.pairs.map(({ sequence }) => sequence), ["."]);
  });

  it("leave out HPatches' largest, with their images", async () => {
    for (const sequence of ["i_ajuntament", ...largestSequences, "v_wall"]) {
      for (const image of ["1.ppm", "2.ppm"]) write(`${sequence}/${image}`);
      write(`${sequence}/H_1_2`, identity);
    }
    const set = withoutLargestSequences(await readImagePairs(folder));
    assert.deepEqual(
      set.pairs.map(({ sequence, left, right }) => [sequence, left, right]),
      [["i_ajuntament", 0, 1], ["v_wall", 2, 3]],
    );
    assert.deepEqual(
      set.images.map((path) => path.slice(folder.length + 1)),
      ["i_ajuntament/1.ppm", "i_ajuntament/2.ppm"].concat(
        ["v_wall/1.ppm", "v_wall/2.ppm"],
      ),
    );
  });

  it("are refused in one line where something is missing or wrong", async () => {
    write("a/H_1_2", identity);
    write("a/1.png");
    assert.equal(
      await refusal(),
      "Cannot read the image pairs: F/a: found no image 2, wanted 2 with one of .jpg, .jpeg, .png, .bmp, .ppm, .pgm, .pbm",
    );
    write("a/2.PNG");
    for (
      const [text, found] of [
        ["1 0 0 0 1 0 0 0", "8 numbers"],
        ["1 0 0 0 1 0 1 0 0", "a matrix of determinant 0"],
        ["1 0 0 0 1 0 0 0 x", "a matrix of determinant NaN"],
        ["", "1 numbers"],
      ]
    ) {
      write("a/H_1_2", text);
      assert.equal(
        await refusal(),
        `Cannot read the image pairs: F/a/H_1_2: found ${found}, wanted nine numbers, a homography row by row`,
      );
    }
    write("a/H_1_2", "1 ".repeat(40_000));
    assert.equal(
      await refusal(),
      "Cannot read the image pairs: F/a/H_1_2: found a file of 80000 bytes, wanted at most 65536 bytes; check the path and its permissions",
    );
  });
});

const cameras = "500 0 320 0 510 240 0 0 1 400 0 300 0 400 200 0 0 1";
/** A quarter turn about z, and a shift. */
const transform = "0 -1 0 1 1 0 0 2 0 0 1 -0.5 0 0 0 1";

describe("lists of pairs with poses", () => {
  it("give each pair its cameras and how they stand", async () => {
    write(
      "pairs.txt",
      `a/1.jpg b/2.jpg 0 3 ${cameras} ${transform}\nb/2.jpg a/1.jpg 0 0 ${cameras} ${transform}\n`,
    );
    const set = await readImagePairs(folder);
    assert.deepEqual(set, await readImagePairs(join(folder, "pairs.txt")));
    assert.equal(set.kind, "pose");
    assert.deepEqual(set.images, [
      join(folder, "a/1.jpg"),
      join(folder, "b/2.jpg"),
    ]);
    assert.deepEqual(set.truthFiles, [join(folder, "pairs.txt")]);
    const [{ sequence, left, right, truth }, other] = set.pairs;
    assert.deepEqual([sequence, left, right], ["a", 0, 1]);
    assert.deepEqual([other.sequence, other.left, other.right], ["b", 1, 0]);
    assert.ok(truth.kind === "pose");
    assert.deepEqual([...truth.rotation], [0, -1, 0, 1, 0, 0, 0, 0, 1]);
    assert.deepEqual([...truth.translation], [1, 2, -0.5]);
    assert.deepEqual([...truth.leftIntrinsics].slice(0, 6), [
      500,
      0,
      320,
      0,
      510,
      240,
    ]);
    assert.equal(truth.rightIntrinsics[5], 200);
  });

  it("make each pair a sequence where one folder holds all", async () => {
    const line = `1.jpg 2.jpg 0 0 ${cameras} ${transform}\n`;
    write("pairs.txt", line + line);
    const { pairs } = await readImagePairs(folder);
    assert.deepEqual(pairs.map(({ sequence }) => sequence), ["1", "2"]);
  });

  it("are refused with the line where something is wrong", async () => {
    const start = "Cannot read the image pairs: F/pairs.txt";
    const cases: [line: string, message: string][] = [
      [
        "1.jpg 2.jpg",
        ":1: found 2 words, wanted 38: two images, two rotations, K (9), K (9), T (16)",
      ],
      [
        `1.jpg 2.jpg 0 4 ${cameras} ${transform}`,
        ":1: found a rotation of 4, wanted 0, 1, 2 or 3",
      ],
      [
        `1.jpg 2.jpg 0 0 x${cameras.slice(1)} ${transform}`,
        ":1: found x00, wanted a number",
      ],
      [
        `1.jpg 2.jpg 0 0 -${cameras} ${transform}`,
        ":1: found the matrix -500 0 320 0 510 240 0 0 1, wanted K: fx s cx 0 fy cy 0 0 1 with focal lengths above 0",
      ],
      [
        `1.jpg 2.jpg 0 0 ${cameras} ${transform.replace("-1", "1")}`,
        ":1: found a transform that is no rotation and shift, wanted T",
      ],
      [
        `1.jpg 2.jpg 0 0 ${cameras} 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1`,
        ":1: found two cameras in one place, wanted a translation",
      ],
      ["", ": found an empty file, wanted one pair a line"],
    ];
    for (const [line, message] of cases) {
      write("pairs.txt", `${line}\n`);
      assert.equal(await refusal(), start + message);
    }
  });
});

describe("image pairs", () => {
  it("are refused unread from a device", {
    ignore: Deno.build.os === "windows",
  }, async () => {
    assert.match(
      await refusal("/dev/null"),
      /^Cannot read the image pairs: \/dev\/null: found a device or a pipe, /,
    );
  });

  it("are refused where there are none", async () => {
    const wanted =
      "wanted folders with 1.EXT, 2.EXT … and H_1_2 … (HPatches), or a text file of pairs with poses";
    assert.equal(
      await refusal(),
      `Cannot read the image pairs: F: found neither sequences nor a list, ${wanted}`,
    );
    write("a.txt");
    write("b.txt");
    assert.equal(
      await refusal(),
      `Cannot read the image pairs: F: found 2 text files and no sequence, ${wanted}`,
    );
    assert.match(await refusal(join(folder, "none")), /F\/none: found no such/);
  });
});
