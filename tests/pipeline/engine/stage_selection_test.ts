import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import {
  stagesUntil,
  withoutComputing,
} from "../../../pipeline/engine/stage_selection.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

describe("stagesUntil", () => {
  it("is the stage and what it needs, directly or not", () => {
    using workspace = new Workspace();
    const until = (name: string) =>
      stagesUntil(workspace.stages(), [workspace.config], name)
        .map((stage) => stage.name);
    assert.deepEqual(until("numbers"), ["numbers"]);
    assert.deepEqual(until("total"), ["numbers", "total"]);
    assert.deepEqual(until("report"), ["numbers", "total", "report"]);
    workspace.settings.total.enabled = false;
    assert.deepEqual(until("report"), ["numbers", "report"]);
  });

  it("refuses a stage that is not there or not enabled", () => {
    using workspace = new Workspace();
    workspace.settings.total.enabled = false;
    for (const name of ["total", "nothing"]) {
      assert.throws(
        () => stagesUntil(workspace.stages(), [workspace.config], name),
        PipelineError,
      );
    }
  });
});

describe("withoutComputing", () => {
  it("keeps every key and uses what is stored", async () => {
    using workspace = new Workspace();
    const first = await workspace.run();
    const stages = withoutComputing(workspace.stages());
    const second = await workspace.run({ stages });
    assert.deepEqual(
      second.stages.map(({ key, fresh }) => [key, fresh]),
      first.stages.map(({ key }) => [key, true]),
    );
  });

  it("refuses to compute, and says which result is missing", async () => {
    using workspace = new Workspace();
    const stages = withoutComputing(workspace.stages());
    await assert.rejects(workspace.run({ stages }), {
      name: "MissingResult",
      stage: "numbers",
      message:
        "Cannot use the result of numbers: found nothing in the store, wanted what was computed elsewhere",
    });
    assert.deepEqual(workspace.ran, []);
  });
});
