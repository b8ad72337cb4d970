import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { patchTypes } from "../../../data/patches/hpatches_layout.ts";
import {
  listReleaseFiles,
  writeReleaseDataset,
} from "../../../data/published/local_release.ts";
import { PackedPatches } from "../../../data/patches/packed_patches.ts";
import { findLocalSet } from "../../../data/published/local_sets.ts";
import { PublishedSets } from "../../../data/published/published_sets.ts";
import { digestSet } from "../../helpers/data/digest_set.ts";
import { encodePng } from "../../../data/images/png.ts";
import { makeTarGz, makeZip } from "../../helpers/data/archives.ts";
import { collage, encodeGreyBmp } from "../../helpers/data/test_images.ts";

let source: string;
let target: string;
beforeEach(async () => {
  source = await Deno.makeTempDir();
  target = await Deno.makeTempDir();
  for (const set of ["liberty", "yosemite"]) {
    await Deno.mkdir(join(source, set));
    await Deno.writeFile(
      join(source, set, "patches0000.bmp"),
      encodeGreyBmp(collage(1024, 1024, set.length)),
    );
    await Deno.writeTextFile(
      join(source, set, "info.txt"),
      "0 0\n0 0\n1 0\n1 0\n",
    );
    await Deno.writeTextFile(
      join(source, set, "m50_100000_100000_0.txt"),
      "0 0 0 1 0 0\n0 0 0 2 1 0\n",
    );
  }
  await Deno.mkdir(join(source, "hpatches-release", "i_a"), {
    recursive: true,
  });
  for (const type of patchTypes) {
    await Deno.writeFile(
      join(source, "hpatches-release", "i_a", `${type}.png`),
      encodePng(collage(65, 65, 1)),
    );
  }
  await Deno.mkdir(join(source, "tasks", "splits"), { recursive: true });
  await Deno.writeTextFile(
    join(source, "tasks", "splits", "splits.json"),
    '{"a": {"name": "a", "test": ["i_a"]}}',
  );
  await Deno.writeTextFile(
    join(source, "tasks", "retr_queries_split-a.csv"),
    "s,idx\ni_a,0\n",
  );
});
afterEach(async () => {
  await Deno.remove(source, { recursive: true });
  await Deno.remove(target, { recursive: true });
});

const options = () => ({ trainingSet: "liberty", testSets: ["yosemite"] });

/** The sets of the source folder; nothing is fetched. */
const sets = (onNote: (line: string) => void = () => {}) =>
  new PublishedSets({
    sourceDirectory: source,
    mirrors: {},
    pins: [],
    offline: true,
    downloadsDirectory: join(target, "downloads"),
    scratchDirectory: join(target, "scratch"),
    onProgress() {},
    onNote,
    signal: new AbortController().signal,
  });

describe("unpacked copies of the published sets", () => {
  it("become a data set of the common layout", async () => {
    const manifest = await writeReleaseDataset(target, sets(), options());
    deepEqual(manifest, {
      source: "phototour",
      training_patches: 4,
      training_labels: 2,
      test_sets: ["yosemite"],
      sequences: ["i_a"],
      splits: ["a"],
      leaks: [],
      contents: Object.fromEntries(
        await Promise.all(
          ["tasks", "hpatches", "liberty", "yosemite"].map(async (set) => [
            set,
            await digestSet(set, findLocalSet(source, set)!.path),
          ]),
        ),
      ),
    });
    using training = await PackedPatches.open(
      join(target, "training", "patches.bin"),
    );
    deepEqual([...training.labels], [0, 0, 1, 1]);
    for (
      const [from, to] of [
        ["yosemite/m50_100000_100000_0.txt", "test/yosemite/pairs.txt"],
        ["hpatches-release/i_a/t5.png", "hpatches/i_a/t5.png"],
        ["tasks/splits/splits.json", "tasks/splits/splits.json"],
        ["tasks/retr_queries_split-a.csv", "tasks/retr_queries_split-a.csv"],
      ]
    ) {
      deepEqual(
        await Deno.readFile(join(target, to)),
        await Deno.readFile(join(source, from)),
      );
    }
  });

  it("that show the scene of the training set, or its files, are told of", async () => {
    const leaks = async (testSet: string) => {
      const { leaks } = await writeReleaseDataset(target, sets(), {
        ...options(),
        testSets: [testSet],
      });
      return leaks;
    };
    await Deno.rename(
      join(source, "yosemite"),
      join(source, "liberty_harris"),
    );
    deepEqual(await leaks("liberty_harris"), [
      "the test set liberty_harris shows the scene of liberty, which is trained on: figures on it tell of memory too",
    ]);
    deepEqual(await leaks("liberty"), [
      "the test set liberty is the training set: figures on it tell of memory too",
    ]);
    await Deno.mkdir(join(source, "notredame"));
    for (const { name } of Deno.readDirSync(join(source, "liberty"))) {
      await Deno.copyFile(
        join(source, "liberty", name),
        join(source, "notredame", name),
      );
    }
    deepEqual(await leaks("notredame"), [
      "the test set notredame holds the very files of liberty, which is trained on: figures on it tell of memory too",
    ]);
  });

  it("are listed file by file", async () => {
    const files = await listReleaseFiles(source, options());
    equal(files.length, 2 * 3 + 16 + 2);
    for (const file of files) ok((await Deno.stat(file)).isFile, file);
  });

  it("are found among what systems leave beside them, and links around", async () => {
    const before = await listReleaseFiles(source, options());
    await Deno.writeTextFile(join(source, "tasks", "._a.csv"), "x");
    await Deno.mkdir(join(source, "tasks", "__MACOSX", "splits"), {
      recursive: true,
    });
    await Deno.writeTextFile(
      join(source, "tasks", "__MACOSX", "splits", "splits.json"),
      "x",
    );
    await Deno.symlink(".", join(source, "liberty", "around"));
    await Deno.symlink("nowhere", join(source, "yosemite", "lost"));
    deepEqual(await listReleaseFiles(source, options()), before);
  });

  it("say what else lies there, unpacked and in an archive", async () => {
    await Deno.writeTextFile(join(source, "liberty", "interest.txt"), "");
    await Deno.symlink("nowhere", join(source, "liberty", "lost"));
    await Deno.mkdir(join(source, "hpatches-release", "dome"));
    for (const name of ["dome/ref.png", "i_a/e6.png", ".DS_Store"]) {
      await Deno.writeTextFile(join(source, "hpatches-release", name), "");
    }
    const zipped = join(source, "yosemite.zip");
    const files = [...Deno.readDirSync(join(source, "yosemite"))].map((
      { name },
    ) => ({ name, bytes: Deno.readFileSync(join(source, "yosemite", name)) }));
    for (const name of ["notes/a.txt", "notes/b.txt"]) {
      files.push({ name, bytes: new Uint8Array(1) });
    }
    await Deno.writeFile(zipped, makeZip(files));
    await Deno.remove(join(source, "yosemite"), { recursive: true });
    const notes: string[] = [];
    await writeReleaseDataset(
      target,
      sets((line) => void notes.push(line)),
      options(),
    );
    deepEqual(notes, [
      `hpatches: passed over dome/, i_a/e6.png of ${
        join(source, "hpatches-release")
      }`,
      `liberty: passed over interest.txt, lost of ${join(source, "liberty")}`,
      `yosemite: passed over notes/ of ${zipped}`,
    ]);
  });

  it("are refused with what is missing or wrong", async () => {
    await rejects(
      listReleaseFiles(join(source, "none"), options()),
      /Cannot read the data sets: .*none: found no such file or folder, wanted a folder with unpacked sets or archives; correct download\.source_dir/,
    );
    await rejects(
      writeReleaseDataset(target, sets(), {
        ...options(),
        trainingSet: "notredame",
      }),
      /Cannot provide the data sets: notredame: found no copy in .*, and nothing is fetched \(offline\); put notredame\.zip, or them unpacked, into a folder/,
    );
    await Deno.writeTextFile(
      join(source, "yosemite", "m50_100000_100000_0.txt"),
      "0 0 0 2 0 0\n",
    );
    await rejects(
      writeReleaseDataset(target, sets(), options()),
      /m50_100000_100000_0\.txt: found 1 of 1 pairs at odds with the labels of info\.txt/,
    );
    await Deno.writeTextFile(
      join(source, "yosemite", "m50_100000_100000_0.txt"),
      "0 0 0 4 1 0\n",
    );
    await rejects(
      writeReleaseDataset(target, sets(), options()),
      /m50_100000_100000_0\.txt:1: found patch "4", wanted an integer from 0 to 3/,
    );
    await rejects(
      writeReleaseDataset(target, sets(), {
        ...options(),
        publishedCounts: true,
      }),
      /liberty.info\.txt: found 4 patches, wanted 450092, as the set was published/,
    );
    await Deno.writeFile(
      join(source, "hpatches-release", "i_a", "e4.png"),
      encodePng(collage(65, 130, 1)),
    );
    await rejects(
      writeReleaseDataset(target, sets(), options()),
      /Cannot read the HPatches release: .*found damaged sequences \(i_a: e4 of 2 patches beside 1\)/,
    );
    await Deno.remove(join(source, "hpatches-release", "i_a", "h2.png"));
    await rejects(
      writeReleaseDataset(target, sets(), options()),
      /a partial copy \(i_a without h2\)/,
    );
  });

  it("lack a split's files where another copy of the tasks can be tried", async () => {
    await Deno.rename(join(source, "tasks"), join(source, "elsewhere"));
    const fetched = new PublishedSets({
      sourceDirectory: source,
      mirrors: {
        tasks: ["missing", "elsewhere"].map((name) =>
          new URL(`file://${join(source, name)}`).href
        ),
      },
      pins: [],
      offline: true,
      downloadsDirectory: join(target, "downloads"),
      scratchDirectory: join(target, "scratch"),
      onProgress() {},
      signal: new AbortController().signal,
    });
    await Deno.mkdir(join(source, "elsewhere", "tasks"));
    for (const name of ["splits", "retr_queries_split-a.csv"]) {
      await Deno.rename(
        join(source, "elsewhere", name),
        join(source, "elsewhere", "tasks", name),
      );
    }
    await rejects(
      writeReleaseDataset(target, fetched, { ...options(), splits: ["a"] }),
      /^DataError: Cannot fetch tasks\.tar\.gz: found .*missing: no such file or folder; .*elsewhere: split a without verif_pos_split-a\.csv, .* instead of the five task files of each split; /,
    );
  });

  it("have their task files checked before any other set is asked for", async () => {
    const used: string[] = [];
    const folders = {
      requireAll() {},
      use: async (set: string, action: (source: string) => Promise<void>) => {
        used.push(set);
        await action(join(source, set));
        return "";
      },
    };
    for (
      const [split, message] of [
        ["full", /found no split "full", wanted one of a;/],
        ["a", /found split a without verif_pos_split-a\.csv, /],
      ] as const
    ) {
      await rejects(
        writeReleaseDataset(target, folders, { ...options(), splits: [split] }),
        message,
      );
    }
    deepEqual(used, ["tasks", "tasks"]);
  });

  it("are checked before anything is unpacked when the tasks are an archive", async () => {
    const list = () =>
      listReleaseFiles(source, { ...options(), splits: ["a"] });
    const pairs = "s1,t1,idx1,s2,t2,idx2\n";
    const pack = async (changes: Record<string, string>, ending = ".zip") => {
      const texts: Record<string, string> = {
        "splits/splits.json": '{"a": {"name": "a", "test": ["i_a"]}}',
        "verif_pos_split-a.csv": `${pairs}i_a,0,0,i_a,1,0\n`,
        "verif_neg_intra_split-a.csv": pairs,
        "verif_neg_inter_split-a.csv": pairs,
        "retr_queries_split-a.csv": "s,idx\ni_a,0\n",
        "retr_distractors_split-a.csv": "s,idx\n",
        ...changes,
      };
      const entries = Object.entries(texts)
        .map(([name, text]) => ({
          name: `tasks/${name}`,
          bytes: new TextEncoder().encode(text),
        }));
      const bytes = ending === ".zip" ? makeZip(entries) : makeTarGz(entries);
      await Deno.writeFile(join(source, `tasks${ending}`), bytes);
    };
    await Deno.remove(join(source, "tasks"), { recursive: true });
    for (const ending of [".zip", ".tar.gz"]) {
      await pack({}, ending);
      ok((await list()).includes(join(source, `tasks${ending}`)));
      const faults: [changes: Record<string, string>, message: RegExp][] = [
        [
          { "retr_queries_split-a.csv": "s, index\n" },
          /tasks\/retr_queries_split-a\.csv:1: found "s, index", wanted the header s,idx/,
        ],
        [
          { "verif_pos_split-a.csv": `${pairs}i_a,0,0,i_a,1,7\n` },
          /tasks\/verif_pos_split-a\.csv:2: found patch 7 of i_a, wanted below 1/,
        ],
        [{ "splits/splits.json": "{}" }, /splits\.json: found no split "a"/],
        [
          { "splits/splits.json": '{"a": {"test": ["v_b"]}}' },
          /found a partial copy \(without v_b of split a\)/,
        ],
      ];
      for (const [changes, message] of faults) {
        await pack(changes, ending);
        await rejects(list(), message);
      }
      await Deno.remove(join(source, `tasks${ending}`));
    }
    await Deno.writeFile(
      join(source, "tasks.tar.xz"),
      Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0),
    );
    await rejects(
      list(),
      /tasks\.tar\.xz: found an xz file, which is not supported, wanted a zip or tar\.gz; unpack it/,
    );
  });

  it("have to hold what the evaluation of a split reads", async () => {
    const list = (...splits: string[]) =>
      listReleaseFiles(source, { ...options(), splits });
    await rejects(
      list("full"),
      /Cannot read the HPatches release: .*splits\.json: found no split "full", wanted one of a; copy/,
    );
    await rejects(
      list("a"),
      /tasks: found split a without verif_pos_split-a\.csv, verif_neg_intra_split-a\.csv, verif_neg_inter_split-a\.csv, retr_distractors_split-a\.csv, wanted the five task files/,
    );
    for (
      const kind of [
        "verif_pos",
        "verif_neg_intra",
        "verif_neg_inter",
        "retr_distractors",
      ]
    ) {
      const path = join(source, "tasks", `${kind}_split-a.csv`);
      const header = kind === "retr_distractors"
        ? "s,idx"
        : "s1,t1,idx1,s2,t2,idx2";
      await Deno.writeTextFile(path, `${header}\n`);
    }
    const queries = join(source, "tasks", "retr_queries_split-a.csv");
    await Deno.writeTextFile(queries, "s,idx\ni_a,0\n");
    equal((await list("a")).length, 2 * 3 + 16 + 6);
    const positives = join(source, "tasks", "verif_pos_split-a.csv");
    const header = "s1,t1,idx1,s2,t2,idx2\n";
    for (
      const [path, text, message] of [
        [
          positives,
          "a,t1,idx1,b,t2,idx2\n",
          /verif_pos_split-a\.csv:1: found "a,t1,idx1,b,t2,idx2", wanted the header s1,t1,idx1,s2,t2,idx2/,
        ],
        [
          positives,
          `${header}i_a,0,0,i_a,1,0\ni_a,0,0,i_a,1,1\n`,
          /verif_pos_split-a\.csv:3: found patch 1 of i_a, wanted below 1, the patches of its strips/,
        ],
        [
          queries,
          "s,idx\nv_z,0\n",
          /retr_queries_split-a\.csv:2: found sequence v_z, wanted one whose strips are here/,
        ],
      ] as const
    ) {
      const sound = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text);
      await rejects(list("a"), message);
      await rejects(
        writeReleaseDataset(target, sets(), { ...options(), splits: ["a"] }),
        message,
      );
      await Deno.writeTextFile(path, sound);
    }
    const others = ["v_b", "v_c", "v_d", "v_e", "i_a"];
    await Deno.writeTextFile(
      join(source, "tasks", "splits", "splits.json"),
      JSON.stringify({ a: { name: "a", test: others } }),
    );
    await rejects(
      list("a"),
      /found a partial copy \(without v_b, v_c, v_d, and 1 more sequences of split a\), wanted its 5 sequences/,
    );
  });
});
