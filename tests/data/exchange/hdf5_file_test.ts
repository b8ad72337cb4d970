import { deepEqual, equal, throws } from "node:assert/strict";
import { join } from "@std/path";
import { after, before, describe, it } from "@std/testing/bdd";
import { Hdf5File } from "../../../data/exchange/hdf5_file.ts";
import { RandomStream } from "../../../data/random.ts";
import { hdf5Members, hdf5Values } from "../../helpers/data/hdf5_lookup.ts";

let folder: string;

before(() => {
  folder = Deno.makeTempDirSync();
});

after(() => Deno.removeSync(folder, { recursive: true }));

const single = (...values: number[]) => ({
  shape: [values.length],
  data: Float32Array.from(values),
});

describe("an HDF5 file", () => {
  for (const count of [0, 1, 8, 9, 256, 257, 8192, 8193]) {
    it(`finds each of ${count} groups by its name`, () => {
      const path = join(folder, `${count}.h5`);
      using file = new Hdf5File(path);
      const stream = new RandomStream(3, "names", count);
      const names = Array.from(
        { length: count },
        (_, number) =>
          `${String.fromCodePoint(97 + stream.integer(0x400))}${number}`,
      );
      names.forEach((name, number) =>
        file.addGroup(name, { values: single(number) })
      );
      file.finish();
      const bytes = Deno.readFileSync(path);
      deepEqual(hdf5Members(bytes).sort(), names.sort());
      const step = Math.max(1, Math.floor(count / 50));
      for (let number = 0; number < count; number += step) {
        const name = names[number];
        deepEqual(
          hdf5Values(bytes, [name, "values"]),
          [Number(/\d+$/.exec(name)![0])],
        );
      }
    });
  }

  it("holds groups in groups, and datasets without values", () => {
    const path = join(folder, "nested.h5");
    using file = new Hdf5File(path);
    file.addGroup("a/b/c.jpg", { x: single(1, 2), none: single() });
    file.addGroup("a/d.jpg", {
      y: { shape: [2, 1], data: Int16Array.of(-1, 7) },
    });
    file.addGroup("e", { z: { shape: [1], data: Int32Array.of(-70000) } });
    file.finish();
    const bytes = Deno.readFileSync(path);
    deepEqual(hdf5Members(bytes), ["a", "e"]);
    deepEqual(hdf5Values(bytes, ["a", "b", "c.jpg", "x"]), [1, 2]);
    deepEqual(hdf5Values(bytes, ["a", "b", "c.jpg", "none"]), []);
    deepEqual(hdf5Values(bytes, ["a", "d.jpg", "y"]), [-1, 7]);
    deepEqual(hdf5Values(bytes, ["e", "z"]), [-70000]);
  });

  it("is not there before it is finished, and leaves nothing when it never is", () => {
    const path = join(folder, "unfinished.h5");
    {
      using file = new Hdf5File(path);
      file.addGroup("a", { x: single(1) });
      throws(() => Deno.statSync(path), Deno.errors.NotFound);
    }
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    equal(left.some((name) => name.startsWith("unfinished")), false);
  });

  for (const second of ["a/b", "a/b/c"]) {
    it(`refuses ${second} beside a/b`, () => {
      using file = new Hdf5File(join(folder, "refused.h5"));
      file.addGroup("a/b", { x: single(1) });
      throws(() => file.addGroup(second, { x: single(2) }), {
        message: `Cannot write HDF5: ${
          join(folder, "refused.h5")
        }: found two members named ${second}, or one inside the other, wanted names that differ; rename one of the photographs`,
      });
    });
  }
});
