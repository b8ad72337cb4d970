import assert from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { encodePng } from "../../../data/mod.ts";
import { publishedNetwork } from "../../../pipeline/descriptors/published_network.ts";
import {
  applyTo,
  compose,
  invert,
  rotation,
  scaling,
  translation,
} from "../../../features/geometry/homography.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { type Finished, runWritingCli } from "../../helpers/command_line.ts";
import { goldenPhotograph } from "../../helpers/features/golden_photographs.ts";
import { writeUntrainedModel } from "../../helpers/pipeline/untrained_model.ts";

let folder: string;

/** From pixels of `left.png` to those of `turned.png`: turned by 0.2 about the centre, 0.9 times as large. */
const toTurned = compose(
  compose(translation(200, 160), compose(rotation(0.2), scaling(0.9))),
  translation(-200, -160),
);

before(async () => {
  folder = Deno.makeTempDirSync();
  const photograph = await goldenPhotograph("nagasaki-boats");
  const crop = (left: number) => {
    const pixels = new Uint8Array(400 * 320);
    for (let y = 0; y < 320; y++) {
      const from = (y + 40) * photograph.width + left;
      pixels.set(photograph.pixels.subarray(from, from + 400), y * 400);
    }
    return { width: 400, height: 320, pixels };
  };
  const left = crop(20);
  const values = new Float32Array(400 * 320);
  // (i, j) of the result is the picture at map((2i+1)/width − 1, …).
  const pixelsOf = compose(translation(199.5, 159.5), scaling(200, 160));
  new SamplingStack(planeOf(left))
    .sample(compose(invert(toTurned), pixelsOf), 400, 320, values);
  const write = (
    name: string,
    width: number,
    height: number,
    pixels: Uint8Array<ArrayBuffer>,
  ) =>
    Deno.writeFileSync(
      join(folder, name),
      encodePng({ width, height, pixels }),
    );
  write("left.png", 400, 320, left.pixels);
  write("turned.png", 400, 320, Uint8Array.from(values, Math.round));
  write("blank.png", 400, 320, new Uint8Array(400 * 320).fill(120));
  write("tiny.png", 20, 20, left.pixels.slice(0, 400));
  write("three.png", 400, 320, threeSpots(400, 320));
  const other = await goldenPhotograph("black-canyon");
  write("other.png", other.width, other.height, other.pixels);
  await writeUntrainedModel(join(folder, "model.safetensors"), 4);
});

after(() => Deno.removeSync(folder, { recursive: true }));

/** A wall with three round spots. */
function threeSpots(width: number, height: number): Uint8Array<ArrayBuffer> {
  const spots = [[100, 80, 5], [250, 120, 6], [180, 240, 7]];
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const light = spots.map(([u, v, sigma]) =>
      100 * Math.exp(-((x - u) ** 2 + (y - v) ** 2) / (2 * sigma ** 2))
    );
    return 100 + Math.max(...light);
  });
}

function match(...args: string[]): Promise<Finished> {
  return runWritingCli([
    "match",
    "--quiet",
    "--keypoints=250",
    ...args,
  ], { cwd: folder });
}

const model = "--model=model.safetensors";

describe("match", () => {
  it("finds the homography between two photographs, and writes the same bytes again", async () => {
    const { code, stdout, stderr } = await match(
      "left.png",
      "turned.png",
      model,
    );
    assert.equal(code, 0, stderr);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 5);
    assert.equal(lines[0], "network   model.safetensors");
    assert.match(lines[1], /^left {6}left\.png, 400×320, 2\d\d keypoints$/);
    assert.match(
      lines[3],
      /^matches {3}\d+, of which \d+ \(\d+ %\) agree with a homography within 3 pixels$/,
    );
    assert.match(lines[4], /^time .*; files in matches\/left-turned$/);
    const written = (name: string) =>
      Deno.readTextFileSync(join(folder, "matches/left-turned", name));
    const result = JSON.parse(written("matches.json"));
    const { geometry, matches, left, right } = result;
    assert.ok(geometry.inliers.length > 40, `${geometry.inliers.length}`);
    for (const [x, y] of [[60, 60], [340, 60], [340, 260], [60, 260]]) {
      const truth = applyTo(toTurned, x, y);
      const found = applyTo(geometry.matrix, x, y);
      const error = Math.hypot(found.x - truth.x, found.y - truth.y);
      assert.ok(error < 1, `${error} pixels at ${x}, ${y}`);
    }
    const [i, j] = matches[geometry.inliers[0]];
    const place = left.keypoints[i];
    const { x, y } = applyTo(geometry.matrix, place[0], place[1]);
    const [u, v] = right.keypoints[j];
    assert.ok(Math.hypot(x - u, y - v) < 4.5);
    const csv = written("matches.csv").trimEnd().split("\n");
    assert.equal(csv.length, 1 + matches.length);
    assert.equal(
      csv.filter((line) => line.endsWith(",1")).length,
      geometry.inliers.length,
    );
    const drawn = written("matches.svg").match(/<line /g) ?? [];
    assert.equal(drawn.length, geometry.inliers.length);

    const again = await match("left.png", "turned.png", model, "--out=again");
    assert.equal(again.code, 0, again.stderr);
    for (const name of ["matches.json", "matches.csv"]) {
      assert.equal(
        Deno.readTextFileSync(join(folder, "again", name)),
        written(name),
      );
    }
  });

  const hopeless: [what: string, args: string[], sentence: RegExp][] = [
    [
      "a blank wall",
      ["left.png", "blank.png"],
      /^0: the right photograph \(400×320\) has no keypoints, so nothing to match$/,
    ],
    [
      "a photograph too small for keypoints",
      ["tiny.png", "left.png"],
      /^0: the left photograph \(20×20\) has no keypoints|^\d+, no homography: /,
    ],
    [
      "three keypoints",
      ["three.png", "three.png", "--upright"],
      /^[0-3], no homography: too few matches/,
    ],
    [
      "two scenes",
      ["left.png", "other.png"],
      /^\d+, no homography: (too few matches|no more matches agree|the matches that agree lie on a line)/,
    ],
    [
      "one photograph twice, asked for a fundamental matrix",
      ["left.png", "left.png", "--geometry=fundamental"],
      /^\d+, no fundamental matrix: one homography explains every match that agrees: the same photograph twice, /,
    ],
  ];
  for (const [what, args, sentence] of hopeless) {
    it(`ends with a sentence for ${what}`, async () => {
      const { code, stdout, stderr } = await match(...args, model, "--out=o");
      assert.equal(code, 0, stderr);
      const line = stdout.split("\n")[3].replace(/^matches\s+/, "");
      assert.match(line, sentence);
      const { geometry } = JSON.parse(
        Deno.readTextFileSync(join(folder, "o/matches.json")),
      );
      assert.equal(geometry.matrix, null);
      assert.deepEqual(geometry.inliers, []);
    });
  }

  const refused: [what: string, args: string[], message: string][] = [
    [
      "another geometry",
      ["left.png", "turned.png", model, "--geometry=affine"],
      "Cannot run match: found --geometry affine, wanted homography or fundamental or none",
    ],
    [
      "an impossible ratio",
      ["left.png", "turned.png", model, "--ratio=1.2"],
      "Cannot run match: found --ratio 1.2, wanted a number above 0, at most 1",
    ],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what} in one line`, async () => {
      const { code, stdout, stderr } = await match(...args);
      assert.equal(stderr, `${message}\n`);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    });
  }

  it("without --model takes a network that is there, and says which it is", async () => {
    const path = join(folder, "runs", "new", "stage1");
    Deno.mkdirSync(path, { recursive: true });
    const network = join(path, "model.safetensors");
    Deno.copyFileSync(join(folder, "model.safetensors"), network);
    const { code, stdout, stderr } = await match(
      "left.png",
      "blank.png",
      "--geometry=none",
    );
    assert.equal(code, 0, stderr);
    const wanted = publishedNetwork() ?? "runs/new/stage1/model.safetensors";
    assert.equal(stdout.split("\n")[0], `network   ${wanted}`);
  });
});
