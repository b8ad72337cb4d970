import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { parseConfig } from "../../../pipeline/config.ts";
import { sourceNames } from "../../../pipeline/config/source_names.ts";
import { datasetHosts } from "../../../pipeline/sources/dataset_hosts.ts";
import {
  diskNeed,
  setNeeds,
} from "../../../pipeline/sources/resource_estimate.ts";
import { sources } from "../../../pipeline/sources/sources.ts";

function configOf(source: string) {
  const mirror = `["https://sets.example/liberty.zip"]`;
  return parseConfig(
    `[download]\nsource = "${source}"\n[mirrors]\nliberty = ${mirror}\n`,
    "x.toml",
  );
}

describe("every source of patches", () => {
  for (const name of sourceNames) {
    it(`answers what a run with ${name} depends on and takes`, () => {
      const config = configOf(name);
      assert.equal(sources[name].parameters(config).source, name);
      const sets = setNeeds(config, "no such folder");
      const disk = diskNeed(config, sets);
      assert.ok(disk.results_bytes > 0);
      assert.ok(disk.total_bytes >= disk.results_bytes + disk.archives_bytes);
      // Whoever fetches reaches hosts, and whoever reaches hosts fetches.
      assert.equal(datasetHosts(config).length > 0, sets.length > 0);
    });
  }

  it("has parameters of its own, so that no result is taken for another's", () => {
    const keys = sourceNames.map((name) =>
      JSON.stringify(sources[name].parameters(configOf(name)))
    );
    assert.equal(new Set(keys).size, sourceNames.length);
  });
});

describe("the photographs refuse before anything is cut", () => {
  const refused = async (text: string, message: RegExp) => {
    const config = parseConfig(
      `[download]\nsource = "photos"\n${text}`,
      "x.toml",
    );
    await assert.rejects(sources.photos.externalFiles(config), message);
  };

  it("a split that they do not give", async () => {
    await refused(
      '[evaluate]\nsplits = ["full", "a"]',
      /^DataError: Cannot choose the splits: evaluate\.splits: found "a", wanted of 3 held-out photographs one of photos, full, illum, view$/,
    );
    await refused(
      'held_out = 1\n[evaluate]\nsplits = ["view"]',
      /found "view", wanted of 1 held-out photographs one of photos, full$/,
    );
  });

  it("bounds that leave fewer labels than a batch has, by the key that bounds them", async () => {
    await refused(
      'max_sets_per_img = 10\nheld_out = 3\n[evaluate]\nsplits = ["full"]',
      /download\.max_sets_per_img: found 10, so 60 labels of 6 photographs, wanted at least \d+ labels, those in a batch of stage/,
    );
  });

  it("bounds that contradict each other, and photographs without room for a batch", async () => {
    await refused(
      "min_sets_per_img = 1000\npatch_sets = 5999",
      /download\.patch_sets: found 5999, wanted at least min_sets_per_img · images = 1000 · 6/,
    );
    await refused(
      'sigmas_v = "50"\npatch_sets = 70000\nmax_sets_per_img = 20000\n[stage1]\nbatch_size = 65536\n[stage2]\nenabled = false',
      /Cannot cut training patches: bundled photographs: found room for \d+ at most, wanted at least 65536 labels, those in a batch of stage1/,
    );
  });
});

describe("the published sets refuse before anything is fetched", () => {
  const listed = (splits: string) =>
    sources.phototour.externalFiles(
      parseConfig(
        `[download]\nsource = "phototour"\n[evaluate]\nsplits = [${splits}]`,
        "x.toml",
      ),
    );

  it("a split that was not published, while the task files are not here", async () => {
    assert.deepEqual(await listed('"a", "full"'), []);
    await assert.rejects(
      listed('"a", "test"'),
      /^DataError: Cannot choose the splits: evaluate\.splits: found "test", wanted of the published task files one of a, b, c, full, illum, view; correct/,
    );
  });
});

describe("what decides which files are read is watched", () => {
  it("the folder of the user's photographs", () => {
    const { photos } = sources;
    const config = (keys: string) =>
      parseConfig(`[download]\nsource = "photos"\n${keys}`, "x.toml");
    assert.deepEqual(photos.watched(config('source_dir = "/a"')), ["/a"]);
    assert.deepEqual(photos.watched(config("")), []);
  });

  it("the folder of the data sets, and copies at mirrors on this machine", () => {
    const root = Deno.makeTempDirSync();
    try {
      const path = (name: string) => join(root, name);
      Deno.mkdirSync(path("sets/hpatches-release"), { recursive: true });
      Deno.mkdirSync(path("mirror/tasks/splits"), { recursive: true });
      Deno.writeTextFileSync(path("mirror/tasks/splits/splits.json"), "{}");
      Deno.writeTextFileSync(path("mirror/tasks/a.csv"), "");
      Deno.writeTextFileSync(path("liberty.zip"), "");
      const config = parseConfig(
        `[download]
source = "phototour"
source_dir = "${path("sets")}"
training_set = "liberty"
test_sets = ["notredame"]
[mirrors]
liberty = ["http://sets.example/liberty.zip", "file://${
          path("liberty.zip")
        }#md5=0123456789abcdef0123456789abcdef"]
notredame = ["file://${path("nowhere")}"]
hpatches = ["file://${path("unasked")}"]
tasks = ["file://${path("mirror")}"]
`,
        "x.toml",
      );
      assert.deepEqual(
        [...new Set(sources.phototour.watched(config))].sort(),
        [
          "liberty.zip",
          "mirror",
          "mirror/tasks",
          "mirror/tasks/a.csv",
          "mirror/tasks/splits/splits.json",
          "nowhere",
          "sets",
        ].map(path),
      );
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  });
});
