import assert from "node:assert/strict";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import {
  type CommandEnd,
  runOnThread,
} from "../../../pipeline/commands/command_thread.ts";
import type { Outlets } from "../../../pipeline/commands/command.ts";
import { temporaryPath } from "../../../pipeline/files/write_file.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

const module = new URL(
  "../../helpers/pipeline/small/thread_command.ts",
  import.meta.url,
);

/** Runs thread_command.ts and keeps what it says, in the order in which it arrives. */
async function run(
  args: string[],
  { signal = new AbortController().signal, onPrint = () => {} }: {
    signal?: AbortSignal;
    onPrint?: () => void;
  } = {},
): Promise<{ end: CommandEnd; said: string[] }> {
  const said: string[] = [];
  const outlets: Outlets = {
    print: (text) => {
      said.push(`print ${text}`);
      onPrint();
    },
    log: {
      info: (message) => void said.push(`info ${message}`),
      warn: (message) => void said.push(`warn ${message}`),
      progress(label, total, unit) {
        said.push(`${label} of ${total} ${unit}`);
        return {
          update: (done, figures) =>
            void said.push(`${label} ${done} ${JSON.stringify(figures)}`),
          finish: () => void said.push(`${label} ends`),
        };
      },
    },
    signal,
  };
  return { end: await runOnThread(module, args, outlets), said };
}

/** The first lines of the stack of a bug. */
function stackOf(end: CommandEnd): string[] {
  assert.equal(end.kind, "broken");
  return end.kind === "broken" ? end.stack.split("\n") : [];
}

describe("a command on a thread of its own", () => {
  it("says everything in order and gives its exit code", async () => {
    const { end, said } = await run(["talk", "7"]);
    assert.deepEqual(end, { kind: "done", code: 7 });
    assert.deepEqual(said, [
      "print first",
      "info second",
      "warn third",
      "count of 2 numbers",
      'count 1 {"loss":0.5}',
      "print fourth",
      "count 2 {}",
      "count ends",
    ]);
  });

  it("tells what the user can mend from a bug, of which it keeps the stack", async () => {
    const { end } = await run(["refuse"]);
    assert.deepEqual(end, {
      kind: "refused",
      message: "Cannot serve: found a test",
    });
    const [first, second] = stackOf((await run(["break"])).end);
    assert.equal(first, "TypeError: thrown");
    assert.match(second, /small\/thread_command\.ts:\d+:\d+/);
  });

  it("ends as a bug by an error that nobody catches, with its activities", async () => {
    for (const action of ["break in a timer", "break unheard"]) {
      const { end, said } = await run([action]);
      const [first, second] = stackOf(end);
      assert.equal(first, "TypeError: thrown");
      assert.match(second, /small\/thread_command\.ts:\d+:\d+/);
      if (action !== "break in a timer") continue;
      assert.deepEqual(said, [
        "wait of 0 seconds",
        "wait 0 {}",
        "wait ends",
      ]);
    }
  });

  it("is interrupted, also by what comes before it listens", async () => {
    const heard = new AbortController();
    const { end } = await run(["wait"], {
      signal: heard.signal,
      onPrint: () => heard.abort(),
    });
    assert.deepEqual(end, { kind: "interrupted" });

    const early = new AbortController();
    const ended = run(["wait"], { signal: early.signal });
    early.abort();
    assert.deepEqual((await ended).end, { kind: "interrupted" });

    const controller = new AbortController();
    controller.abort(new Error("before the start"));
    await assert.rejects(
      run(["talk"], { signal: controller.signal }),
      /before the start/,
    );
  });

  it("is not taken for interrupted because something failed alike", async () => {
    const { end } = await run(["fail as another's interrupt"]);
    assert.match(stackOf(end)[0], /^AbortError: interrupted/);
  });

  it("leaves the main thread its timers while it blocks, and hears of an interrupt afterwards", async () => {
    const controller = new AbortController();
    let timesSinceBlocking = 0;
    const timer = setInterval(
      () => controller.signal.aborted && timesSinceBlocking++,
      10,
    );
    const startMs = performance.now();
    const { end } = await run(["block"], {
      signal: controller.signal,
      onPrint: () => controller.abort(),
    });
    clearInterval(timer);
    const blockedMs = performance.now() - startMs;
    assert.deepEqual(end, { kind: "done", code: 5 });
    assert.ok(blockedMs >= 1500, `it blocked for ${blockedMs} ms only`);
    // Of 150: a busy machine leaves fewer, a blocked thread none.
    assert.ok(timesSinceBlocking > 5, `${timesSinceBlocking} timers`);
  });

  it("gives its temporary files other names than the main thread does", async () => {
    const names = new Set([temporaryPath("file")]);
    for (let thread = 0; thread < 3; thread++) {
      for (const name of (await run(["name"])).said) names.add(name.slice(6));
    }
    // Each is the first name of its thread, so a shared counter keeps none of them apart.
    assert.equal(names.size, 4);
    for (const name of names) assert.match(name, /^file\.\d+-\w+-0\.partial$/);
  });

  it("has no permission that was given up before it started or that was kept from it; that it cannot start is a bug", async () => {
    const { code, stdout } = await runProcess(Deno.execPath(), [
      ...["run", "--no-prompt", "--allow-read", "--allow-write"],
      ...["--allow-net", "--allow-run"],
      join(projectDirectory, "tests/helpers/pipeline/small/thread_parent.ts"),
    ]);
    assert.equal(code, 0);
    const lines = stdout.split("\n");
    assert.deepEqual(lines.slice(0, 12), [
      ...["read granted", "write prompt", "net prompt", "run prompt"],
      ...["read granted", "write granted", "net granted", "run granted"],
      ...["read granted", "write granted", "net granted", "run prompt"],
    ]);
    const [missing, ...more] = lines.slice(12);
    assert.deepEqual(more, [""]);
    assert.match(
      missing,
      /^a thread that could not start: Module not found ".*no_command\.ts"\.$/,
    );
  });
});

describe("a bug of a command on a thread of its own", () => {
  it("exits with 70 and one stack trace", async () => {
    // Without the permission to measure the disk.
    const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
      ...["run", "--no-prompt", "--allow-read"],
      join(projectDirectory, "pipeline/cli.ts"),
      "doctor",
    ]);
    assert.equal(code, 70);
    assert.equal(stdout, "");
    // The driver may print lines of its own before.
    const [, told] = stderr.split(
      "This is a bug of the program; please report it:\n",
    );
    const [error, ...stack] = told.trimEnd().split("\n");
    assert.match(error, /^NotCapable: Requires sys access to "statfs"/);
    assert.match(stack[1], /^ {4}at .*commands\/doctor_checks\.ts:\d+:\d+\)$/);
    assert.ok(stack.every((line) => line.startsWith("    at ")), stderr);
    assert.equal(stderr.split("NotCapable").length, 2, stderr);
  });
});
