import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { RunDirectory } from "../../../pipeline/engine/run_directory.ts";
import { Store } from "../../../pipeline/store/store.ts";
import {
  finishRun,
  folderTrials,
  killAfter,
  killTrials,
  outcomeOf,
  startRun,
  startScript,
} from "../../helpers/pipeline/kill_trials.ts";

/** `tests/bench/kill_bench.ts` does the same with 300. */
const kills = 20;

async function withFolders(
  test: (folders: [string, string]) => Promise<void>,
): Promise<void> {
  const folders: [string, string] = [
    Deno.makeTempDirSync({ prefix: "crash-" }),
    Deno.makeTempDirSync({ prefix: "crash-" }),
  ];
  try {
    await test(folders);
  } finally {
    for (const folder of folders) Deno.removeSync(folder, { recursive: true });
  }
}

describe("a killed run", () => {
  it(`leaves a store from which the next run ends with the same bytes, ${kills} times`, async () => {
    await withFolders(async (folders) => {
      const tally = await killTrials(folders, kills, 1);
      assert.ok(tally.resumed > 0, "no run was killed after its first stage");
    });
  });
});

describe("a run folder that is being tried", () => {
  it("keeps nothing of a killed process after the next trial", async () => {
    const root = Deno.makeTempDirSync({ prefix: "crash-" });
    try {
      const folder = join(root, "runs/tried");
      for (let kill = 0; kill < 5; kill++) {
        await killAfter(startScript(folderTrials, root), kill);
      }
      const { objects } = new Store(join(root, ".cache"));
      await new RunDirectory(folder, join(root, "tried.json"), objects)
        .create();
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    } finally {
      Deno.removeSync(root, { recursive: true });
    }
  });
});

describe("processes on one store and one config", () => {
  for (const count of [2, 8]) {
    it(`give one result when they are ${count}: one computes, the others find it fresh`, async () => {
      await withFolders(async ([alone, shared]) => {
        await finishRun(startRun(alone));
        const said = await Promise.all(
          Array.from({ length: count }, () => finishRun(startRun(shared))),
        );
        assert.deepEqual(said.sort(), [
          ...Array(count - 1).fill("fresh fresh fresh"),
          "ran ran ran",
        ]);
        assert.deepEqual(outcomeOf(shared), outcomeOf(alone));
      });
    });
  }
});
