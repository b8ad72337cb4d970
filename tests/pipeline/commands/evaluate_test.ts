import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const golden = join(projectDirectory, "tests/golden/evaluation/plain");

function evaluate(...args: string[]) {
  return runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    join(projectDirectory, "pipeline/cli.ts"),
    "evaluate",
    "--quiet",
    `--descriptors=${golden}/descriptors`,
    `--tasks=${golden}/tasks`,
    ...args,
  ], { cwd: folder });
}

describe("evaluate", () => {
  it("writes the figures of the tasks that were asked for", async () => {
    const { code, stdout, stderr } = await evaluate(
      ..."--split x --task matching --task retrieval --out new/a.json".split(
        " ",
      ),
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "wrote new/a.json\n");
    const { splits } = JSON.parse(
      Deno.readTextFileSync(join(folder, "new/a.json")),
    );
    assert.deepEqual(Object.keys(splits.x).sort(), ["matching", "retrieval"]);
    const { mean } = splits.x.matching;
    assert.ok(mean > 0 && mean <= 1, `mean ${mean}`);
  });

  it("measures every task when none is named", async () => {
    const { code, stderr } = await evaluate("--split=x", "--out=a.json");
    assert.equal(code, 0, stderr);
    const { splits } = JSON.parse(
      Deno.readTextFileSync(join(folder, "a.json")),
    );
    assert.deepEqual(Object.keys(splits.x).sort(), [
      "matching",
      "retrieval",
      "verification",
    ]);
  });

  it("names the splits there are when one is unknown, and writes nothing", async () => {
    const { code, stderr } = await evaluate("--split=y", "--out=a.json");
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot [^\n]*found no split "y", wanted one of x\n$/,
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });

  it("names a place that it cannot write to", async () => {
    Deno.mkdirSync(join(folder, "taken"));
    const { code, stderr } = await evaluate(
      ..."--split x --task matching --out taken".split(" "),
    );
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^Cannot write a result: taken: found a directory in place of a file; [^\n]+\n$/,
    );
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [
      "taken",
    ]);
  });

  it("names a folder that it cannot make", async () => {
    Deno.writeTextFileSync(join(folder, "file"), "");
    const { code, stderr } = await evaluate(
      ..."--split x --task matching --out file/a.json".split(" "),
    );
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /^Cannot write a result: file\/a\.json: found [^\n]+\n$/,
    );
  });
});
