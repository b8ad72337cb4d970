import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { sha256 } from "../../../pipeline/files/hash.ts";
import { type Finished, projectDirectory } from "../../helpers/command_line.ts";
import { collage } from "../../helpers/data/test_images.ts";
import { encodePng } from "../../../data/images/png.ts";
import { writeUntrainedModel } from "../../helpers/pipeline/untrained_model.ts";

let folder: string;

/** One place, seen twice: the second time 20 pixels further to the left; and another, stored turned. */
const photographs: [name: string, place: number, shift: number][] = [
  ["a.png", 0, 0],
  ["sub folder/b ü.png", 0, 20],
  ["sub folder/turned.png", 1, 0],
];

before(async () => {
  folder = Deno.makeTempDirSync();
  Deno.mkdirSync(join(folder, "photographs/sub folder"), { recursive: true });
  for (const [name, place, shift] of photographs) {
    const whole = collage(180, 120, place);
    const pixels = new Uint8Array(160 * 120);
    for (let y = 0; y < 120; y++) {
      const start = 180 * y + shift;
      pixels.set(whole.pixels.subarray(start, start + 160), 160 * y);
    }
    const picture = encodePng({ width: 160, height: 120, pixels });
    Deno.writeFileSync(
      join(folder, "photographs", name),
      name.endsWith("turned.png") ? withOrientation(picture, 6) : picture,
    );
  }
  const blank = { width: 90, height: 80, pixels: new Uint8Array(7200).fill(9) };
  Deno.writeFileSync(join(folder, "photographs/blank.png"), encodePng(blank));
  await writeUntrainedModel(join(folder, "model.safetensors"), 4);
});

after(() => Deno.removeSync(folder, { recursive: true }));

function start(...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      join(projectDirectory, "pipeline/cli.ts"),
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(...args: string[]): Promise<Finished> {
  const { code, stdout, stderr } = await start(...args).output();
  const decoder = new TextDecoder();
  return {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
}

const common = ["--model=model.safetensors", "--keypoints=40", "--quiet"];

/** Digests of the files in a folder, but for what is kept for the next run. */
function digests(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  const search = (within: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(within)) {
      const path = join(within, name);
      if (name === ".records") continue;
      if (isDirectory) search(path);
      else {found[path.slice(directory.length + 1)] = sha256(
          Deno.readFileSync(path),
        );}
    }
  };
  search(directory);
  return found;
}

function records(directory: string): string[] {
  return [...Deno.readDirSync(join(folder, directory, ".records"))]
    .map(({ name }) => name).filter((name) => name.endsWith(".safetensors"));
}

/** A PNG with an Exif chunk behind its header. */
function withOrientation(png: Uint8Array, orientation: number): Uint8Array {
  const headerEnd = 33;
  // A TIFF directory with one entry: tag 0x0112, one short.
  const chunk = new Uint8Array(12 + 26);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, 26);
  chunk.set(new TextEncoder().encode("eXIfMM"), 4);
  [42, 0, 8, 1, 0x0112, 3, 0, 1, orientation].forEach((value, index) =>
    view.setUint16(10 + 2 * index, value)
  );
  view.setUint32(34, crc32(chunk.subarray(4, 34)));
  return Uint8Array.from([
    ...png.subarray(0, headerEnd),
    ...chunk,
    ...png.subarray(headerEnd),
  ]);
}

describe("features and pairs", () => {
  it("write a folder's photographs, go on where a run was interrupted, and give the same bytes", async () => {
    const whole = await run(
      ...["pairs", "photographs", "--format=colmap", "--out=whole"],
      ...common,
    );
    assert.equal(whole.code, 0, whole.stderr);
    const lines = whole.stdout.trimEnd().split("\n");
    assert.match(lines[1], /^photographs {2}4, 120 keypoints$/);
    assert.match(
      lines[2],
      /^pairs {8}6, \d+ matches; a geometry in 1 pairs, \d+ matches agree with it$/,
    );
    assert.equal(lines[3], "written      database.db; in whole");

    const child = start(
      ...["pairs", "photographs", "--format=colmap", "--out=cut"],
      ...common,
    );
    for (;;) {
      const isThere = await Deno.stat(join(folder, "cut/.records")).then(
        () => records("cut").length > 0,
        () => false,
      );
      if (isThere) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGKILL");
    await child.output();
    assert.ok(records("cut").length < 4);
    assert.deepEqual(digests(join(folder, "cut")), {});

    // And as a run leaves it that is killed while it writes a pair, and with a record gone bad.
    const [journal] = [...Deno.readDirSync(join(folder, "whole/.records"))]
      .map(({ name }) => name).filter((name) => name.endsWith(".journal"));
    const entries = Deno.readFileSync(join(folder, "whole/.records", journal));
    Deno.writeFileSync(
      join(folder, "cut/.records", journal),
      entries.subarray(0, Math.floor(entries.length * 0.6)),
    );
    const record = join(folder, "cut/.records", records("cut")[0]);
    const bytes = Deno.readFileSync(record);
    bytes[bytes.length - 9] ^= 1;
    Deno.writeFileSync(record, bytes);

    const rest = await run(
      ...["pairs", "photographs", "--format=colmap", "--out=cut"],
      ...common,
    );
    assert.equal(rest.code, 0, rest.stderr);
    assert.deepEqual(
      digests(join(folder, "cut")),
      digests(join(folder, "whole")),
    );
  });

  it("find the pairs that show one place, and no geometry between others", () => {
    const path = join(folder, "whole/database.db");
    using database = new DatabaseSync(path, { readOnly: true });
    const images = database.prepare("SELECT name FROM images").all();
    assert.deepEqual(images.map(({ name }) => name), [
      "a.png",
      "blank.png",
      "sub folder/b ü.png",
      "sub folder/turned.png",
    ]);
    const held = database.prepare(
      "SELECT pair_id, config, H FROM two_view_geometries WHERE config <> 1",
    ).all();
    // A shift by 20 pixels is a homography: no fundamental matrix can be told.
    assert.deepEqual(
      held.map(({ pair_id, config }) => [Number(pair_id) % 2147483647, config]),
      [[3, 6]],
    );
    const map = new Float64Array((held[0].H as Uint8Array).slice().buffer);
    const shift = map.map((entry) => entry / map[8]);
    assert.ok(Math.abs(shift[2] + 20) < 1, `${shift}`);
    assert.ok(Math.abs(shift[5]) < 1, `${shift}`);
    const tried = database.prepare("SELECT count(*) AS n FROM matches").get();
    assert.equal(tried!.n, 6);
  });

  it("take another format from what is kept, without the network", async () => {
    const before = records("whole");
    const { code, stdout, stderr } = await run(
      ...["features", "photographs", "--format=csv", "--out=whole"],
      ...common,
    );
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /\nwritten {6}NAME\.csv of each photograph; in whole\n/,
    );
    assert.deepEqual(records("whole"), before);
    const table = Deno.readTextFileSync(
      join(folder, "whole/sub folder/b ü.png.csv"),
    );
    assert.equal(table.trimEnd().split("\n").length, 41);
    const empty = Deno.readTextFileSync(join(folder, "whole/blank.png.csv"));
    assert.equal(empty.trimEnd().split("\n").length, 1);
  });

  it("match the pairs of a list", async () => {
    Deno.writeTextFileSync(
      join(folder, "pairs.txt"),
      "# two\nblank.png a.png\n\nsub folder/b ü.png sub folder/turned.png\na.png\tblank.png\n",
    );
    const { code, stdout, stderr } = await run(
      ...["pairs", "photographs", "--format=hloc", "--list=pairs.txt"],
      ...["--out=whole", "--geometry=none", ...common],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\npairs {8}2, \d+ matches\n/);
    assert.equal(
      Deno.readTextFileSync(join(folder, "whole/pairs.txt")),
      "blank.png a.png\nsub folder/b ü.png sub folder/turned.png\n",
    );
    assert.match(
      stderr,
      /^warning: 2 photographs have blanks in their names, sub folder\/b ü\.png, sub folder\/turned\.png: /,
    );
  });

  it("name a photograph that cannot be read, pass over it, and end with 1", async () => {
    Deno.mkdirSync(join(folder, "some"), { recursive: true });
    Deno.copyFileSync(
      join(folder, "photographs/a.png"),
      join(folder, "some/a.png"),
    );
    Deno.writeTextFileSync(join(folder, "some/broken.jpg"), "no picture");
    Deno.writeTextFileSync(join(folder, "some/notes.txt"), "notes");
    const { code, stdout, stderr } = await run(
      ...["pairs", "some", "--format=csv", "--out=whole", ...common],
    );
    assert.equal(code, 1, stderr);
    assert.equal(
      stderr,
      "warning: Cannot read the image: some/broken.jpg: found another format, wanted a JPEG, PNG, BMP, PPM or PGM; " +
        "convert, replace or remove the file; passed over\n",
    );
    assert.match(
      stdout,
      /\nphotographs {2}1, 40 keypoints; 1 passed over\npairs {8}0, 0 matches/,
    );
    assert.deepEqual(
      Deno.readTextFileSync(join(folder, "whole/matches.csv")),
      "left,right,left_keypoint,right_keypoint,distance,ratio,inlier\n",
    );
  });

  it("tell COLMAP where keypoints are in the picture as it is stored", () => {
    const name = "sub folder/turned.png";
    const table = Deno.readTextFileSync(join(folder, "whole", `${name}.csv`));
    const upright = table.trimEnd().split("\n").slice(1).map((line) =>
      line.split(",").map(Number)
    );
    using database = new DatabaseSync(join(folder, "whole/database.db"), {
      readOnly: true,
    });
    const stored = database.prepare(
      "SELECT width, height, data FROM images JOIN cameras USING (camera_id) JOIN keypoints USING (image_id) WHERE name = ?",
    ).get(name)!;
    // The file has 160×120 pixels, of which 120×160 are made.
    assert.deepEqual([stored.width, stored.height], [160, 120]);
    const rows = new Float32Array((stored.data as Uint8Array).slice().buffer);
    assert.equal(rows.length, 6 * upright.length);
    upright.forEach(([x, y], index) => {
      const [u, v] = rows.subarray(6 * index);
      assert.ok(Math.abs(u - (y + 0.5)) < 1e-4, `${u}, ${y}`);
      assert.ok(Math.abs(v - (119 - x + 0.5)) < 1e-4, `${v}, ${x}`);
    });
  });

  const refused: [what: string, args: string[], message: string][] = [
    [
      "a format that is none",
      ["features", "photographs", "--format=sift"],
      "Cannot run features: found --format sift, wanted colmap or colmap-text or hloc or npz or eth or opencv or mat or csv",
    ],
    [
      "matches in a format without them",
      ["pairs", "photographs", "--format=npz"],
      "Cannot run pairs: found --format npz, wanted colmap or colmap-text or hloc or eth or csv",
    ],
    [
      "a path that leads nowhere",
      ["features", "nowhere", "--format=csv"],
      "Cannot list the photographs: nowhere: found no such file or folder, wanted a photograph or a folder of them; check the path",
    ],
    [
      "a list with a name that is no photograph's",
      ["pairs", "photographs", "--format=csv", "--list=wrong.txt"],
      'Cannot read the pairs: wrong.txt:2: found "a.png c.png", wanted the names of two of the photographs; put a tab between them, and name them as in their folder',
    ],
    [
      "to leave out what no geometry refutes",
      [
        ...["pairs", "photographs", "--format=hloc"],
        ...["--geometry=none", "--only-inliers"],
      ],
      "Cannot run pairs: found --only-inliers with --geometry none, wanted a geometry, which alone can refute matches",
    ],
    [
      "names that hloc takes for one",
      ["pairs", "alike", "--format=hloc"],
      "Cannot write the matches for hloc: a/b.png: found a-b.png, as hloc calls a-b.png, too, wanted names that differ when each / is a -; rename one of the two",
    ],
    [
      "nothing but what cannot be read",
      ["features", "some/broken.jpg", "--format=csv", "--out=nothing"],
      "Cannot describe the photographs: some/broken.jpg: found none that can be read, wanted at least one",
    ],
  ];
  it("refuse a folder in place of a network", async () => {
    const { code, stderr } = await run(
      ...["features", "photographs", "--format=csv", "--model=photographs"],
    );
    assert.equal(
      stderr,
      "Cannot read the network: photographs: found a folder, wanted a readable file\n",
    );
    assert.equal(code, 2);
  });

  for (const [what, args, message] of refused) {
    it(`refuse ${what} in one line`, async () => {
      Deno.writeTextFileSync(
        join(folder, "wrong.txt"),
        "a.png blank.png\na.png c.png\n",
      );
      Deno.mkdirSync(join(folder, "alike/a"), { recursive: true });
      for (const name of ["a/b.png", "a-b.png"]) {
        Deno.writeTextFileSync(join(folder, "alike", name), "");
      }
      const { code, stdout, stderr } = await run(...args, ...common);
      assert.equal(stderr.trimEnd().split("\n").at(-1), message);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    });
  }
});
