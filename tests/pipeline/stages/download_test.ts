import {
  deepEqual,
  equal,
  notDeepEqual,
  ok,
  rejects,
} from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  bundledPhotographs,
  listSequences,
  PackedPatches,
  patchTypes,
  readGreyImage,
  readImagePairs,
  readPairs,
  readPairTask,
  readQueryTask,
  readSequencePatches,
} from "../../../data/mod.ts";
import { parseConfig } from "../../../pipeline/config.ts";
import { readShownPhotographs } from "../../../pipeline/report/read_findings.ts";
import { download } from "../../../pipeline/stages/download.ts";
import { writeCollages } from "../../helpers/data/test_images.ts";
import { stageContext } from "./context.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
  await Deno.mkdir(join(folder, "images"));
  await writeCollages(
    join(folder, "images"),
    ["a.png", "b.png", "c.png"],
    260,
    250,
  );
});
afterEach(() => Deno.remove(folder, { recursive: true }));

function configWith(
  lines: string[],
  seed = 211,
  {
    patch_sets = 24,
    test_pairs = 40,
    patches_per_sequence = 10,
    sigmas_v = "2,3",
  } = {},
) {
  const text = `seed = ${seed}
[download]
source_dir = ${JSON.stringify(join(folder, "images"))}
patch_sets = ${patch_sets}
views = 3
held_out = 2
test_pairs = ${test_pairs}
patches_per_sequence = ${patches_per_sequence}
pairs_per_photograph = 2
sigmas_v = "${sigmas_v}"
${lines.join("\n")}
[stage1]
batch_size = 8
[stage2]
enabled = false
`;
  return parseConfig(text, "test.toml");
}

/** Runs the stage into a fresh folder and returns it. */
async function run(name: string, config = configWith([])) {
  const output = join(folder, name, "output");
  await Deno.mkdir(output, { recursive: true });
  await download.run(stageContext(join(folder, name), config));
  return output;
}

async function digests(
  directory: string,
  prefix = "",
): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for await (const entry of Deno.readDir(join(directory, prefix))) {
    const path = join(prefix, entry.name);
    if (entry.isDirectory) Object.assign(all, await digests(directory, path));
    else {
      const bytes = await Deno.readFile(join(directory, path));
      all[path] = createHash("sha256").update(bytes).digest("hex");
    }
  }
  return all;
}

describe("the download stage tells what the photographs gave less of", () => {
  it("in the log, and the manifest has the numbers", async () => {
    const place = join(folder, "few");
    await Deno.mkdir(join(place, "output"), { recursive: true });
    const context = stageContext(
      place,
      configWith([], 211, {
        patch_sets: 200,
        test_pairs: 1800,
        patches_per_sequence: 100,
        sigmas_v: "6",
      }),
    );
    await download.run(context);
    const { training_labels, photographs } = JSON.parse(
      await Deno.readTextFile(join(place, "output", "manifest.json")),
    );
    equal(photographs.training.a, training_labels);
    ok(training_labels < 200 && photographs.test_labels < 300);
    const [training, pairs, sequences, ...others] = context.warnings;
    deepEqual(others, []);
    equal(
      training,
      `training set: ${training_labels} labels, fewer than download.patch_sets = 200: 1 photograph has room for no more; add photographs, or change sigmas_v or weight_function`,
    );
    equal(
      pairs,
      `test pairs: ${photographs.test_labels} labels where download.test_pairs = 1800 wants 300, so labels come several times: the held-out photographs have room for no more; lower test_pairs or hold out more`,
    );
    const { i_b, i_c, v_b } = photographs.sequence_patches;
    equal(
      sequences,
      `test sequences: i_b of ${i_b} patches, v_b of ${v_b} patches, i_c of ${i_c} patches and 1 more, fewer than download.patches_per_sequence = 100: the held-out photographs have room for no more`,
    );
  });

  it("by the key that bounds them", async () => {
    const place = join(folder, "bounded");
    await Deno.mkdir(join(place, "output"), { recursive: true });
    const config = configWith(["max_sets_per_img = 20"]);
    const context = stageContext(place, config);
    await download.run(context);
    deepEqual(context.warnings, [
      "training set: 20 labels, fewer than download.patch_sets = 24: 1 photograph gave max_sets_per_img = 20; raise it or add photographs",
    ]);
  });

  it("and refuses fewer labels than a batch has", async () => {
    const config = configWith([], 211, {
      patch_sets: 200,
      sigmas_v: "6",
    });
    await rejects(
      run("fewer", {
        ...config,
        stage1: { ...config.stage1, batch_size: 190 },
      }),
      /Cannot cut training patches: .*images: found \d+ labels of 1 photograph, wanted at least 190 labels, those in a batch of stage1; add photographs/,
    );
  });
});

describe("the download stage compares what trains and what is held out", () => {
  it("and tells of one picture under two names, in the log and the manifest", async () => {
    await Deno.copyFile(
      join(folder, "images", "c.png"),
      join(folder, "images", "a.png"),
    );
    const place = join(folder, "leak");
    await Deno.mkdir(join(place, "output"), { recursive: true });
    const context = stageContext(place, configWith([]));
    await download.run(context);
    const { leaks } = JSON.parse(
      await Deno.readTextFile(join(place, "output", "manifest.json")),
    );
    deepEqual(leaks, [
      "the held-out photograph c shows the picture that a shows, which is trained on: figures on it tell of memory too; remove one of them",
    ]);
    deepEqual(context.warnings, leaks);
  });

  it("lets those held out train as well when asked to, and says so, while the tests stay what they were", async () => {
    const apart = await run("apart");
    await Deno.mkdir(join(folder, "all", "output"), { recursive: true });
    const context = stageContext(
      join(folder, "all"),
      configWith(["held_out_train = true"]),
    );
    await download.run(context);
    const all = join(folder, "all", "output");
    const { photographs, leaks } = JSON.parse(
      await Deno.readTextFile(join(all, "manifest.json")),
    );
    deepEqual(Object.keys(photographs.training), ["a", "b", "c"]);
    ok(
      Object.values(photographs.training).every((labels) => Number(labels) > 0),
    );
    deepEqual(photographs.held_out, ["b", "c"]);
    deepEqual(leaks, [
      "the held-out photographs b, c are trained on as well (download.held_out_train): figures on them tell of memory",
    ]);
    deepEqual(context.warnings, leaks);
    for (const path of ["test/photos/patches.bin", "hpatches/v_b/e1.png"]) {
      deepEqual(
        await Deno.readFile(join(all, path)),
        await Deno.readFile(join(apart, path)),
      );
    }
    const bytes = (root: string) =>
      Deno.readFile(join(root, "training", "patches.bin"));
    notDeepEqual(await bytes(all), await bytes(apart));
  });
});

describe("the download stage", () => {
  it("lays out everything the later stages read", async () => {
    const output = await run("one");
    const manifest = JSON.parse(
      await Deno.readTextFile(join(output, "manifest.json")),
    );
    deepEqual(manifest, {
      source: "photos",
      training_patches: 72,
      training_labels: 24,
      test_sets: ["photos"],
      sequences: ["i_b", "i_c", "v_b", "v_c"],
      splits: ["photos", "full", "illum", "view"],
      photographs: {
        training: { a: 24 },
        held_out: ["b", "c"],
        test_labels: 7,
        sequence_patches: { i_b: 10, i_c: 10, v_b: 10, v_c: 10 },
        ignored: [],
      },
      leaks: [],
    });
    using training = await PackedPatches.open(
      join(output, "training", "patches.bin"),
    );
    equal(training.count, 72);
    using test = await PackedPatches.open(
      join(output, "test", "photos", "patches.bin"),
    );
    const pairs = await readPairs(
      join(output, "test", "photos", "pairs.txt"),
      test.count,
    );
    equal(pairs.match.length, 40);
    deepEqual(
      await listSequences(join(output, "hpatches")),
      manifest.sequences,
    );
    const counts = new Map<string, number>();
    for (const sequence of manifest.sequences) {
      for (const type of patchTypes) {
        const { count } = await readSequencePatches(
          join(output, "hpatches"),
          sequence,
          type,
        );
        equal(count, counts.get(sequence) ?? count);
        counts.set(sequence, count);
      }
    }
    for (const [role, images] of [["test", 6], ["validation", 3]] as const) {
      const set = await readImagePairs(join(output, "pairs", role));
      equal(set.images.length, images);
      equal(set.pairs.length, images / 3 * 2);
    }
    for (const split of manifest.splits) {
      for (const kind of ["verif_pos", "verif_neg_intra", "verif_neg_inter"]) {
        const task = await readPairTask(
          join(output, "tasks", `${kind}_split-${split}.csv`),
        );
        for (const side of [task.first, task.second]) {
          side.patch.forEach((patch, row) =>
            ok(patch < counts.get(task.sequences[side.sequence[row]])!)
          );
        }
      }
      for (const kind of ["retr_queries", "retr_distractors"]) {
        const task = await readQueryTask(
          join(output, "tasks", `${kind}_split-${split}.csv`),
        );
        ok(task.patch.length > 0);
        task.patch.forEach((patch, row) =>
          ok(patch < counts.get(task.sequences[task.sequence[row]])!)
        );
      }
    }
  });

  it("shows the photographs in small with the keypoints that were taken, for a report to draw", async () => {
    const output = await run("shown");
    const manifest = JSON.parse(
      await Deno.readTextFile(join(output, "manifest.json")),
    );
    const shown = readShownPhotographs(output);
    deepEqual(
      shown.map(({ name, keypoints }) => [
        name,
        ...keypoints.map(({ use }) => use),
      ]),
      [
        ["a", "training"],
        ["b", "test pairs", "test sequences"],
        ["c", "test pairs", "test sequences"],
      ],
    );
    equal(shown[0].keypoints[0].count, manifest.training_labels);
    equal(
      shown[1].keypoints[0].count + shown[2].keypoints[0].count,
      manifest.photographs.test_labels,
    );
    const stem = join(output, "a");
    for (const { drawn, width, height, keypoints } of shown) {
      deepEqual([width, height], [260, 250]);
      deepEqual([drawn.width, drawn.height], [260, 250]);
      await Deno.writeFile(`${stem}.jpg`, Uint8Array.fromBase64(drawn.jpeg));
      const picture = await readGreyImage(`${stem}.jpg`);
      const original = await readGreyImage(
        join(folder, "images", `${shown[0].name}.png`),
      );
      deepEqual([picture.width, picture.height], [260, 250]);
      if (keypoints[0].use === "training") {
        const apart = picture.pixels.reduce(
          (sum, value, i) => sum + Math.abs(value - original.pixels[i]),
          0,
        );
        ok(apart / picture.pixels.length < 8, String(apart));
      }
      for (const { count, places } of keypoints) {
        equal(places.length, count);
        for (const [x, y, half] of places) {
          ok(half >= 9 && half <= 16 && x > half && x < 260 - half, `${half}`);
          ok(y > half && y < 250 - half);
        }
      }
    }
  });

  it("gives the same bytes for the same seed and others for another", async () => {
    const one = await digests(await run("one"));
    deepEqual(await digests(await run("two")), one);
    const other = await digests(await run("other", configWith([], 212)));
    const same = Object.keys(one).filter((path) => one[path] === other[path]);
    deepEqual(same.sort(), [
      "manifest.json",
      // The first image of a pair is the photograph itself.
      join("pairs", "test", "b", "1.png"),
      join("pairs", "test", "c", "1.png"),
      join("pairs", "validation", "a", "1.png"),
      join("tasks", "splits", "splits.json"),
    ]);
  });

  it("counts as parameters what can change a byte, and nothing else", () => {
    const base = download.parameters(configWith([]));
    const changes = [
      'weight_function = "uniform"',
      "min_sets_per_img = 2",
      "max_sets_per_img = 20",
    ];
    for (const line of changes) {
      notDeepEqual(download.parameters(configWith([line])), base, line);
    }
    notDeepEqual(download.parameters(configWith([], 5)), base);
    deepEqual(
      download.parameters(configWith(['training_set = "yosemite"'])),
      base,
    );
    const phototour = (lines: string[], seed: number) =>
      download.parameters(configWith(['source = "phototour"', ...lines], seed));
    deepEqual(phototour([], 1), phototour(["min_sets_per_img = 2"], 2));
    notDeepEqual(phototour([], 1), phototour(['training_set = "yosemite"'], 1));
  });

  it("names the photographs, the user's or the bundled, as external files", async () => {
    const files = await download.externalFiles!(configWith([]));
    deepEqual(
      files,
      ["a", "b", "c"].map((name) => join(folder, "images", `${name}.png`)),
    );
    const bundled = await download.externalFiles!(parseConfig("", "t.toml"));
    equal(bundled.length, bundledPhotographs.length);
    for (const [index, { name }] of bundledPhotographs.entries()) {
      ok(bundled[index].includes(name), bundled[index]);
      ok((await Deno.stat(bundled[index])).isFile);
    }
    deepEqual(
      await download.externalFiles!(configWith(['source = "phototour"'])),
      [],
    );
  });

  it("stops when the run is aborted", async () => {
    await Deno.mkdir(join(folder, "stopped", "output"), { recursive: true });
    const stopped = new AbortController();
    stopped.abort(new Error("stopped"));
    const context = stageContext(join(folder, "stopped"), configWith([]));
    await rejects(
      download.run({ ...context, signal: stopped.signal }),
      /stopped/,
    );
  });

  it("refuses a truncated JPEG, a foreign file and an empty folder in one line", async () => {
    const image = join(folder, "images", "b.png");
    await Deno.writeFile(
      image,
      Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
    );
    await rejects(
      run("jpeg"),
      /^DataError: Cannot read the image: .*b\.png: found a truncated JPEG/,
    );
    await Deno.writeTextFile(image, "words");
    await rejects(
      run("words"),
      /b\.png: found another format, wanted a JPEG, PNG, BMP, PPM or PGM/,
    );
    for (const name of ["a", "b", "c"]) {
      await Deno.remove(join(folder, "images", `${name}.png`));
    }
    await rejects(
      run("empty"),
      /found no image \(.*\), wanted at least 3; put images there/,
    );
  });
});
