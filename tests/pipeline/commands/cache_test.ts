import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { formatAge } from "../../../pipeline/commands/arguments/quantities.ts";
import { formatSize } from "../../../pipeline/files/size_text.ts";
import { runCli } from "../../helpers/command_line.ts";
import { Workspace } from "../../helpers/pipeline/small/workspace.ts";

let workspace: Workspace;

beforeEach(async () => {
  workspace = new Workspace();
  await workspace.run();
});

afterEach(() => workspace[Symbol.dispose]());

/** What the command prints on stdout, or its complaint; checks the exit code. */
async function cache(code: number, ...args: string[]): Promise<string> {
  const finished = await runCli(["cache", ...args], { cwd: workspace.root });
  assert.equal(finished.code, code, finished.stderr);
  return (code === 2 ? finished.stderr : finished.stdout).trimEnd();
}

describe("cache", () => {
  it("lists and measures what is stored", async () => {
    const lines = (await cache(0, "ls")).split("\n");
    assert.equal(lines.length, 3);
    const total = lines.find((line) => line.includes("total"));
    assert.match(
      total!,
      /^[0-9a-f]{12} +total +small +2 B +1 files +used 0 min ago$/,
    );
    assert.match(await cache(0, "du"), /^objects {12}29 B {2}4 files\n/);
    const usage = JSON.parse(await cache(0, "du", "--json"));
    assert.deepEqual(usage.objects, { count: 4, sizeBytes: 29 });
    assert.equal(usage.records, 3);
  });

  it("shows a result's record by the first digits of its key", async () => {
    const [{ key }] = JSON.parse(await cache(0, "ls", "--json"));
    const record = JSON.parse(await cache(0, "show", key.slice(0, 10)));
    assert.equal(record.key, key);
    assert.equal(record.provenance.config, "small");
    assert.match(
      await cache(2, "show", "xyz"),
      /^Cannot show a stored result: .*: found 0 results whose key begins with "xyz", wanted one; `.\/run cache ls` lists the keys$/,
    );
    assert.match(
      await cache(2, "show", ""),
      /found 3 results whose key begins with "", wanted one; type more of the key$/,
    );
  });

  it("verifies: prints the rate, sets aside what is damaged, and exits with 1 then", async () => {
    assert.match(
      await cache(0, "verify"),
      /^4 objects \(29 B\) and 3 records in [0-9.]+ s: .+\/s, \d+ objects\/s\nnothing is damaged$/,
    );
    const [object] = workspace.objectsWith("20");
    Deno.chmodSync(object, 0o644);
    Deno.writeTextFileSync(object, "21");
    const [line] = (await cache(1, "verify")).split("\n");
    assert.equal(line, `damaged, set aside: object ${object.slice(-64)}`);
    await cache(0, "verify");
  });

  it("collects what no present config needs, after saying so in a dry run", async () => {
    const before = workspace.tree(".cache/objects");
    const planned = await cache(0, "gc", "--max-size=0", "--dry-run");
    assert.match(planned, /^would remove 3 results, 4 objects \(29 B\)/m);
    assert.deepEqual(workspace.tree(".cache/objects"), before);
    workspace.write("small.toml", ""); // now the config is there
    assert.match(
      await cache(0, "gc", "--max-size=0", "--max-age=1m"),
      /^removed 0 results, 0 objects[^]*\nmore than 0: the present configs and running processes need 29 B$/,
    );
    Deno.removeSync(workspace.path("small.toml"));
    assert.match(await cache(0, "gc", "--max-size=1kB"), /^removed 0 results/m);
    assert.match(await cache(0, "gc", "--max-size=0"), /^removed 3 results/m);
    assert.deepEqual(workspace.tree(".cache/objects"), {});
  });

  it("refuses what it does not understand", async () => {
    assert.equal(
      await cache(2, "lst"),
      'Cannot run cache: found "lst", wanted one of ls, du, show, verify, gc, key; did you mean ls?',
    );
    assert.equal(
      await cache(2, "show"),
      "Cannot run cache show: found no key, wanted the first digits of a key",
    );
    assert.equal(
      await cache(2, "gc", "--max-size=big"),
      "Cannot run cache: found --max-size big, wanted a size such as 20GB or 1.5GiB",
    );
    assert.equal(
      await cache(2, "gc", "--max-age=30"),
      "Cannot run cache: found --max-age 30, wanted an age such as 30d, 12h or 2w",
    );
    Deno.removeSync(workspace.storeDirectory, { recursive: true });
    assert.match(
      await cache(2, "ls"),
      /^Cannot use the store: .*\.cache: found no store; go to the folder where/,
    );
  });
});

describe("quantities", () => {
  it("are printed short", () => {
    assert.deepEqual([0, 999, 1500, 21_400_000, 3e12].map(formatSize), [
      ...["0 B", "999 B", "1.5 KB", "21.4 MB", "3 TB"],
    ]);
    const minuteMs = 60_000;
    assert.deepEqual(
      [0, 5, 90, 60 * 50].map((minutes) => formatAge(minutes * minuteMs)),
      ["0 min", "5 min", "2 h", "2 d"],
    );
  });
});
