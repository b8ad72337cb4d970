import { deepEqual, equal, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { ColmapDatabase } from "../../../data/exchange/colmap_database.ts";
import type { ColmapDescriptors } from "../../../data/exchange/format_names.ts";
import {
  madeUpPhotograph,
  samplePairs,
  samplePhotographs,
} from "../../helpers/data/exchange_sample.ts";

let folder: string;

before(() => {
  folder = Deno.makeTempDirSync();
});

after(() => Deno.removeSync(folder, { recursive: true }));

function write(path: string, descriptors?: ColmapDescriptors) {
  using database = new ColmapDatabase(path, descriptors);
  for (const photograph of samplePhotographs) {
    database.addPhotograph(photograph);
  }
  for (const pair of samplePairs) database.addPair(pair);
  database.finish();
}

function rows(path: string, query: string) {
  using database = new DatabaseSync(path, { readOnly: true });
  return database.prepare(query).all().map((row) => ({ ...row }));
}

describe("COLMAP's database", () => {
  it("has the same bytes again, in place of an older file", () => {
    const [one, two] = ["one.db", "two.db"].map((name) => join(folder, name));
    write(one);
    Deno.writeTextFileSync(two, "an older file");
    Deno.writeTextFileSync(`${two}.partial`, "what a killed process left");
    Deno.writeTextFileSync(`${two}-wal`, "what a killed COLMAP left");
    write(two);
    throws(() => Deno.statSync(`${two}-wal`), Deno.errors.NotFound);
    deepEqual(Deno.readFileSync(two), Deno.readFileSync(one));
  });

  it("has descriptors as they are when asked for", () => {
    const path = join(folder, "float32.db");
    write(path, "float32");
    const [{ data, ...facts }] = rows(path, "SELECT * FROM descriptors");
    deepEqual(facts, { image_id: 1, rows: 5, cols: 512, type: -1 });
    deepEqual(
      new Float32Array((data as Uint8Array).slice().buffer),
      samplePhotographs[0].descriptors,
    );
  });

  it("has none when none are wanted", () => {
    const path = join(folder, "none.db");
    write(path, "none");
    deepEqual(rows(path, "SELECT * FROM descriptors"), []);
    equal(rows(path, "SELECT * FROM keypoints").length, 5);
  });

  it("is not there before it is finished, and leaves nothing when it never is", () => {
    const path = join(folder, "unfinished.db");
    {
      using database = new ColmapDatabase(path);
      database.addPhotograph(samplePhotographs[0]);
      throws(() => Deno.statSync(path), Deno.errors.NotFound);
    }
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    equal(left.some((name) => name.startsWith("unfinished")), false);
  });

  it("refuses a place that cannot be written, and a name twice, in one line", () => {
    const path = join(folder, "missing/folder.db");
    throws(() => new ColmapDatabase(path), {
      name: "DataError",
      message:
        /^Cannot write COLMAP's database: .*missing\/folder\.db: found .*, wanted a folder that can be written, with room for the file; create the folder, free space or choose another place$/,
    });
    using database = new ColmapDatabase(join(folder, "twice.db"));
    const photograph = madeUpPhotograph({ name: "a.jpg", count: 1 });
    database.addPhotograph(photograph);
    throws(() => database.addPhotograph(photograph), {
      name: "DataError",
      message: /UNIQUE constraint failed: images\.name/,
    });
  });
});
