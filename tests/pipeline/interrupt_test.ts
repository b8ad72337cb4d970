import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { projectDirectory } from "../helpers/command_line.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Starts a run, presses Ctrl-C as soon as its first stage began, and waits for the end. */
async function interruptedRun(): Promise<{ code: number; stderr: string }> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=runs,.cache",
      join(projectDirectory, "pipeline/cli.ts"),
      "reproduce",
      join(projectDirectory, "configs/smoke.toml"),
    ],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  let pressed = false;
  for await (
    const text of process.stderr.pipeThrough(new TextDecoderStream())
  ) {
    stderr += text;
    if (!pressed && stderr.includes("runs because")) {
      pressed = true;
      process.kill("SIGINT");
      process.kill("SIGINT"); // one press may arrive twice
    }
  }
  return { code: (await process.status).code, stderr };
}

describe("Ctrl-C", () => {
  it("ends a run with 130, says that it resumes, and leaves no result", async () => {
    const { code, stderr } = await interruptedRun();
    assert.equal(code, 130, stderr);
    assert.deepEqual(stderr.trimEnd().split("\n").slice(1), [
      "stopping at the next safe point; press Ctrl-C again to stop at once",
      "interrupted: the same command resumes from the last checkpoint",
    ]);
    assert.throws(() => Deno.statSync(join(folder, "runs/smoke/results.json")));
  });
});
