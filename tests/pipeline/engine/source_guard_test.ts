import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import { runPipelines } from "../../../pipeline/engine/runner.ts";
import { acquireLock } from "../../../pipeline/store/lock.ts";
import { silentLog } from "../../../pipeline/log.ts";
import type { Stage } from "../../../pipeline/stage.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

/** The small pipeline, whose first stage also has an outside file, and perhaps other places that decide what is read. */
function stagesWith(
  workspace: Workspace,
  photograph: string,
  watched: string[] = [],
): Stage[] {
  const [numbers, ...others] = workspace.stages();
  return [
    {
      ...numbers,
      externalFiles: () => Promise.resolve([photograph]),
      watched: () => Promise.resolve(watched),
    },
    ...others,
  ];
}

/** A folder with a photograph and another one with another photograph of that name; a link leads to the first. */
function twoAlbums(workspace: Workspace): string {
  for (const name of ["first", "other"]) {
    Deno.mkdirSync(workspace.path(`${name}/album`), { recursive: true });
    workspace.write(`${name}/album/photo.png`, name);
  }
  Deno.symlinkSync("first", workspace.path("link"));
  return workspace.path("link/album/photo.png");
}

describe("what a stage reads", () => {
  it("is refused when an outside file is replaced while the stage runs", async () => {
    using workspace = new Workspace();
    const photograph = workspace.path("photo.png");
    Deno.writeTextFileSync(photograph, "first");
    const stages = stagesWith(workspace, photograph);
    workspace.beforeRun = (stage) => {
      if (stage === "numbers") Deno.writeTextFileSync(photograph, "other");
    };
    await assert.rejects(workspace.run({ stages }), (error: Error) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(
        error.message,
        `Cannot run numbers: ${photograph}: found an input that was changed while the stage read it, wanted the file that the stage's key was made of; run the same command again when it no longer changes`,
      );
      return true;
    });
    assert.equal(workspace.store().readLatest("small", "numbers"), undefined);
    workspace.beforeRun = () => {};
    await workspace.run({ stages });
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
  });

  it("is refused when an outside file is replaced and put back", async () => {
    using workspace = new Workspace();
    const photograph = workspace.path("photo.png");
    Deno.writeTextFileSync(photograph, "first");
    const stages = stagesWith(workspace, photograph);
    workspace.beforeRun = async (stage) => {
      if (stage !== "numbers") return;
      Deno.writeTextFileSync(photograph, "other");
      await new Promise((resolve) => setTimeout(resolve, 5));
      Deno.writeTextFileSync(photograph, "first");
    };
    await assert.rejects(workspace.run({ stages }), /photo\.png: found an inp/);
  });

  it("is refused when a link on the way to it is exchanged and put back", async () => {
    using workspace = new Workspace();
    const stages = stagesWith(workspace, twoAlbums(workspace));
    const link = workspace.path("link");
    let read = "";
    workspace.beforeRun = (stage) => {
      if (stage !== "numbers") return;
      for (const target of ["other", "first"]) {
        Deno.removeSync(link);
        Deno.symlinkSync(target, link);
        read += workspace.read("link/album/photo.png");
      }
    };
    await assert.rejects(workspace.run({ stages }), /link: found an input tha/);
    assert.equal(read, "otherfirst");
  });

  it("is refused when a folder around it is exchanged and put back", async () => {
    using workspace = new Workspace();
    const stages = stagesWith(workspace, twoAlbums(workspace));
    const move = (from: string, to: string) =>
      Deno.renameSync(workspace.path(from), workspace.path(to));
    const exchange = () => {
      move("first", "aside");
      move("other", "first");
      move("aside", "other");
    };
    workspace.beforeRun = async (stage) => {
      if (stage !== "numbers") return;
      // The time of a change is told in whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      exchange();
      assert.equal(workspace.read("link/album/photo.png"), "other");
      exchange();
    };
    await assert.rejects(workspace.run({ stages }), /first: found an input th/);
  });

  it("is refused when a folder that is searched had another file meanwhile", async () => {
    using workspace = new Workspace();
    const photograph = twoAlbums(workspace);
    let more = "first/more.png";
    workspace.beforeRun = (stage) => {
      if (stage !== "numbers") return;
      workspace.write(more, "more");
      Deno.removeSync(workspace.path(more));
    };
    const searching = stagesWith(workspace, photograph, [
      workspace.path("link"),
    ]);
    await assert.rejects(
      workspace.run({ stages: searching }),
      /first: found an input that was changed/,
    );
    more = "first/album/more.png";
    await assert.rejects(
      workspace.run({ stages: searching }),
      /link\/album: found an input that was changed/,
    );
    // A file beside one that is named makes no difference.
    await workspace.run({ stages: stagesWith(workspace, photograph) });
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
  });

  it("is refused when a list that names files is replaced and put back", async () => {
    using workspace = new Workspace();
    const photograph = twoAlbums(workspace);
    workspace.write("list.txt", "first");
    const stages = stagesWith(workspace, photograph, [
      workspace.path("list.txt"),
    ]);
    workspace.beforeRun = async (stage) => {
      if (stage !== "numbers") return;
      workspace.write("list.txt", "other");
      await new Promise((resolve) => setTimeout(resolve, 5));
      workspace.write("list.txt", "first");
    };
    await assert.rejects(workspace.run({ stages }), /list\.txt: found an inpu/);
  });

  it("may get another name while the stage runs", async () => {
    using workspace = new Workspace();
    const photograph = workspace.path("photo.png");
    Deno.writeTextFileSync(photograph, "first");
    const stages = stagesWith(workspace, photograph);
    workspace.beforeRun = async (stage) => {
      if (stage !== "numbers") return;
      // The time of a change is told in whole seconds.
      await new Promise((resolve) => setTimeout(resolve, 1100));
      Deno.linkSync(photograph, workspace.path("another.png"));
    };
    await workspace.run({ stages });
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
  });

  it("is refused when a stored input is written to while the stage reads it", async () => {
    using workspace = new Workspace();
    workspace.beforeRun = (stage, context) => {
      if (stage !== "total") return;
      const input = join(context.input("numbers"), "values.txt");
      Deno.chmodSync(input, 0o644);
      Deno.writeTextFileSync(input, "9\n9\n9\n9\n");
    };
    await assert.rejects(
      workspace.run(),
      /values\.txt: found an input that wa/,
    );
    workspace.beforeRun = () => {};
    await workspace.run();
    assert.equal(
      workspace.read("runs/small/report/report.txt"),
      "Total first 20",
    );
  });

  it("may be asked for before partial work is kept", async () => {
    using workspace = new Workspace();
    const photograph = workspace.path("photo.png");
    Deno.writeTextFileSync(photograph, "first");
    workspace.beforeRun = async (stage, context) => {
      if (stage !== "numbers") return;
      await context.refuseChangedSources();
      Deno.writeTextFileSync(photograph, "other");
      await assert.rejects(context.refuseChangedSources(), PipelineError);
      throw new Error("asked");
    };
    const stages = stagesWith(workspace, photograph);
    await assert.rejects(workspace.run({ stages }), /^Error: asked$/);
  });

  it("is refused when it is a pipe or a folder", async () => {
    using workspace = new Workspace();
    for (
      const [path, found] of [["/dev/zero", "a device or a pipe"], [
        workspace.root,
        "a folder",
      ]]
    ) {
      await assert.rejects(
        workspace.run({ stages: stagesWith(workspace, path) }),
        (error: Error) =>
          error.message ===
            `Cannot read an input of numbers: ${path}: found ${found}, wanted a regular file`,
      );
    }
  });
});

describe("code that was edited after it was loaded", () => {
  const options = (workspace: Workspace, loadedSinceMs: number) => ({
    stages: workspace.stages(),
    store: workspace.store(),
    runsDirectory: workspace.runsDirectory,
    log: silentLog,
    signal: new AbortController().signal,
    wait: true,
    command: "test",
    prepareGpu: () => Promise.resolve({}),
    loadedSinceMs,
  });

  it("is refused, since nobody can tell which code the process has", async () => {
    using workspace = new Workspace();
    const startMs = Date.now() - 1000;
    await assert.rejects(
      runPipelines([workspace.config], options(workspace, startMs)),
      /^PipelineError: Cannot tell which code was loaded: deno\.json: found code that was edited after this command started; run the same command again$/,
    );
    assert.deepEqual(workspace.ran, []);
    await runPipelines(
      [workspace.config],
      options(workspace, Date.now() + 1000),
    );
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
  });

  it("does not stand under the edited code's key when it waited for a lock meanwhile", async () => {
    using workspace = new Workspace();
    const { signal } = new AbortController();
    const path = workspace.path("runs/small");
    const lock = await acquireLock(workspace.store().runLockPath(path), {
      what: "the run folder",
      command: "test",
      wait: true,
      log: silentLog,
      signal,
    });
    const waits = Promise.withResolvers<void>();
    const run = workspace.run({
      log: { ...silentLog, warn: () => waits.resolve() },
    });
    await waits.promise;
    workspace.write("code/numbers.ts", "export const edited = true;\n");
    lock[Symbol.dispose]();
    await run;
    const [numbers] = (await workspace.plan()).stages;
    assert.equal(numbers.state, "stale");
    assert.equal(numbers.reasons[0].field, "code/numbers.ts");
  });
});
