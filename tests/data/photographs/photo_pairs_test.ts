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
import { writeTestPairs } from "../../../data/photographs/photo_pairs.ts";
import { readPairs } from "../../../data/published/phototour_pairs.ts";
import { encodePng } from "../../../data/images/png.ts";
import { correlation, writeCollages } from "../../helpers/data/test_images.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

const options = {
  seed: 211,
  weightFunction: "Hessian",
  sigmasV: "2,3,4.5",
  testPairs: 120,
} as const;

async function write(target: string, seed: number = options.seed) {
  const paths = await writeCollages(folder, ["a.png", "b.png"]);
  const files = paths.map((path) => ({ name: path, path }));
  return await writeTestPairs(join(folder, target), files, {
    ...options,
    seed,
  });
}

describe("test pairs", () => {
  it("match in one half, in mixed order, and name patches by their labels", async () => {
    const { pairs, labels } = await write("test");
    deepEqual([pairs, labels], [120, 20]);
    using patches = await PackedPatches.open(
      join(folder, "test", "patches.bin"),
    );
    const path = join(folder, "test", "pairs.txt");
    const { first, second, match } = await readPairs(path, patches.count);
    equal(match.reduce((sum, value) => sum + value, 0), 60);
    ok(match.subarray(0, 60).includes(0) && match.subarray(0, 60).includes(1));
    first.forEach((patch, i) => {
      const same = patches.labels[patch] === patches.labels[second[i]];
      equal(same, match[i] === 1);
      ok(patch !== second[i]);
    });
    const line = (await Deno.readTextFile(path)).split("\n")[0];
    ok(/^\d+ \d+ 0 \d+ \d+ 0$/.test(line), line);
  });

  it("that match look more alike than those that do not", async () => {
    await write("test");
    using patches = await PackedPatches.open(
      join(folder, "test", "patches.bin"),
    );
    const { first, second, match } = await readPairs(
      join(folder, "test", "pairs.txt"),
    );
    const sums = [0, 0];
    first.forEach((patch, i) => {
      sums[match[i]] +=
        correlation(patches.read([patch]).slice(), patches.read([second[i]])) /
        60;
    });
    ok(sums[1] > 0.35 && Math.abs(sums[0]) < 0.12, String(sums));
  });

  it("are a pure function of the seed", async () => {
    await write("one");
    await write("two");
    await write("other", 212);
    for (const file of ["patches.bin", "pairs.txt"]) {
      const [one, two, other] = await Promise.all(
        ["one", "two", "other"].map((name) =>
          Deno.readFile(join(folder, name, file))
        ),
      );
      deepEqual(one, two);
      notDeepEqual(one, other);
    }
  });

  it("are refused when the held-out images are flat", async () => {
    const path = join(folder, "flat.png");
    const pixels = new Uint8Array(90000).fill(80);
    await Deno.writeFile(path, encodePng({ width: 300, height: 300, pixels }));
    await rejects(
      writeTestPairs(join(folder, "flat"), [{ name: "flat", path }], options),
      /Cannot cut test pairs: .*: found room for 0 keypoints in the held-out images, wanted at least 2; hold out/,
    );
  });
});
