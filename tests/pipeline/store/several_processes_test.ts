import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { acceptStages } from "../../../pipeline/accept.ts";
import { isFile, namesIn } from "../../../pipeline/files/file_tree.ts";
import { silentLog } from "../../../pipeline/log.ts";
import {
  boundScratch,
  removeLeftovers,
} from "../../../pipeline/store/leftovers.ts";
import { acquireMoment } from "../../../pipeline/store/lock.ts";
import { checkStore } from "../../../pipeline/store/store_check.ts";
import { storeUsage } from "../../../pipeline/store/store_usage.ts";
import type { Store } from "../../../pipeline/store/store.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

const never = new AbortController().signal;

/** Long enough for whoever does not wait for the store's lock. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60));
}

/** The store's lock, as whoever tidies up has it. */
async function holdAlone(store: Store): Promise<Disposable> {
  return (await acquireMoment(store.lockPath, true, { signal: never }))!;
}

function tagPath(store: Store): string {
  return join(store.root, "CACHEDIR.TAG");
}

/** Removes the half-written files of dead processes, as every run does, at each moment at which one begins to grow here. */
async function withConstantTidying(
  store: Store,
  action: () => Promise<unknown>,
): Promise<{ spared: string[]; taken: string[] }> {
  const { open } = Deno;
  const found = { spared: [] as string[], taken: [] as string[] };
  Deno.open = async (path, options) => {
    const file = await open(path, options);
    const [kind] = relative(store.root, String(path)).split(/[/.]/);
    if (kind !== "" && String(path).endsWith(".partial")) {
      await removeLeftovers(store);
      found[isFile(String(path)) ? "spared" : "taken"].push(kind);
    }
    return file;
  };
  try {
    await action();
  } catch (error) {
    if (found.taken.length === 0) throw error;
  } finally {
    Deno.open = open;
  }
  return found;
}

/** Empties a folder as soon as its names were read: another process has ended what it did there. */
async function whileEmptied(
  folder: string,
  action: () => unknown,
): Promise<void> {
  const { readDirSync } = Deno;
  Deno.readDirSync = (path) => {
    const entries = [...readDirSync(path)];
    if (path !== folder) return entries[Symbol.iterator]();
    for (const { name } of entries) {
      Deno.removeSync(join(folder, name), { recursive: true });
    }
    return entries[Symbol.iterator]();
  };
  try {
    await action();
  } finally {
    Deno.readDirSync = readDirSync;
  }
}

describe("a store that is made", () => {
  it("waits for whoever tidies up there, and holds nothing half-written meanwhile", async () => {
    using workspace = new Workspace();
    const store = workspace.store();
    const alone = await holdAlone(store);
    const making = store.create({ signal: never });
    await aMoment();
    assert.deepEqual(namesIn(store.root), ["lock"]);
    alone[Symbol.dispose]();
    await making;
    assert.match(Deno.readTextFileSync(tagPath(store)), /^Signature: 8a477f/);
  });

  it("stops waiting when aborted", async () => {
    using workspace = new Workspace();
    using _alone = await holdAlone(workspace.store());
    const controller = new AbortController();
    const running = workspace.run({ signal: controller.signal });
    setTimeout(() => controller.abort(new Error("interrupted")), 40);
    await assert.rejects(running, /interrupted/);
    assert.deepEqual(namesIn(workspace.storeDirectory), ["lock"]);
  });

  it("is run by the code that was loaded before the waiting", async () => {
    using workspace = new Workspace();
    const alone = await holdAlone(workspace.store());
    const running = workspace.run();
    await aMoment();
    workspace.write("code/total.ts", "edited();\n");
    alone[Symbol.dispose]();
    await running;
    assert.equal((await workspace.plan()).stages[1].reasons[0].kind, "code");
  });

  it("gets its tag once, and again where that is damaged", async () => {
    using workspace = new Workspace();
    const store = workspace.store();
    await store.create({ signal: never });
    const text = Deno.readTextFileSync(tagPath(store));
    Deno.utimeSync(tagPath(store), 1e9, 1e9);
    await store.create({ signal: never });
    assert.equal(Deno.statSync(tagPath(store)).mtime?.getTime(), 1e12);
    Deno.writeTextFileSync(tagPath(store), text.slice(0, 20));
    await store.create({ signal: never });
    assert.equal(Deno.readTextFileSync(tagPath(store)), text);
  });

  for (const name of ["CACHEDIR.TAG", "lock"]) {
    it(`is refused where a folder is in place of its ${name}`, async () => {
      using workspace = new Workspace();
      const place = join(workspace.storeDirectory, name);
      Deno.mkdirSync(place, { recursive: true });
      await assert.rejects(workspace.run(), {
        message:
          `Cannot use the store: ${place}: found a directory in place of a file; move that directory away`,
      });
    });
  }
});

describe("a process that tidies up", () => {
  it("takes nothing that another is writing", async () => {
    using workspace = new Workspace();
    const store = workspace.store();
    const found = await withConstantTidying(store, async () => {
      await workspace.run();
      workspace.settings.total.enabled = false;
      await workspace.run(); // which forgets what the stage left in the run folder
      workspace.write("code/report.ts", "export const stage = 'renamed';\n");
      const { stages } = await workspace.plan();
      await acceptStages(workspace.stages(), workspace.config, ["report"], {
        storeDirectory: store.root,
        runsDirectory: workspace.runsDirectory,
      });
      assert.equal(stages.at(-1)?.state, "stale");
      await store.contents.get(Deno.execPath(), () => "a digest");
      await store.saveIndexes();
    });
    assert.deepEqual(found.taken, []);
    assert.deepEqual([...new Set(found.spared)].sort(), [
      "CACHEDIR",
      "actions",
      "index",
      "latest",
      "runs",
    ]);
  });

  it("does without what was learnt about files while it keeps the store for itself for long", async () => {
    using workspace = new Workspace();
    const store = workspace.store();
    await store.create({ signal: never });
    await store.contents.get(Deno.execPath(), () => "a digest");
    const alone = await holdAlone(store);
    await store.saveIndexes(AbortSignal.abort());
    assert.deepEqual(namesIn(join(store.root, "index")), []);
    alone[Symbol.dispose]();
    await store.saveIndexes();
    assert.deepEqual(namesIn(join(store.root, "index")), ["contents.json"]);
  });

  const key = "a".repeat(64);
  for (
    const place of [
      `work/${key}`,
      `scratch/${key}`,
      `scratch/${key}/checkpoint`,
      `tiles/a.json.1-a-0.partial`,
      `quarantine/${key}.1`,
    ]
  ) {
    it(`passes over ${place.replace(key, "KEY")} where another removes it first`, async () => {
      using workspace = new Workspace();
      const store = workspace.store();
      const path = join(store.root, place);
      const folder = join(path, "..");
      const fill = () => Deno.mkdirSync(path, { recursive: true });
      const uses = [
        () => removeLeftovers(store),
        () => boundScratch(store),
        () => storeUsage(store),
        () => checkStore(store, { log: silentLog, signal: never }),
      ];
      for (const use of uses) {
        fill();
        await whileEmptied(folder, use);
      }
    });
  }

  it("leaves a damaged record that another process has just written anew", async () => {
    using workspace = new Workspace();
    const { stages: [{ key }] } = await workspace.run();
    const store = workspace.store();
    const path = join(store.root, "actions", key.slice(0, 2), `${key}.json`);
    const text = Deno.readTextFileSync(path);
    Deno.writeTextFileSync(path, text.slice(0, -9));
    const share = await store.share({ signal: never });
    const checking = checkStore(store, { log: silentLog, signal: never });
    await aMoment();
    Deno.writeTextFileSync(path, text);
    share[Symbol.dispose]();
    assert.deepEqual((await checking).damagedRecords, []);
    assert.equal(Deno.readTextFileSync(path), text);
  });
});
