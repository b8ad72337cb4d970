import {
  deepEqual,
  equal,
  notDeepEqual,
  ok,
  rejects,
} from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { patchTypes } from "../../../data/patches/hpatches_layout.ts";
import {
  listSequences,
  readSequencePatches,
} from "../../../data/published/hpatches.ts";
import {
  readPairTask,
  readQueryTask,
  readSplits,
} from "../../../data/published/hpatches_tasks.ts";
import { writeSequences } from "../../../data/photographs/photo_sequences.ts";
import { writeTasks } from "../../../data/photographs/photo_tasks.ts";
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
  patchesPerSequence: 20,
} as const;

async function write(
  target: string,
  changes: { seed?: number } = {},
  images = ["a", "b"],
) {
  const paths = await writeCollages(
    folder,
    images.map((name) => `${name}.png`),
  );
  const files = paths.map((path, i) => ({ name: images[i], path }));
  return await writeSequences(join(folder, target), files, {
    ...options,
    ...changes,
  });
}

/** Mean correlation of the reference patches with those of each noise, over five images. */
async function likeness(sequence: string): Promise<Record<string, number>> {
  const directory = join(folder, "hpatches");
  const reference = await readSequencePatches(directory, sequence, "ref");
  const means: Record<string, number> = { e: 0, h: 0, t: 0 };
  for (const type of patchTypes.slice(1)) {
    const { patches, count } = await readSequencePatches(
      directory,
      sequence,
      type,
    );
    for (let start = 0; start < patches.length; start += 4225) {
      const pair = [reference.patches, patches].map((all) =>
        all.subarray(start, start + 4225)
      );
      means[type[0]] += correlation(pair[0], pair[1]) / count / 5;
    }
  }
  return means;
}

describe("sequences", () => {
  it("have the HPatches release layout", async () => {
    const written = await write("hpatches");
    const directory = join(folder, "hpatches");
    deepEqual(await listSequences(directory), ["i_a", "i_b", "v_a", "v_b"]);
    deepEqual(written.map(({ name, photograph }) => [name, photograph]), [
      ["i_a", 0],
      ["v_a", 0],
      ["i_b", 1],
      ["v_b", 1],
    ]);
    for (const sequence of ["i_a", "v_b"]) {
      for (const type of patchTypes) {
        equal((await readSequencePatches(directory, sequence, type)).count, 20);
      }
    }
    ok(
      written.every(({ contrasts }) =>
        contrasts.length === 20 && Math.min(...contrasts) > 4
      ),
    );
  });

  it("grow harder from easy to hard to tough, yet show the same places", async () => {
    await write("hpatches");
    for (const sequence of ["i_a", "v_a"]) {
      const { e, h, t } = await likeness(sequence);
      ok(
        e > 0.6 && e > h + 0.1 && h > t + 0.05 && t > 0.05,
        `${sequence} ${e} ${h} ${t}`,
      );
    }
  });

  it("are a pure function of the seed", async () => {
    await write("hpatches");
    await write("again");
    await write("other", { seed: 5 });
    for (const file of ["v_a/ref.png", "v_b/t5.png", "i_a/h3.png"]) {
      const [one, two, other] = await Promise.all(
        ["hpatches", "again", "other"].map((name) =>
          Deno.readFile(join(folder, name, file))
        ),
      );
      deepEqual(one, two);
      notDeepEqual(one, other);
    }
  });

  it("are refused when a photograph has no room for them", async () => {
    const path = join(folder, "flat.png");
    const pixels = new Uint8Array(90000).fill(80);
    await Deno.writeFile(path, encodePng({ width: 300, height: 300, pixels }));
    await rejects(
      writeSequences(join(folder, "flat"), [{ name: "flat", path }], options),
      /Cannot cut test sequences: .*flat\.png: found room for 0 keypoints, wanted at least 20; hold out/,
    );
  });
});

describe("task files", () => {
  const contrasts = Float32Array.from({ length: 30 }, (_, i) => i < 3 ? 5 : 40);
  const sequences = ["i_a", "v_a", "i_b", "v_b"].map((name, i) => ({
    name,
    photograph: i >> 1,
    contrasts,
  }));

  it("name every split with two or more sequences", async () => {
    deepEqual(await writeTasks(folder, sequences, 1), [
      "photos",
      "full",
      "illum",
      "view",
    ]);
    const splits = await readSplits(join(folder, "splits", "splits.json"));
    deepEqual(splits.get("photos")!.test, ["i_a", "i_b", "v_a", "v_b"]);
    deepEqual(splits.get("illum"), {
      name: "illum",
      test: ["i_a", "i_b"],
      train: [],
    });
    deepEqual(await writeTasks(folder, sequences.slice(0, 2), 1), [
      "photos",
      "full",
    ]);
  });

  it("for verification pair patches as the official ones do", async () => {
    await writeTasks(folder, sequences, 1);
    const read = async (kind: string) => {
      const { sequences: names, first, second } = await readPairTask(
        join(folder, `${kind}_split-photos.csv`),
      );
      return Array.from(first.patch, (_, row) => ({
        s1: names[first.sequence[row]],
        t1: first.image[row],
        i1: first.patch[row],
        s2: names[second.sequence[row]],
        t2: second.image[row],
        i2: second.patch[row],
      }));
    };
    const positives = await read("verif_pos");
    const intra = await read("verif_neg_intra");
    const inter = await read("verif_neg_inter");
    deepEqual([positives.length, intra.length, inter.length], [480, 480, 480]);
    positives.forEach((pair, row) => {
      ok(pair.s1 === pair.s2 && pair.i1 === pair.i2 && pair.t1 !== pair.t2);
      deepEqual([intra[row].s1, intra[row].t1, intra[row].i1], [
        pair.s1,
        pair.t1,
        pair.i1,
      ]);
      ok(intra[row].s1 === intra[row].s2 && intra[row].i1 !== intra[row].i2);
      deepEqual([inter[row].s1, inter[row].t1, inter[row].i1], [
        pair.s1,
        pair.t1,
        pair.i1,
      ]);
      ok(
        inter[row].s1.slice(2) !== inter[row].s2.slice(2),
        "another photograph",
      );
      ok(pair.i1 < 30 && intra[row].i2 < 30 && inter[row].i2 < 30);
    });
    equal(new Set(positives.flatMap(({ t1, t2 }) => [t1, t2])).size, 6);
  });

  it("for retrieval keep queries out of the distractors, and pale patches out of both", async () => {
    await writeTasks(folder, sequences, 1);
    const read = async (kind: string) => {
      const task = await readQueryTask(
        join(folder, `${kind}_split-photos.csv`),
      );
      return Array.from(
        task.patch,
        (patch, row) => `${task.sequences[task.sequence[row]]},${patch}`,
      );
    };
    const queries = await read("retr_queries");
    const distractors = await read("retr_distractors");
    deepEqual([queries.length, distractors.length], [27, 81]);
    const all = [...queries, ...distractors];
    equal(new Set(all).size, 108);
    ok(all.every((patch) => Number(patch.split(",")[1]) >= 3));
  });

  it("depend on the seed alone", async () => {
    const text = async (seed: number) => {
      await writeTasks(folder, sequences, seed);
      return await Deno.readTextFile(
        join(folder, "verif_neg_inter_split-full.csv"),
      );
    };
    const first = await text(1);
    equal(await text(1), first);
    ok(await text(2) !== first);
  });
});
