import {
  deepEqual,
  equal,
  notDeepEqual,
  ok,
  rejects,
} from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PackedPatches } from "../../../data/patches/packed_patches.ts";
import {
  shareOut,
  type TrainingPatchOptions,
  writeTrainingPatches,
} from "../../../data/photographs/photo_training.ts";
import { detectRegions } from "../../../data/photographs/detected_keypoints.ts";
import { PatchCutter } from "../../../data/photographs/photo_patches.ts";
import { planeOf } from "../../../features/images/plane.ts";
import { cutPatches } from "../../../features/patches/cut_patches.ts";
import { SamplingStack } from "../../../features/patches/sampling_stack.ts";
import { encodePng } from "../../../data/images/png.ts";
import { RandomStream } from "../../../data/random.ts";
import {
  collage,
  correlation,
  writeCollages,
} from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

const options: TrainingPatchOptions = {
  seed: 211,
  weightFunction: "Hessian",
  sigmasV: "2,3,4.5",
  patchSets: 60,
  leastSetsPerImage: -1,
  mostSetsPerImage: 1729,
  views: 4,
  keypoints: "drawn",
  viewNoise: "regions",
  depthEdges: 0,
  cameraGrain: false,
};

async function photographs(count: number) {
  const names = Array.from({ length: count }, (_, i) => `${i}.png`);
  const paths = await writeCollages(folder, names);
  return paths.map((path, i) => ({ name: String(i), path }));
}

async function write(changes: Partial<TrainingPatchOptions> = {}, images = 2) {
  const path = join(folder, "patches.bin");
  const files = await photographs(images);
  const written = await writeTrainingPatches(path, files, {
    ...options,
    ...changes,
  });
  return { path, ...written };
}

describe("training patches", () => {
  it("are views of as many labels as asked for, grouped", async () => {
    const { path, patches, labels, labelsPerImage } = await write();
    deepEqual([labels, patches], [60, 240]);
    equal(labelsPerImage[0] + labelsPerImage[1], 60);
    using set = await PackedPatches.open(path);
    equal(set.count, 240);
    set.labels.forEach((label, i) => equal(label, Math.floor(i / 4)));
  });

  it("of one label look alike, those of different labels do not", async () => {
    const { path } = await write();
    using set = await PackedPatches.open(path);
    const own: number[] = [];
    const other: number[] = [];
    for (let label = 0; label < 60; label++) {
      const reference = set.read([4 * label]).slice();
      for (let view = 1; view < 4; view++) {
        own.push(correlation(reference, set.read([4 * label + view])));
        other.push(
          correlation(reference, set.read([4 * ((label + 7) % 60) + view])),
        );
      }
    }
    const mean = (values: number[]) =>
      values.reduce((sum, value) => sum + value, 0) / values.length;
    ok(mean(own) > 0.4, `own ${mean(own)}`);
    ok(mean(own) < 0.95, "views differ enough to be worth training on");
    ok(Math.abs(mean(other)) < 0.15, `other ${mean(other)}`);
    ok(
      own.every((value) => value < 0.9999),
      "no view repeats the photograph's own",
    );
  });

  it("are a pure function of the options and the photographs", async () => {
    const bytes = async (changes: Partial<TrainingPatchOptions> = {}) =>
      await Deno.readFile((await write(changes)).path);
    const first = await bytes();
    deepEqual(await bytes(), first);
    for (
      const changes of [
        { seed: 212 },
        { weightFunction: "uniform" },
        { sigmasV: "2,3" },
        { keypoints: "detector" },
        { viewNoise: "detector" },
        { viewNoise: "both" },
        { depthEdges: 0.5 },
        { cameraGrain: true },
      ] as const
    ) notDeepEqual(await bytes(changes), first);
  });

  it("at detected keypoints are what `match` cuts, and views of it", async () => {
    const { path, labels } = await write({
      keypoints: "detector",
      viewNoise: "detector",
    }, 1);
    equal(labels, 60);
    const picture = collage(320, 280, 0);
    const regions = detectRegions(
      picture,
      options.seed,
      0,
      (region) =>
        new PatchCutter(new SamplingStack(planeOf(picture)), 0, "")
          .hasContrast(region),
    );
    using set = await PackedPatches.open(path);
    const own: number[] = [];
    for (let label = 0; label < labels; label++) {
      const [a, , x, d, , y] = regions[label];
      const frame = {
        x,
        y,
        sigma: Math.hypot(a, d) / 6,
        angle: Math.atan2(d, a),
      };
      const cut = cutPatches(picture, [frame], { sidePixels: 64 });
      const reference = set.read([4 * label]).slice();
      cut.forEach((value, i) => ok(Math.abs(value - reference[i]) <= 1));
      for (let view = 1; view < 4; view++) {
        own.push(correlation(reference, set.read([4 * label + view])));
      }
    }
    const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
    ok(mean > 0.5 && mean < 0.97, String(mean));
  });

  it("keep between the least and the most of each photograph", async () => {
    equal(
      Math.max(...(await write({ mostSetsPerImage: 20 })).labelsPerImage),
      20,
    );
    deepEqual((await write({ mostSetsPerImage: 20 })).labels, 40);
    deepEqual((await write({ leastSetsPerImage: 30 })).labelsPerImage, [
      30,
      30,
    ]);
  });

  it("are fewer than asked for where there is no more room, without repeating places", async () => {
    const { labels, patches } = await write(
      { patchSets: 5000, sigmasV: "5" },
      1,
    );
    ok(labels > 50 && labels < 2000, String(labels));
    equal(patches, 4 * labels);
  });

  it("are refused when bounds contradict each other or a photograph has no room", async () => {
    await rejects(
      write({ leastSetsPerImage: 9, mostSetsPerImage: 8 }),
      /Cannot share out the patch sets: download\.min_sets_per_img: found 9, wanted at most max_sets_per_img = 8/,
    );
    await rejects(
      write({ leastSetsPerImage: 31 }),
      /download\.patch_sets: found 60, wanted at least min_sets_per_img · images = 31 · 2/,
    );
    const path = join(folder, "flat.png");
    const flat = {
      width: 300,
      height: 300,
      pixels: new Uint8Array(90000).fill(80),
    };
    await Deno.writeFile(path, encodePng(flat));
    await rejects(
      writeTrainingPatches(
        join(folder, "x.bin"),
        [{ name: "flat", path }],
        options,
      ),
      /Cannot cut training patches: .*flat\.png: found room for 0 keypoints, wanted at least 1; remove the image, or change/,
    );
    const left = [...Deno.readDirSync(folder)].map((entry) => entry.name);
    ok(
      !left.some((name) => name.startsWith("x.bin")),
      "nothing half-written stays",
    );
  });

  it("come from a photograph so scaled that scales too large for it are left out", async () => {
    const path = join(folder, "narrow.png");
    await Deno.writeFile(path, encodePng(collage(400, 240, 3)));
    const target = join(folder, "x.bin");
    const wide = { ...options, sigmasV: "2,40", patchSets: 10 };
    const { labels } = await writeTrainingPatches(
      target,
      [{ name: "n", path }],
      wide,
    );
    equal(labels, 10);
  });
});

describe("shares", () => {
  const none = { least: 0, most: Infinity };

  it("are proportional, whole, and add up", () => {
    deepEqual(shareOut(100, [1, 1, 2], none), [25, 25, 50]);
    deepEqual(shareOut(10, [1, 1, 1], none), [4, 3, 3]);
    deepEqual(shareOut(7, [0, 5, 0], none), [0, 7, 0]);
  });

  it("respect the bounds, the others making up for it", () => {
    deepEqual(shareOut(100, [1, 1, 98], { least: 0, most: 40 }), [30, 30, 40]);
    deepEqual(shareOut(100, [1, 1, 98], { least: 10, most: Infinity }), [
      10,
      10,
      80,
    ]);
    deepEqual(
      shareOut(30000, [1, 2, 3, 4, 5, 6], { least: 0, most: 1729 }),
      new Array(6).fill(1729),
    );
  });

  it("do so for random weights", () => {
    for (let round = 0; round < 300; round++) {
      const stream = new RandomStream(round, "shares");
      const weights = Array.from(
        { length: 1 + stream.integer(8) },
        () => stream.uniform() ** 6 * 1e7,
      );
      const count = weights.length * 5 + stream.integer(3000);
      const bounds = {
        least: stream.integer(5),
        most: 6 + stream.integer(1000),
      };
      const shares = shareOut(count, weights, bounds);
      const total = shares.reduce((sum, share) => sum + share, 0);
      equal(
        total,
        Math.min(count, bounds.most * weights.length),
        `round ${round}`,
      );
      ok(
        shares.every((share) => share >= bounds.least && share <= bounds.most),
      );
    }
  });
});
