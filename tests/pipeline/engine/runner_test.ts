import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import type { Gpu } from "../../../gpu/mod.ts";
import { recordedLog } from "../../helpers/pipeline/recorded_log.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

describe("runPipelines", () => {
  it("computes every stage once and finds all of it fresh the second time", async () => {
    using workspace = new Workspace();
    const first = await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
    assert.deepEqual(first.stages.map(({ fresh }) => fresh), [
      false,
      false,
      false,
    ]);
    assert.equal(
      workspace.read("runs/small/report/report.txt"),
      "Total first 20",
    );
    const second = await workspace.run();
    assert.deepEqual(workspace.ran, []);
    assert.deepEqual(second.stages.map(({ fresh }) => fresh), [
      true,
      true,
      true,
    ]);
    assert.deepEqual(
      second.stages.map(({ seconds }) => seconds),
      first.stages.map(({ seconds }) => seconds),
    );
  });

  it("says so when the results of another config of its name give way", async () => {
    using workspace = new Workspace();
    const log = recordedLog();
    for (
      const [file, seen] of [
        ["small.toml", 0],
        ["small.toml", 0],
        ["other/small.toml", 1],
        ["other/small.toml", 1],
        ["small.toml", 2],
      ] as const
    ) {
      Deno.mkdirSync(workspace.path("other"), { recursive: true });
      workspace.write(file, "");
      workspace.configFile = file;
      await workspace.run({ log });
      assert.equal(log.warnings.length, seen, file);
    }
    assert.equal(
      log.warnings[0],
      `${workspace.path("runs/small")} held the results of ${
        Deno.realPathSync(workspace.path("small.toml"))
      }, which give way to those of ${
        workspace.path("other/small.toml")
      }: both are named small; give one another name`,
    );
    // A config that was moved is the same one.
    Deno.removeSync(workspace.path("small.toml"));
    workspace.configFile = "other/small.toml";
    await workspace.run({ log });
    assert.equal(log.warnings.length, 2);
  });

  it("runs only what a changed parameter reaches", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.report.title = "Sum";
    await workspace.run();
    assert.deepEqual(workspace.ran, ["report"]);
    workspace.settings.total.scale = 3;
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total", "report"]);
    assert.equal(
      workspace.read("runs/small/report/report.txt"),
      "Sum first 30",
    );
  });

  it("cuts off where a stage that ran again gave the same bytes", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.numbers.label = "second";
    await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers", "report"]);
    workspace.write("code/numbers.ts", "export const stage = 'same values';\n");
    await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers"]);
  });

  it("restores an earlier result without running anything", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.numbers.count = 5;
    await workspace.run();
    assert.equal(workspace.read("runs/small/total/total.txt"), "30");
    workspace.settings.numbers.count = 4;
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
    assert.equal(workspace.read("runs/small/total/total.txt"), "20");
  });

  it("puts back what was deleted or altered by hand, and leaves what the user added", async () => {
    using workspace = new Workspace();
    await workspace.run();
    Deno.removeSync(workspace.path("runs/small/total"), { recursive: true });
    const altered = "runs/small/report/report.txt";
    workspace.write(altered, "Total first 99");
    // Within one tick of the clock a text of equal length would look untouched.
    const later = new Date(Date.now() + 5000);
    Deno.utimeSync(workspace.path(altered), later, later);
    workspace.write("runs/small/report/notes.txt", "mine");
    const plan = await workspace.plan();
    assert.equal(plan.fresh, true);
    assert.deepEqual(plan.stages.map(({ restores }) => restores), [
      [],
      ["total.txt"],
      ["report.txt"],
    ]);
    await workspace.run();
    assert.deepEqual(workspace.ran, []);
    assert.deepEqual(workspace.tree("runs/small"), {
      "numbers/label.txt": "first",
      "numbers/values.txt": "1\n2\n3\n4\n",
      "report/notes.txt": "mine",
      "report/report.txt": "Total first 20",
      "total/total.txt": "20",
    });
  });

  it("leaves a disabled stage out and removes what it put into the run folder", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.total.enabled = false;
    const { stages } = await workspace.run();
    assert.deepEqual(stages.map(({ stage }) => stage), ["numbers", "report"]);
    assert.equal(
      workspace.read("runs/small/report/report.txt"),
      "Total first -",
    );
    assert.throws(
      () => Deno.statSync(workspace.path("runs/small/total")),
      Deno.errors.NotFound,
    );
  });

  it("shows a stage no files but its declared inputs", async () => {
    using workspace = new Workspace();
    workspace.beforeRun = (stage, context) => {
      if (stage !== "total") return;
      assert.deepEqual(
        [...Deno.readDirSync(context.input("numbers"))].map(({ name }) => name),
        ["values.txt"],
      );
      assert.throws(() => context.input("report"), /does not declare input/);
    };
    await workspace.run();
  });

  it("leaves no output of a stage that throws, and keeps its scratch for the next try", async () => {
    using workspace = new Workspace();
    const scratch: string[] = [];
    workspace.beforeRun = (stage, context) => {
      if (stage !== "total") return;
      scratch.push(
        ...[...Deno.readDirSync(context.scratchDirectory)].map(({ name }) =>
          name
        ),
      );
      Deno.writeTextFileSync(
        join(context.outputDirectory, "total.txt"),
        "half",
      );
      Deno.writeTextFileSync(
        join(context.scratchDirectory, "step_10"),
        "state",
      );
      throw new Error("out of luck");
    };
    await assert.rejects(workspace.run(), /^Error: out of luck$/);
    assert.deepEqual(
      Object.keys(workspace.tree("runs/small")),
      [
        "numbers/values.txt",
        "numbers/label.txt",
      ].sort(),
    );
    assert.deepEqual(workspace.objectsWith("half"), []);
    assert.deepEqual(workspace.tree(".cache/work"), {});
    await assert.rejects(workspace.run(), /out of luck/);
    assert.deepEqual(workspace.ran, ["total"]);
    assert.deepEqual(scratch, ["step_10"]);
    workspace.beforeRun = () => {};
    await workspace.run();
    assert.deepEqual(workspace.ran, ["total", "report"]);
    assert.deepEqual(workspace.tree(".cache/scratch"), {});
  });

  it("stops when aborted, even when the stage returns as if nothing happened", async () => {
    using workspace = new Workspace();
    const controller = new AbortController();
    workspace.beforeRun = (stage) => {
      if (stage === "total") controller.abort(new Error("stopped by the user"));
    };
    await assert.rejects(
      workspace.run({ signal: controller.signal }),
      /stopped by the user/,
    );
    assert.deepEqual(workspace.ran, ["numbers", "total"]);
    workspace.beforeRun = () => {};
    assert.equal((await workspace.plan()).stages[1].state, "stale");
  });

  it("records where a result came from", async () => {
    using workspace = new Workspace();
    await workspace.run();
    workspace.settings.total.scale = 5;
    workspace.beforeRun = (_stage, context) =>
      context.prepareGpu({ adapter: { description: "test adapter" } } as Gpu);
    const { stages, adapter } = await workspace.run();
    assert.deepEqual(adapter, { description: "test adapter" });
    const record = workspace.store().readRecord(stages[1].key)!;
    assert.deepEqual(record.provenance.reasons, ["params.scale 2 → 5"]);
    assert.equal(record.provenance.deno, Deno.version.deno);
    assert.deepEqual(record.provenance.adapter, adapter);
    assert.deepEqual(record.facts.parameters, { scale: 5 });
    assert.deepEqual(Object.keys(record.facts.inputs.numbers), ["values.txt"]);
  });
});
