import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

/** Overwrites a file as a failing disk would: other bytes, same size, same times. */
function flipBits(path: string): void {
  const { mtime } = Deno.statSync(path);
  const bytes = Deno.readFileSync(path);
  bytes[0] ^= 1;
  Deno.chmodSync(path, 0o644);
  Deno.writeFileSync(path, bytes);
  Deno.utimeSync(path, mtime!, mtime!);
}

describe("a run on damaged objects", () => {
  it("computes a touched object again and keeps the bad one in quarantine", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const [object] = workspace.objectsWith("20");
    Deno.chmodSync(object, 0o644);
    Deno.writeTextFileSync(object, "99");
    const { stages } = await workspace.plan();
    assert.deepEqual(stages[1].reasons, [{
      kind: "output",
      field: "total.txt",
      old: "present",
      new: "damaged",
    }]);
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total"]);
    assert.deepEqual(Object.values(workspace.tree(".cache/quarantine")), [
      "99",
    ]);
    assert.equal(workspace.read("runs/small/total/total.txt"), "20");
  });

  it("never restores an object whose bytes changed behind the file system's back", async () => {
    using workspace = new Workspace();
    await workspace.run();
    flipBits(workspace.objectsWith("20")[0]);
    Deno.removeSync(workspace.path("runs/small/total/total.txt"));
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total"]);
    assert.equal(workspace.read("runs/small/total/total.txt"), "20");
    assert.equal(Object.keys(workspace.tree(".cache/quarantine")).length, 1);
  });

  it("never feeds such an object to a stage", async () => {
    using workspace = new Workspace();
    await workspace.run();
    flipBits(workspace.objectsWith("1\n2\n3\n4\n")[0]);
    workspace.settings.total.scale = 1;
    await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
    assert.equal(workspace.read("runs/small/total/total.txt"), "10");
  });

  it("computes again when an object or a record is gone or cut short", async () => {
    using workspace = new Workspace();
    await workspace.run();
    Deno.removeSync(workspace.objectsWith("20")[0]);
    assert.equal(
      (await workspace.plan()).stages[1].reasons[0].new,
      "missing",
    );
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total"]);
    for (const path of Object.keys(workspace.tree(".cache/actions"))) {
      Deno.truncateSync(workspace.path(`.cache/actions/${path}`), 40);
    }
    await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
  });
});
