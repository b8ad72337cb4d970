import { equal, match, ok } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { parseDescriptorCsv } from "../../data/csv/descriptor_text.ts";
import { DataError } from "../../data/errors.ts";
import {
  readPairTask,
  readQueryTask,
  readSplits,
} from "../../data/published/hpatches_tasks.ts";
import {
  encodeHeader,
  PackedPatches,
} from "../../data/patches/packed_patches.ts";
import { mutate } from "../helpers/data/mutations.ts";

const rounds = 10_000;

let folder: string;
beforeEach(async () => {
  folder = await Deno.makeTempDir();
});
afterEach(() => Deno.remove(folder, { recursive: true }));

/**
 * Damages a file in 10,000 ways and reads each: it is read or refused in one line, never anything else.
 *
 * @returns how many were refused
 */
async function refusals(
  whole: Uint8Array,
  read: (path: string) => unknown,
): Promise<number> {
  const path = join(folder, "damaged");
  let refused = 0;
  for (let number = 0; number < rounds; number++) {
    // Removed, not truncated: some file systems put a truncated file's new bytes on the disk before they go on.
    if (number > 0) Deno.removeSync(path);
    Deno.writeFileSync(path, mutate(whole, number));
    try {
      await read(path);
    } catch (error) {
      ok(error instanceof DataError, String(error));
      match(error.message, /^Cannot [^\n]+$/);
      refused++;
    }
  }
  return refused;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("a damaged file never brings the program down:", () => {
  it("splits.json", async () => {
    const text = JSON.stringify({
      a: { name: "a", test: ["v_x", "i_y"], train: ["v_z"] },
      full: { name: "full", test: ["v_x", "i_y", "v_z"] },
    });
    const refused = await refusals(bytesOf(text), readSplits);
    ok(refused > rounds / 4 && refused < rounds, String(refused));
  });

  it("a verification task", async () => {
    const rows = Array.from(
      { length: 8 },
      (_, i) => `v_x,${i % 6},${i},i_y,0,${7 - i}\n`,
    );
    const text = `s1,t1,idx1,s2,t2,idx2\n${rows.join("")}`;
    const refused = await refusals(bytesOf(text), async (path) => {
      const { first, second } = await readPairTask(path);
      equal(first.patch.length, second.patch.length);
      ok(first.image.every((image) => image < 6));
    });
    ok(refused > rounds / 4 && refused < rounds, String(refused));
  });

  it("a retrieval task", async () => {
    const text = "s,idx\nv_x,1\nv_x,20\ni_y,3\ni_y,4294967295\n";
    const refused = await refusals(bytesOf(text), readQueryTask);
    ok(refused > rounds / 4 && refused < rounds, String(refused));
  });

  it("a descriptor CSV", async () => {
    const row = "   0.50000,  -1.25000, 100.00000\n";
    const refused = await refusals(bytesOf(row.repeat(6)), (path) => {
      const table = parseDescriptorCsv(Deno.readFileSync(path), path);
      equal(table.values.length, table.rows * table.dimension);
      ok(table.values.every(Number.isFinite));
    });
    ok(refused > rounds / 4 && refused < rounds, String(refused));
  });

  it("the header of a packed patch set", async () => {
    const rest = new Uint8Array(2 * (4096 + 4)).fill(9);
    const refused = await refusals(encodeHeader(2), async (path) => {
      await Deno.writeFile(path, rest, { append: true });
      using set = await PackedPatches.open(path);
      equal(set.count, 2);
      set.read([1, 0]);
    });
    ok(refused > rounds * 0.9 && refused < rounds, String(refused));
  });

  it("a packed patch set", async () => {
    const whole = new Uint8Array(32 + 4096 + 4);
    whole.set(encodeHeader(1));
    const refused = await refusals(whole, async (path) => {
      using set = await PackedPatches.open(path);
      equal(set.read([0]).length, 4096);
    });
    ok(refused > rounds / 8 && refused < rounds, String(refused));
  });
});
