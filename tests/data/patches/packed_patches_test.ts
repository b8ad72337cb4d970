import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PackedPatches } from "../../../data/patches/packed_patches.ts";
import { PackedPatchesWriter } from "../../../data/patches/packed_patches_writer.ts";

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

function patchOf(number: number): Uint8Array {
  return Uint8Array.from(
    { length: 4096 },
    (_, i) => (number * 31 + i * 7) & 255,
  );
}

async function write(count: number): Promise<string> {
  const path = join(folder, "patches.bin");
  using writer = await PackedPatchesWriter.create(path);
  for (let i = 0; i < count; i++) {
    writer.append(patchOf(i), i === 0 ? 0xffffffff : i >> 1);
  }
  await writer.finish();
  return path;
}

describe("packed patches", () => {
  it("give back what was written, for counts around the writer's block", async () => {
    for (const count of [0, 1, 255, 256, 257, 700]) {
      using patches = await PackedPatches.open(await write(count));
      equal(patches.count, count);
      const all = patches.read(
        Uint32Array.from({ length: count }, (_, i) => i),
      );
      for (let i = 0; i < count; i++) {
        deepEqual(all.subarray(i * 4096, (i + 1) * 4096), patchOf(i));
        equal(patches.labels[i], i === 0 ? 0xffffffff : i >> 1);
      }
    }
  });

  it("are read in any order, with repetition, into a given array", async () => {
    using patches = await PackedPatches.open(await write(300));
    const indices = [299, 0, 1, 2, 2, 150, 149];
    const into = new Uint8Array(8 * 4096).fill(9);
    const view = patches.read(indices, into);
    equal(view.length, 7 * 4096);
    equal(view.buffer, into.buffer);
    indices.forEach((index, i) =>
      deepEqual(view.subarray(i * 4096, (i + 1) * 4096), patchOf(index))
    );
    ok(into.subarray(7 * 4096).every((byte) => byte === 9));
  });

  it("refuse an index outside the set and a short target", async () => {
    using patches = await PackedPatches.open(await write(3));
    throws(
      () => patches.read([0, 3]),
      /patches\.bin: found patch index 3, wanted 0 to 2;/,
    );
    throws(
      () => patches.read([1, 2, 3]),
      /found patch index 3, wanted 0 to 2;/,
    );
    throws(() => patches.read([-1]), /found patch index -1,/);
    throws(() => patches.read([0.5]), /found patch index 0.5,/);
    throws(
      () => patches.read([0], new Uint8Array(8)),
      /found room for 8 bytes, wanted 4096 bytes/,
    );
  });

  it("refuse files that are missing, foreign or of another length, in one line", async () => {
    const path = await write(2);
    const bytes = await Deno.readFile(path);
    const refused = async (content: Uint8Array, message: RegExp) => {
      await Deno.writeFile(path, content);
      await rejects(PackedPatches.open(path), (error: Error) => {
        equal(error.name, "DataError");
        ok(!error.message.includes("\n"));
        ok(message.test(error.message), error.message);
        return true;
      });
    };
    await refused(
      new Uint8Array(4),
      /found 4 bytes, wanted a packed patch set/,
    );
    await refused(
      bytes.subarray(0, bytes.length - 1),
      /found 8231 bytes, wanted 8232 bytes for 2/,
    );
    await refused(new Uint8Array([...bytes, 0]), /found 8233 bytes/);
    await refused(bytes.with(0, 7), /found another kind of file/);
    await refused(bytes.with(8, 65), /found another kind of file/);
    await rejects(
      PackedPatches.open(join(folder, "none")),
      /none: found .*; run the download stage/,
    );
    await rejects(PackedPatches.open(folder), /DataError|packed patches/);
  });

  it("never stand under their name before they are whole", async () => {
    const path = join(folder, "half.bin");
    {
      using writer = await PackedPatchesWriter.create(path);
      writer.append(patchOf(0), 1);
    }
    deepEqual([...Deno.readDirSync(folder)], []);
    await rejects(
      PackedPatchesWriter.create(join(folder, "none", "x.bin")),
      /Cannot write packed patches: .*; choose a folder that can be written/,
    );
  });

  it("refuse patches of another size and impossible labels", async () => {
    using writer = await PackedPatchesWriter.create(join(folder, "x.bin"));
    throws(
      () => writer.append(new Uint8Array(4095), 0),
      /found 4095 bytes, wanted 4096 bytes/,
    );
    for (const label of [-1, 1.5, 2 ** 32, NaN]) {
      throws(
        () => writer.append(patchOf(0), label),
        /found label .*, wanted an integer from 0/,
      );
    }
    equal(writer.count, 0);
  });
});
