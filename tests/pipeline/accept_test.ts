import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { acceptStages } from "../../pipeline/accept.ts";
import { formatPlan } from "../../pipeline/engine/plan_text.ts";
import { Workspace } from "../helpers/pipeline/small/workspace.ts";

function acceptIn(workspace: Workspace, ...names: string[]) {
  return acceptStages(workspace.stages(), workspace.config, names, {
    storeDirectory: workspace.storeDirectory,
    runsDirectory: workspace.runsDirectory,
  });
}

describe("accept", () => {
  it("binds a result to changed code, and the record says so", async () => {
    using workspace = new Workspace();
    const { stages: [{ key: from }] } = await workspace.run();
    workspace.write("code/numbers.ts", "export const stage = 'renamed';\n");
    workspace.write("code/total.ts", "export const stage = 'renamed';\n");
    // In any order: `total` reads from `numbers`.
    const outcomes = await acceptIn(workspace, "total", "numbers");
    assert.deepEqual(
      outcomes.map(({ stage, reasons }) => [
        stage,
        ...reasons.map(({ kind, field }) => `${kind} ${field}`),
      ]),
      [
        ["numbers", "code code/numbers.ts"],
        ["total", "code code/total.ts"],
      ],
    );
    const { provenance } = workspace.store().readRecord(outcomes[0].key)!;
    assert.equal(provenance.accepted?.length, 1);
    assert.equal(provenance.accepted[0].from, from);
    assert.match(provenance.accepted[0].reasons[0], /^code: code\/numbers\.ts/);
    assert.deepEqual(formatPlan(await workspace.plan()), [
      "numbers  fresh    accepted from other code",
      "total    fresh    accepted from other code",
      "report   fresh",
    ]);
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
  });

  it("leaves a fresh stage as it is", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const [outcome] = await acceptIn(workspace, "report");
    assert.deepEqual(outcome.reasons, []);
  });

  it("refuses everything but changed code", async () => {
    using workspace = new Workspace();
    await assert.rejects(
      acceptIn(workspace, "numbers"),
      /^PipelineError: Cannot accept numbers: found no result of it; run `.\/run reproduce` instead$/,
    );
    await workspace.run();
    await assert.rejects(
      acceptIn(workspace, "totle"),
      /^PipelineError: Cannot accept totle: found no stage of this config, wanted one of numbers, total, report$/,
    );
    workspace.settings.total.scale = 3;
    workspace.write("code/total.ts", "export const stage = 'renamed';\n");
    await assert.rejects(
      acceptIn(workspace, "total"),
      /^PipelineError: Cannot accept total: found params\.scale 2 → 3, wanted changed code and nothing else; run `.\/run reproduce` instead$/,
    );
    workspace.settings.numbers.label = "x";
    await assert.rejects(
      acceptIn(workspace, "report"),
      /^PipelineError: Cannot accept report: found numbers stale, which it reads; run or accept that one first$/,
    );
  });

  it("refuses a result whose bytes are gone", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.write("code/report.ts", "export const stage = 'renamed';\n");
    Deno.removeSync(workspace.path(".cache/objects"), { recursive: true });
    workspace.settings.total.enabled = false;
    await assert.rejects(
      acceptIn(workspace, "numbers"),
      /^PipelineError: Cannot accept numbers: found its label\.txt missing in the store;/,
    );
  });
});
