import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { writeWholeFile } from "../../../data/whole_file.ts";
import { writeFileAtomically } from "../../../pipeline/files/write_file.ts";

const writers: Record<string, (path: string, text: string) => Promise<void>> = {
  "a text": (path, text) => writeFileAtomically("write it", path, text),
  "bytes": (path, text) =>
    writeWholeFile(path, new TextEncoder().encode(text), "write it"),
};

for (const [what, write] of Object.entries(writers)) {
  describe(`writing ${what} where a user asked for it`, () => {
    it("takes the place of what was there, and of what a killed process left", async () => {
      const folder = Deno.makeTempDirSync();
      try {
        const path = join(folder, "out");
        Deno.writeTextFileSync(path, "before");
        Deno.writeTextFileSync(`${path}.partial`, "half of something longer");
        await write(path, "after");
        assert.deepEqual([...Deno.readDirSync(folder)].map((e) => e.name), [
          "out",
        ]);
        assert.equal(Deno.readTextFileSync(path), "after");
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    });

    it("follows no link there, and leaves what it leads to", async () => {
      const folder = Deno.makeTempDirSync();
      try {
        const path = join(folder, "out");
        Deno.writeTextFileSync(join(folder, "other"), "precious");
        Deno.symlinkSync("other", `${path}.partial`);
        await write(path, "after").catch(() => {}); // or refuses it
        assert.equal(Deno.readTextFileSync(join(folder, "other")), "precious");
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    });

    it("of two that do it at once lets each file be whole", async () => {
      const folder = Deno.makeTempDirSync();
      try {
        const path = join(folder, "out");
        const texts = ["a", "b"].map((letter) => letter.repeat(1 << 20));
        const ends = await Promise.allSettled(
          texts.map((text) => write(path, text)),
        );
        assert.ok(ends.some(({ status }) => status === "fulfilled"));
        assert.ok(texts.includes(Deno.readTextFileSync(path)));
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    });
  });
}
