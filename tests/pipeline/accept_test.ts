import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { pathToFileURL } from "node:url";
import { acceptStages } from "../../pipeline/accept.ts";
import { parseConfig } from "../../pipeline/config.ts";
import { formatPlan, formatReason } from "../../pipeline/engine/plan_text.ts";
import type { Stage } from "../../pipeline/stage.ts";
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

  it("binds results to code whose files moved, in a project that moved with its outside files", async () => {
    using workspace = new Workspace();
    const stagesIn = (folder: string, code: string): Stage[] =>
      workspace.stages().map((stage) => ({
        ...stage,
        module: pathToFileURL(
          workspace.path(`${folder}/${code}/${stage.name}.ts`),
        ),
        externalFiles: () =>
          Promise.resolve(
            ["b.txt", "photos/a.txt"].map((name) =>
              workspace.path(`${folder}/${name}`)
            ),
          ),
      }));
    const project = (folder: string, code: string) => {
      for (const path of [`${folder}/${code}`, `${folder}/photos`]) {
        Deno.mkdirSync(workspace.path(path), { recursive: true });
      }
      workspace.write(`${folder}/deno.json`, "{}");
      workspace.write(`${folder}/b.txt`, "b");
      workspace.write(`${folder}/photos/a.txt`, "a");
      for (const name of ["numbers", "total", "report"]) {
        workspace.write(`${folder}/${code}/${name}.ts`, `// In ${code}.\nx();`);
      }
      return stagesIn(folder, code);
    };
    await workspace.run({ stages: project("old", "flat") });
    const moved = project("new", "rooms/stages");
    assert.equal((await workspace.plan(moved)).fresh, false);
    const places = {
      storeDirectory: workspace.storeDirectory,
      runsDirectory: workspace.runsDirectory,
    };
    const names = ["numbers", "total", "report"];
    const outcomes = await acceptStages(moved, workspace.config, names, places);
    assert.deepEqual(
      outcomes.map(({ reasons }) => reasons.map(formatReason)),
      names.map((name) => [
        `code: flat/${name}.ts (removed)`,
        `code: rooms/stages/${name}.ts (added)`,
      ]),
    );
    assert.equal((await workspace.plan(moved)).fresh, true);
  });

  it("passes a key that came with the code and has its default, and no other value of it", async () => {
    using workspace = new Workspace();
    await workspace.run();
    const acceptWith = (lines: string) => {
      const stages = workspace.stages().map((stage): Stage =>
        stage.name !== "numbers" ? stage : {
          ...stage,
          parameters: (config) => ({
            ...stage.parameters(config),
            rate: config.stage1.lr,
          }),
        }
      );
      const config = parseConfig(lines, workspace.config.file);
      return acceptStages(
        stages,
        { ...config, name: workspace.config.name },
        ["numbers"],
        {
          storeDirectory: workspace.storeDirectory,
          runsDirectory: workspace.runsDirectory,
        },
      );
    };
    await assert.rejects(
      acceptWith("[stage1]\nlr = 0.5"),
      /^PipelineError: Cannot accept numbers: found params\.rate \(none\) → 0\.5, wanted changed code and nothing else;/,
    );
    const [{ reasons }] = await acceptWith("");
    assert.deepEqual(reasons.map(formatReason), [
      "params.rate (none) → 0.0033",
    ]);
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
