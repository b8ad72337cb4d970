import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { lockStages } from "../../../pipeline/sharing/lock_results.ts";
import { PinError } from "../../../pipeline/engine/pinned_results.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

function lockIn(workspace: Workspace) {
  return lockStages(workspace.stages(), workspace.config, {
    storeDirectory: workspace.storeDirectory,
    runsDirectory: workspace.runsDirectory,
  });
}

/** The lines of the refusal of a frozen run, without what they have in common. */
async function refusal(workspace: Workspace): Promise<string[]> {
  let lines: string[] = [];
  await assert.rejects(workspace.run({ frozen: true }), (error: Error) => {
    assert.ok(error instanceof PinError, error.stack);
    lines = error.message.split("\n");
    return true;
  });
  return lines.map((line) => {
    const start = "Cannot reproduce the pinned results: ";
    assert.ok(line.startsWith(start), line);
    return line.slice(start.length);
  });
}

/** A workspace with results and their lock file. */
async function locked(): Promise<Workspace> {
  const workspace = new Workspace();
  await workspace.run();
  await lockIn(workspace);
  return workspace;
}

describe("a lock file", () => {
  it("is sorted, one value a line, without paths of the machine, and the same every time", async () => {
    using workspace = await locked();
    const text = workspace.read("small.lock.json");
    assert.match(text, /^ {6}"parameters": \{\n {8}"count": 4,\n/m);
    assert.ok(!text.includes(workspace.root));
    const keys = (value: unknown): void => {
      if (value === null || typeof value !== "object") return;
      assert.deepEqual(Object.keys(value), Object.keys(value).sort());
      Object.values(value).forEach(keys);
    };
    keys(JSON.parse(text));
    assert.equal((await lockIn(workspace)).changed, false);
    Deno.removeSync(workspace.storeDirectory, { recursive: true });
    await workspace.run();
    assert.equal((await lockIn(workspace)).changed, false);
  });

  it("pins the contents of data sets, and hands them to the stages", async () => {
    using workspace = new Workspace();
    const contents = { liberty: "a".repeat(64) };
    workspace.beforeRun = (stage, { outputDirectory }) => {
      if (stage !== "numbers") return;
      Deno.writeTextFileSync(
        `${outputDirectory}/manifest.json`,
        JSON.stringify({ contents }),
      );
    };
    await workspace.run();
    await lockIn(workspace);
    let pinned: unknown;
    workspace.beforeRun = (_, context) => {
      pinned = context.pinnedContents;
    };
    workspace.settings.report.title = "Sum";
    await workspace.run();
    assert.deepEqual(pinned, contents);
  });

  it("is not written of stale results", async () => {
    using workspace = await locked();
    workspace.settings.total.scale = 3;
    await assert.rejects(
      lockIn(workspace),
      /^PipelineError: Cannot write the lock file: .*small\.lock\.json: found total stale: params\.scale 2 → 3, wanted results of the present code and config; run `.\/run reproduce` first$/,
    );
  });
});

describe("a frozen run", () => {
  it("passes with the pinned results, stored or computed again", async () => {
    using workspace = await locked();
    await workspace.run({ frozen: true });
    assert.deepEqual(workspace.ran, []);
    Deno.removeSync(workspace.storeDirectory, { recursive: true });
    await workspace.run({ frozen: true });
    assert.deepEqual(workspace.ran, ["numbers", "total", "report"]);
  });

  it("refuses before any work, a line for each difference", async () => {
    using workspace = await locked();
    workspace.settings.total.scale = 3;
    workspace.settings.report.title = "Sum";
    workspace.write("code/report.ts", "export const stage = 'other';\n");
    const lines = await refusal(workspace);
    assert.deepEqual(lines.slice(0, 2), [
      "total: params.scale: found 3, wanted 2",
      'report: params.title: found "Sum", wanted "Total"',
    ]);
    assert.match(
      lines[2],
      /^report: code: found [0-9a-f]{12} \(code: code\/report\.ts [0-9a-f]{8} → [0-9a-f]{8}\), wanted [0-9a-f]{12}$/,
    );
    assert.equal(lines.length, 3);
    assert.deepEqual(workspace.ran, []);
  });

  it("does not mind other code whose result is stored and the same", async () => {
    using workspace = await locked();
    workspace.write("code/numbers.ts", "export const stage = 'other';\n");
    await workspace.run();
    assert.deepEqual(workspace.ran, ["numbers"]);
    await workspace.run({ frozen: true });
  });

  it("stops at the first stage that gives other bytes", async () => {
    using workspace = await locked();
    Deno.removeSync(workspace.storeDirectory, { recursive: true });
    workspace.beforeRun = (stage, { outputDirectory }) => {
      if (stage !== "numbers") return;
      Deno.writeTextFileSync(`${outputDirectory}/another.txt`, "surplus");
    };
    const [line, ...rest] = await refusal(workspace);
    assert.match(
      line,
      /^numbers: another\.txt: found [0-9a-f]{12}, wanted nothing$/,
    );
    assert.deepEqual(rest, []);
    assert.deepEqual(workspace.ran, ["numbers"]);
    // Stored, it is refused before any work.
    assert.deepEqual((await refusal(workspace)).slice(0, 1), [line]);
    assert.deepEqual(workspace.ran, []);
  });

  it("refuses stages that are not pinned, and pinned ones that are gone", async () => {
    using workspace = await locked();
    workspace.settings.total.enabled = false;
    const [line] = await refusal(workspace);
    assert.equal(
      line,
      "total: found no such stage in this config, wanted the pinned one",
    );
  });

  it("of some stages alone does not ask for the others", async () => {
    using workspace = await locked();
    const run = () => {
      const stages = workspace.stages().slice(0, 2);
      return workspace.run({ stages, frozen: true, partial: true });
    };
    Deno.removeSync(workspace.storeDirectory, { recursive: true });
    await run();
    assert.deepEqual(workspace.ran, ["numbers", "total"]);
    workspace.settings.total.scale = 3;
    await assert.rejects(run(), /total: params\.scale: found 3/);
  });

  it("needs a lock file, and one that can be read", async () => {
    using workspace = new Workspace();
    const [line] = await refusal(workspace);
    assert.equal(
      line,
      `${
        workspace.path("small.lock.json")
      }: found no such file, wanted the config's lock file; write it with \`./run lock\` and commit it`,
    );
    workspace.write("small.lock.json", "<<<<<<< ours\n");
    await assert.rejects(
      workspace.run(),
      /^PipelineError: Cannot read the lock file: .*: found text that is not JSON, wanted version 1; restore it, or write it again with `.\/run lock`$/,
    );
  });

  it("of another shape, size, depth or kind is refused in one line, also when it is to be written", async () => {
    using workspace = await locked();
    const path = workspace.path("small.lock.json");
    const sound = JSON.parse(workspace.read("small.lock.json"));
    const [name, pinned] = Object.entries(sound.stages)[0] as [string, object];
    const changed = (change: object) =>
      JSON.stringify({
        ...sound,
        stages: { ...sound.stages, [name]: { ...pinned, ...change } },
      });
    const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    const shape = "values of another shape, wanted what `./run lock` writes";
    const refused: [content: string, found: string][] = [
      ["null", "no version, wanted version 1"],
      ["[]", "no version, wanted version 1"],
      ['{"version":7}', "version 7, wanted version 1"],
      [JSON.stringify({ ...sound, stages: 5 }), shape],
      [JSON.stringify({ ...sound, stages: { download: null } }), shape],
      [JSON.stringify({ ...sound, datasets: { liberty: {} } }), shape],
      [changed({ outputs: { "a.txt": 5 } }), shape],
      [changed({ packages: [] }), shape],
      [
        changed({ parameters: { a: 5 } }).replace('"a":5', `"a":${deep(80)}`),
        shape,
      ],
      [
        changed({ more: 1 }).replace('"more":1', `"more":${deep(1_000_000)}`),
        "values nested more than 100 deep, wanted a file that `./run lock` wrote",
      ],
      [
        " ".repeat((64 << 20) + 1),
        "a file of more than 64 MiB, wanted a file that `./run lock` wrote",
      ],
    ];
    const message = (found: string) => ({
      name: "PipelineError",
      message:
        `Cannot read the lock file: ${path}: found ${found}; restore it, or write it again with \`./run lock\``,
    });
    for (const [content, found] of refused) {
      workspace.write("small.lock.json", content);
      await assert.rejects(workspace.run(), message(found));
    }
    if (Deno.build.os === "windows") return;
    for (
      const [place, what] of [
        ["/dev/zero", "a device or a pipe"],
        [workspace.path("."), "a folder"],
      ]
    ) {
      Deno.removeSync(path);
      Deno.symlinkSync(place, path);
      await assert.rejects(
        workspace.run(),
        message(`${what}, wanted a file that \`./run lock\` wrote`),
      );
      await assert.rejects(lockIn(workspace), {
        message:
          `Cannot write the lock file: ${path}: found ${what}, wanted a file that it wrote before, or none`,
      });
    }
  });
});
