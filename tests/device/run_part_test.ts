import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Part } from "./parts.ts";
import { runPart } from "./run_part.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Runs a shell script as a part. */
async function run(script: string, changed: Partial<Part> = {}, seconds = 20) {
  const said: string[] = [];
  const path = join(folder, "part.json");
  const result = await runPart({
    name: "example",
    seconds,
    command: ["sh", "-c", script, "sh"],
    ...changed,
  }, {
    seconds,
    tiny: true,
    path,
    out: folder,
    say: (line) => said.push(line),
  });
  return { ...result, said, path };
}

// timeout(1) is not everywhere.
const describeOnLinux = Deno.build.os === "linux" ? describe : describe.skip;

describeOnLinux("a part of the check", () => {
  it("is told its size, its time and where the others wrote", async () => {
    const { outcome, said } = await run('echo "$@"');
    assert.equal(outcome, "done");
    assert.deepEqual(said, [`--tiny --seconds=20.0 --out=${folder}`]);
  });

  it("adds figures line by line", async () => {
    const { outcome, figures } = await run(
      `echo '{"a":1,"b":1}'; echo chatter; echo '{"b":2}'`,
    );
    assert.equal(outcome, "done");
    assert.deepEqual(figures, { a: 1, b: 2 });
  });

  it("keeps what came before a cut, and ends what it started", async () => {
    const late = join(folder, "late");
    const { outcome, figures, path } = await run(
      `echo '{"a":1}'; (sleep 3; touch "${late}") & wait`,
      {},
      1.5,
    );
    assert.equal(outcome, "cut");
    assert.deepEqual(figures, { a: 1 });
    const { part, figures: written } = JSON.parse(Deno.readTextFileSync(path));
    assert.deepEqual([part, written], ["example", { a: 1 }]);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    assert.throws(() => Deno.statSync(late), Deno.errors.NotFound);
  });

  it("has failed with any other exit code, and says why", async () => {
    const { outcome, exitCode, stderr, figures } = await run(
      `echo '{"a":1}'; echo wrong >&2; exit 3`,
    );
    assert.deepEqual([outcome, exitCode], ["failed", 3]);
    assert.deepEqual(stderr, ["wrong"]);
    assert.deepEqual(figures, { a: 1 });
  });

  it("is skipped when it says so, or when a program that may be missing is", async () => {
    const own = await run(`echo '{"skipped":"no card"}'`);
    assert.deepEqual([own.outcome, own.figures], ["skipped", {
      skipped: "no card",
    }]);
    const command = [join(folder, "python3")];
    const missing = await run("", { command, optional: true });
    assert.equal(missing.outcome, "skipped");
    assert.equal((await run("", { command })).outcome, "failed");
  });
});
