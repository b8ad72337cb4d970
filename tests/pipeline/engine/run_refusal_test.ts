import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

describe("a run that cannot go on", () => {
  it("reports a disk that fills up while a stage runs, in one line", async () => {
    using workspace = new Workspace();
    workspace.beforeRun = (stage) => {
      // As the operating system reports it; writing to a device needs all permissions.
      if (stage === "total") {
        throw Object.assign(new Error("No space left on device"), {
          code: "ENOSPC",
        });
      }
    };
    await assert.rejects(workspace.run(), (error: Error) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(
        error.message,
        `Cannot run total: ${workspace.storeDirectory}: found a full disk; free some space and run again`,
      );
      return true;
    });
    workspace.beforeRun = () => {};
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total", "report"]);
  });

  it("refuses to run code that was edited after the command started", async () => {
    using workspace = new Workspace();
    workspace.write("code/late.ts", "export const late = 1;\n");
    workspace.write("code/total.ts", 'await import("./late.ts");\n');
    workspace.beforeRun = (stage) => {
      if (stage !== "numbers") return;
      workspace.write("code/late.ts", "export const late = 2;\n");
    };
    await assert.rejects(
      workspace.run(),
      /^PipelineError: Cannot run total: code\/late\.ts: found code that was edited after this command started; run the same command again$/,
    );
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total", "report"]);
  });

  it("stores a result under the code that was loaded, not under a later edit", async () => {
    using workspace = new Workspace();
    workspace.beforeRun = (stage) => {
      if (stage === "numbers") workspace.write("code/total.ts", "edited();\n");
    };
    await workspace.run();
    assert.equal((await workspace.plan()).stages[1].reasons[0].kind, "code");
  });

  it("refuses a store or a run folder that cannot be written, in one line", async () => {
    using workspace = new Workspace();
    workspace.write(".cache", "not a directory");
    await assert.rejects(workspace.run(), (error: Error) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(
        error.message,
        `Cannot make the store: ${workspace.storeDirectory}: found a file in place of a directory; move that file away`,
      );
      return true;
    });
    Deno.removeSync(workspace.storeDirectory);
    workspace.write("runs", "not a directory");
    await assert.rejects(workspace.run(), (error: Error) => {
      assert.ok(error instanceof PipelineError);
      assert.match(
        error.message,
        /^Cannot write results: .*runs\/small: found a file in place of a directory; move that file away$/,
      );
      return true;
    });
    assert.deepEqual(workspace.ran, [], "before any work");
    Deno.removeSync(workspace.path("runs"));
    await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
  });
});
