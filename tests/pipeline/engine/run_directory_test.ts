import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { RunDirectory } from "../../../pipeline/engine/run_directory.ts";
import type { OutputFile } from "../../../pipeline/store/action_record.ts";
import { Store } from "../../../pipeline/store/store.ts";

const signal = new AbortController().signal;

describe("a run folder that two processes open, one after the other having it", () => {
  it("is known to the second as the first left it", async () => {
    const root = Deno.makeTempDirSync({ prefix: "run-directory-" });
    try {
      const store = new Store(join(root, ".cache"));
      await store.create({ signal });
      const outputs: OutputFile[] = [];
      for (const path of ["model.bin", "old.csv"]) {
        const file = join(root, path);
        Deno.writeTextFileSync(file, path);
        outputs.push({ path, ...await store.objects.take(file) });
      }
      const configs = ["first.toml", "second.toml"]
        .map((name) => join(root, name));
      for (const config of configs) Deno.writeTextFileSync(config, "");
      const folder = join(root, "runs/lib");
      const [first, second] = configs.map(() =>
        new RunDirectory(folder, store.runStatePath(folder), store.objects)
      );
      await first.create();
      await first.giveTo(configs[0]);
      await first.restore("stage1", outputs);
      await second.create();
      assert.equal(
        await second.giveTo(configs[1]),
        Deno.realPathSync(configs[0]),
      );
      await second.restore("stage1", outputs.slice(0, 1));
      assert.deepEqual(
        [...Deno.readDirSync(join(folder, "stage1"))].map(({ name }) => name),
        ["model.bin"],
      );
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  });
});
