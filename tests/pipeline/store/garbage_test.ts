import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import {
  collectGarbage,
  type CollectOptions,
} from "../../../pipeline/store/garbage.ts";
import { isFile } from "../../../pipeline/files/file_tree.ts";
import { mostAbandonedBytes } from "../../../pipeline/store/leftovers.ts";
import { acquireLock, acquireMoment } from "../../../pipeline/store/lock.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

const never = new AbortController().signal;

function collect(workspace: Workspace, changes: Partial<CollectOptions> = {}) {
  return collectGarbage(workspace.store(), {
    needed: new Set(),
    isPresent: () => false,
    nowMs: Date.now(),
    dryRun: false,
    signal: never,
    ...changes,
  });
}

/** Stages whose results are stored. */
function stored(workspace: Workspace): string[] {
  return Object.values(workspace.tree(".cache/actions"))
    .map((text) => {
      const { facts } = JSON.parse(text);
      return `${facts.stage} ${Object.values(facts.parameters)[0]}`;
    }).sort();
}

/** Runs with two values of a parameter, the first one a day earlier. */
async function twoRuns(workspace: Workspace): Promise<void> {
  await workspace.run();
  const yesterday = new Date(Date.now() - 86_400_000);
  for (const path of Object.keys(workspace.tree(".cache/actions"))) {
    const file = workspace.path(`.cache/actions/${path}`);
    Deno.utimeSync(file, yesterday, yesterday);
  }
  workspace.settings.total.scale = 3;
  await workspace.run();
}

describe("collectGarbage", () => {
  it("removes what nothing names and what is damaged, and no result", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const folder = workspace.path(".cache/objects/ab");
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(join(folder, "ab".repeat(32)), "orphan");
    Deno.mkdirSync(workspace.path(".cache/quarantine"));
    workspace.write(`.cache/quarantine/${"ab".repeat(32)}.1`, "bad");
    Deno.mkdirSync(workspace.path(".cache/actions/ff"), { recursive: true });
    workspace.write(`.cache/actions/ff/${"f".repeat(64)}.json`, "{}");
    const before = workspace.tree(".cache");
    const planned = await collect(workspace, { dryRun: true });
    assert.deepEqual(workspace.tree(".cache"), before);
    const gone = await collect(workspace);
    assert.deepEqual(gone, planned);
    assert.deepEqual([gone.objects, gone.objectBytes], [1, 6]);
    assert.deepEqual([gone.quarantined, gone.quarantinedBytes], [1, 3]);
    assert.deepEqual(gone.results.map(({ key }) => key), ["f".repeat(64)]);
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
  });

  it("removes by age what was not used, and keeps what a result shares with it", async () => {
    using workspace = new Workspace();
    await twoRuns(workspace);
    const gone = await collect(workspace, { maxAgeMs: 3_600_000 });
    assert.deepEqual(gone.results.map(({ stage }) => stage).sort(), [
      "report",
      "total",
    ]);
    assert.deepEqual(stored(workspace), [
      "numbers 4",
      "report Total",
      "total 3",
    ]);
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
    workspace.settings.total.scale = 2;
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total", "report"]);
  });

  it("removes by size what was used longest ago", async () => {
    using workspace = new Workspace();
    await twoRuns(workspace);
    const { keptBytes } = await collect(workspace);
    const gone = await collect(workspace, { maxSizeBytes: keptBytes - 1 });
    assert.ok(gone.keptBytes < keptBytes);
    assert.ok(!stored(workspace).includes("total 2"));
    assert.ok(stored(workspace).includes("total 3"));
    await collect(workspace, { maxSizeBytes: 0 });
    assert.deepEqual(stored(workspace), []);
    assert.deepEqual(workspace.tree(".cache/objects"), {});
  });

  it("keeps what a present config used last, and what it needs", async () => {
    using workspace = new Workspace();
    await twoRuns(workspace);
    const file = workspace.path("small.toml");
    const isPresent = (path: string) => path === file;
    await collect(workspace, { maxSizeBytes: 0, isPresent });
    assert.deepEqual(stored(workspace), [
      "numbers 4",
      "report Total",
      "total 3",
    ]);
    const { stages: [{ key }] } = await workspace.plan();
    await collect(workspace, { maxSizeBytes: 0, needed: new Set([key!]) });
    assert.deepEqual(stored(workspace), ["numbers 4"]);
  });

  it("keeps what a running process needs, and does not wait for its hours", async () => {
    using workspace = new Workspace();
    let collected = 0;
    workspace.beforeRun = async (stage) => {
      if (stage !== "total") return;
      const gone = await collect(workspace, { maxSizeBytes: 0 });
      assert.deepEqual(gone.results, []);
      collected++;
    };
    await workspace.run();
    assert.equal(collected, 1);
    assert.equal(stored(workspace).length, 3);
  });

  it("waits for a process that stores or restores", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const share = await workspace.store().share({ signal: never });
    let done = false;
    const collecting = collect(workspace).then(() => done = true);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(done, false);
    assert.equal(
      await acquireMoment(workspace.store().lockPath, true),
      undefined,
    );
    share[Symbol.dispose]();
    await collecting;
  });

  it("gives up partial work that nobody needs or does", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const store = workspace.store();
    const [abandoned, needed, busy] = ["a", "b", "c"].map((digit) =>
      digit.repeat(64)
    );
    for (const key of [abandoned, needed, busy]) {
      Deno.mkdirSync(join(store.scratchDirectory, key), { recursive: true });
    }
    using _busy = await acquireLock(store.stageLockPath(busy), {
      what: "a stage",
      command: "test",
      wait: false,
      log: silentLog,
      signal: never,
    });
    const gone = await collect(workspace, { needed: new Set([needed]) });
    assert.deepEqual(gone.scratch, [abandoned]);
    assert.deepEqual(
      [...Deno.readDirSync(store.scratchDirectory)].map(({ name }) => name)
        .sort(),
      [needed, busy],
    );
  });
});

describe("what killed processes left half-written", () => {
  it("goes with the next run; tiles, which have no lock, after an hour", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const place = (path: string) => join(workspace.storeDirectory, path);
    for (const folder of ["index", "tiles"]) {
      Deno.mkdirSync(place(folder), { recursive: true });
    }
    const left = ["index/contents.json", "runs/a.json", "tiles/a.json"]
      .map((path) => place(`${path}.1-a-0.partial`));
    const young = place("tiles/b.json.1-a-0.partial");
    for (const path of [...left, young]) Deno.writeTextFileSync(path, "{");
    Deno.utimeSync(left[2], 1e9, 1e9);
    await workspace.run();
    assert.deepEqual(left.filter(isFile), []);
    assert.ok(isFile(young));
  });
});

describe("partial work that was given up", () => {
  it("is bounded: after a run what was touched longest ago goes", async () => {
    using workspace = new Workspace();
    const scratch = workspace.store().scratchDirectory;
    const ages = Array.from({ length: 6 }, (_, age) => age);
    const keyOf = (age: number) => String(age).repeat(64);
    for (const age of ages) {
      const folder = join(scratch, keyOf(age));
      Deno.mkdirSync(folder, { recursive: true });
      const file = join(folder, "checkpoint");
      Deno.writeTextFileSync(file, "");
      Deno.truncateSync(file, mostAbandonedBytes / 4); // takes no room: all holes
      const time = new Date(Date.now() - age * 60_000);
      Deno.utimeSync(file, time, time);
      Deno.utimeSync(folder, time, time);
    }
    await workspace.run();
    assert.deepEqual(
      [...Deno.readDirSync(scratch)].map(({ name }) => name).sort(),
      ages.slice(0, 4).map(keyOf),
    );
  });
});
