import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  readTiles,
  type TileFacts,
  tileFacts,
  tilePath,
  writeTiles,
} from "../../../pipeline/adapter/tile_file.ts";

const facts = tileFacts({
  vendor: "65541",
  architecture: "",
  device: "0",
  description: "llvmpipe (LLVM 15.0.6, 256 bits)",
  deviceClass: "software",
});
const choice = new Map([
  ["dense 8192→128 at 1×1", { size: [4, 4], group: 8 } as const],
]);

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

describe("kept tiles", () => {
  it("are found by the facts they were measured under", async () => {
    assert.equal(readTiles(folder, facts), undefined);
    const path = await writeTiles(folder, facts, choice);
    assert.equal(path, tilePath(folder, facts));
    assert.deepEqual(readTiles(folder, facts), choice);
    assert.deepEqual(readTiles(folder, structuredClone(facts)), choice);
  });

  const others: Record<string, Partial<TileFacts>> = {
    "another adapter": {
      adapter: { ...facts.adapter, description: "llvmpipe (LLVM 19)" },
    },
    "another driver": { drivers: ["Vulkan 1.4.300, other.so"] },
    "another Deno": { deno: "3.0.0" },
    "kernels of another text": { kernels: "0".repeat(64) },
  };
  for (const [name, changed] of Object.entries(others)) {
    it(`are not those of ${name}`, async () => {
      await writeTiles(folder, facts, choice);
      const other = { ...facts, ...changed };
      assert.equal(readTiles(folder, other), undefined);
      assert.notEqual(tilePath(folder, other), tilePath(folder, facts));
      // Not even when a file of theirs comes under this name.
      Deno.renameSync(tilePath(folder, facts), tilePath(folder, other));
      assert.equal(readTiles(folder, other), undefined);
    });
  }

  it("are none when the file is damaged", async () => {
    const path = await writeTiles(folder, facts, choice);
    const whole = Deno.readTextFileSync(path);
    for (
      const damaged of [
        "",
        "null",
        "[]",
        whole.slice(0, -3),
        whole.replace('"group": 8', '"group": 9'),
        whole.replace("dense 8192", "dense 8193"),
        whole.replace('"tiles"', '"tile"'),
        whole.replace('"facts"', '"fact"'),
      ]
    ) {
      assert.notEqual(damaged, whole);
      Deno.writeTextFileSync(path, damaged);
      assert.equal(readTiles(folder, facts), undefined, damaged);
    }
  });

  it("are replaced whole by writers at the same time", async () => {
    const other = new Map([
      ["dense 8192→128 at 1×1", { size: [8, 2], group: 8 } as const],
    ]);
    const writes = Array.from(
      { length: 20 },
      (_, index) => writeTiles(folder, facts, index % 2 ? choice : other),
    );
    for (const write of writes) {
      await write;
      const size = readTiles(folder, facts)!.values().next().value!.size;
      assert.ok(["4,4", "8,2"].includes(size.join()));
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.equal(names.length, 1);
  });
});
