import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { StageFacts } from "../../../pipeline/store/action_record.ts";
import {
  formatPlan,
  formatReason,
} from "../../../pipeline/engine/plan_text.ts";
import { type Plan, selectOutputs } from "../../../pipeline/engine/planner.ts";
import { compareFacts } from "../../../pipeline/engine/reasons.ts";
import { stageKey } from "../../../pipeline/store/stage_key.ts";
import type { Stage } from "../../../pipeline/stage.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

/** State and reasons of every stage, as text. */
function told(plan: Plan): string[] {
  return plan.stages.map(({ stage, state, reasons }) =>
    [stage, state, ...reasons.map(formatReason)].join(" | ")
  );
}

describe("Planner", () => {
  it("tells a pipeline that never ran, without writing anything", async () => {
    using workspace = new Workspace();
    const plan = await workspace.plan();
    assert.deepEqual(told(plan), [
      "numbers | stale | never ran",
      "total | blocked | depends on numbers",
      "report | blocked | depends on numbers | depends on total",
    ]);
    assert.equal(plan.fresh, false);
    assert.equal(workspace.store().exists(), false);
  });

  it("names the parameter, old → new", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.total.scale = 0.005;
    assert.deepEqual(told(await workspace.plan()), [
      "numbers | fresh",
      "total | stale | params.scale 2 → 0.005",
      "report | blocked | depends on total",
    ]);
  });

  it("names the input file whose bytes changed", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.numbers.count = 3;
    await workspace.run({ stages: workspace.stages().slice(0, 1) });
    // The first digits of sha-256 of "1\n2\n3\n4\n" and of "1\n2\n3\n".
    assert.deepEqual(told(await workspace.plan()), [
      "numbers | fresh",
      "total | stale | input numbers: values.txt 16fbd7d1 → 14c5e74c",
      "report | blocked | depends on total",
    ]);
  });

  it("names the code file, and only when its code changed", async () => {
    using workspace = new Workspace();
    workspace.write("code/helper.ts", "export const factor = 2;\n");
    workspace.write("code/total.ts", 'import "./helper.ts";\n');
    await workspace.run();
    workspace.write(
      "code/helper.ts",
      "/** Two. */\nexport const factor = 2; // of two\n",
    );
    assert.equal((await workspace.plan()).fresh, true);
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
    workspace.write("code/helper.ts", "export const factor = 3;\n");
    const [, total] = told(await workspace.plan());
    assert.match(
      total,
      /^total \| stale \| code: code\/helper\.ts [0-9a-f]{8} → [0-9a-f]{8}$/,
    );
    workspace.write("code/other.ts", "export {};\n");
    workspace.write("code/total.ts", 'import "./other.ts";\n');
    assert.match(
      told(await workspace.plan())[1],
      /^total \| stale \| code: code\/helper\.ts \(removed\) \| code: code\/other\.ts \(added\) \| code: code\/total\.ts \w+ → \w+$/,
    );
  });

  it("names the package whose version changed", async () => {
    using workspace = new Workspace();
    workspace.write("code/report.ts", 'import "fflate";\n');
    await workspace.run();
    workspace.write(
      "deno.json",
      '{ "imports": { "fflate": "npm:fflate@0.9.0" } }',
    );
    assert.equal(
      told(await workspace.plan())[2],
      'report | stale | package fflate "0.8.3" → "0.9.0"',
    );
  });

  it("counts the content of files outside the store, wherever they lie", async () => {
    using workspace = new Workspace();
    let photograph = workspace.path("photograph.jpg");
    const stages = () => {
      const [first, ...rest] = workspace.stages();
      const externalFiles: Stage["externalFiles"] = () =>
        Promise.resolve([photograph]);
      return [{ ...first, externalFiles }, ...rest];
    };
    workspace.write("photograph.jpg", "grey");
    await workspace.run({ stages: stages() });
    Deno.mkdirSync(workspace.path("elsewhere"));
    photograph = workspace.path("elsewhere/photograph.jpg");
    workspace.write("elsewhere/photograph.jpg", "grey");
    assert.equal((await workspace.plan(stages())).fresh, true);
    photograph = workspace.path("photograph.jpg");
    workspace.write("photograph.jpg", "dark");
    assert.equal(
      told(await workspace.plan(stages()))[0],
      `numbers | stale | file ${photograph} 67fc3638 → e6bb5689`,
    );
    Deno.removeSync(photograph);
    await assert.rejects(
      workspace.plan(stages()),
      new RegExp(
        `Cannot read an input of numbers: ${photograph}: found no such file or directory; check the path`,
      ),
    );
  });

  it("reports what a blocked stage would need anyway", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.numbers.count = 9;
    workspace.settings.report.title = "Sum";
    assert.equal(
      told(await workspace.plan())[2],
      'report | blocked | depends on numbers | depends on total | params.title "Total" → "Sum"',
    );
  });

  it("refuses a stage that reads a later or a disabled one", async () => {
    using workspace = new Workspace();
    await assert.rejects(
      workspace.plan([...workspace.stages()].reverse()),
      /stage report reads numbers, which is not an earlier stage/,
    );
  });
});

describe("stageKey and compareFacts", () => {
  const facts: StageFacts = {
    schema: 1,
    stage: "stage1",
    parameters: { lr: 0.0033, adam: { eps: 1e-5 } },
    inputs: { download: { "training/patches.bin": "a" } },
    external: [{ path: "x/1.jpg", digest: "b" }, {
      path: "2.jpg",
      digest: "c",
    }],
    code: { "gpu/ops/optimizers/adam.ts": "d" },
    packages: { fflate: "0.8.3" },
  };
  const changed: [string, Partial<StageFacts>][] = [
    ["key schema 1 → 2", { schema: 2 }],
    ["params.adam.eps 0.00001 → 0.001", {
      parameters: { lr: 0.0033, adam: { eps: 1e-3 } },
    }],
    ["params.lr 0.0033 → (none)", { parameters: { adam: { eps: 1e-5 } } }],
    ["input download: training/patches.bin a → z", {
      inputs: { download: { "training/patches.bin": "z" } },
    }],
    ["file 2.jpg removed", { external: [{ path: "x/1.jpg", digest: "b" }] }],
    ["file order of the files changed", {
      external: [...facts.external].reverse(),
    }],
    ["code: gpu/ops/optimizers/adam.ts d → z", {
      code: { "gpu/ops/optimizers/adam.ts": "z" },
    }],
    ['package fflate "0.8.3" → "0.8.4"', { packages: { fflate: "0.8.4" } }],
  ];

  it("agree: another key always has a reason, and one reason only", () => {
    for (const [text, change] of changed) {
      const now = { ...facts, ...change };
      assert.notEqual(stageKey(now), stageKey(facts), text);
      assert.deepEqual(compareFacts(facts, now).map(formatReason), [text]);
    }
    assert.deepEqual(compareFacts(facts, structuredClone(facts)), []);
    assert.notEqual(stageKey({ ...facts, stage: "stage2" }), stageKey(facts));
  });

  it("agree on outside files whose folder moved", () => {
    const at = (folder: string, digests: Record<string, string>) => ({
      ...facts,
      external: Object.entries(digests).map(([name, digest]) => ({
        path: `${folder}/${name}`,
        digest,
      })),
    });
    const here = at("/a/set", { "x/1.jpg": "b", "x/2.jpg": "c", "3.jpg": "d" });
    const moved = at("/b", { "x/1.jpg": "b", "x/2.jpg": "c", "3.jpg": "d" });
    assert.equal(stageKey(moved), stageKey(here));
    assert.deepEqual(compareFacts(here, moved), []);
    const edited = at("/b", { "x/1.jpg": "b", "x/2.jpg": "e", "3.jpg": "d" });
    assert.notEqual(stageKey(edited), stageKey(here));
    assert.deepEqual(compareFacts(here, edited).map(formatReason), [
      "file x/2.jpg c → e",
    ]);
  });

  it("do not depend on the order in which facts were put together", () => {
    const reordered: StageFacts = {
      ...facts,
      parameters: { adam: { eps: 1e-5 }, lr: 0.0033 },
    };
    assert.equal(stageKey(reordered), stageKey(facts));
  });
});

describe("selectOutputs", () => {
  const outputs = ["model", "test/a.bin", "test/b/c.bin", "testing.txt"]
    .map((path) => ({ path, digest: "", sizeBytes: 0 }));
  const select = (...paths: string[]) =>
    selectOutputs(outputs, paths).map(({ path }) => path);

  it("takes a path itself and what lies below it", () => {
    assert.deepEqual(select("test"), ["test/a.bin", "test/b/c.bin"]);
    assert.deepEqual(select("test/"), ["test/a.bin", "test/b/c.bin"]);
    assert.deepEqual(select("model", "test/b"), ["model", "test/b/c.bin"]);
    assert.deepEqual(select("mod"), []);
    assert.deepEqual(select(""), outputs.map(({ path }) => path));
    assert.deepEqual(select(), []);
  });
});

describe("formatPlan", () => {
  it("gives a stage a line, and all its reasons on request", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.numbers = { count: 2, label: "x" };
    Deno.removeSync(workspace.path("runs/small/total/total.txt"));
    const plan = await workspace.plan();
    assert.deepEqual(formatPlan(plan), [
      "numbers  stale    params.count 4 → 2 (and 1 more)",
      "total    blocked  depends on numbers",
      "report   blocked  depends on numbers (and 1 more)",
    ]);
    assert.deepEqual(formatPlan(plan, true).slice(0, 2), [
      "numbers  stale    params.count 4 → 2",
      '                  params.label "first" → "x"',
    ]);
    workspace.settings.numbers = { count: 4, label: "first" };
    assert.deepEqual(formatPlan(await workspace.plan()), [
      "numbers  fresh",
      "total    fresh    to restore: total.txt",
      "report   fresh",
    ]);
  });
});
