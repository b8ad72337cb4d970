import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { PipelineError } from "../../../pipeline/errors.ts";
import { acquireLock, type LockOptions } from "../../../pipeline/store/lock.ts";
import { silentLog } from "../../../pipeline/log.ts";

let root = "";
let warnings: string[] = [];

beforeEach(() => {
  root = Deno.makeTempDirSync({ prefix: "lock-" });
  warnings = [];
});

afterEach(() => Deno.removeSync(root, { recursive: true }));

function options(changes: Partial<LockOptions> = {}): LockOptions {
  return {
    what: "the store",
    command: "reproduce configs/demo.toml",
    wait: true,
    log: { ...silentLog, warn: (message) => warnings.push(message) },
    signal: new AbortController().signal,
    ...changes,
  };
}

/** A process that takes the lock, says so, and keeps it until it is killed. */
async function otherHolder(): Promise<Deno.ChildProcess> {
  const module =
    new URL("../../../pipeline/store/lock.ts", import.meta.url).href;
  const code = `
    const { acquireLock } = await import(${JSON.stringify(module)});
    const log = { info() {}, warn() {} };
    const signal = new AbortController().signal;
    await acquireLock(${
    JSON.stringify(join(root, "lock"))
  }, { what: "the store", command: "train", wait: true, log, signal });
    console.log("held");
    setInterval(() => {}, 1000);
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", code],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

describe("acquireLock", () => {
  it("says who holds it instead of waiting, when told not to wait", async () => {
    const path = join(root, "lock");
    using held = await acquireLock(path, options());
    assert.equal(held.path, path);
    await assert.rejects(
      acquireLock(path, options({ wait: false })),
      (error: Error) => {
        assert.ok(error instanceof PipelineError);
        assert.ok(
          error.message.startsWith(
            `Cannot lock the store: ${path}: found it held by process ${Deno.pid} on ${Deno.hostname()} (reproduce configs/demo.toml, since 2`,
          ),
          error.message,
        );
        assert.match(
          error.message,
          /; run again when that process has ended$/,
        );
        return true;
      },
    );
  });

  it("lets the next one in when it is disposed", async () => {
    const path = join(root, "lock");
    const first = await acquireLock(path, options());
    const second = acquireLock(path, options());
    while (warnings.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.match(
      warnings[0],
      new RegExp(
        `^waiting for process ${Deno.pid} on .*, which holds the store$`,
      ),
    );
    first[Symbol.dispose]();
    (await second)[Symbol.dispose]();
    assert.equal(warnings.length, 1);
  });

  it("is free again when its holder is killed, whatever the holder's note says", async () => {
    const path = join(root, "lock");
    const holder = await otherHolder();
    await assert.rejects(
      acquireLock(path, options({ wait: false })),
      new RegExp(`held by process ${holder.pid} on .* \\(train, since`),
    );
    holder.kill("SIGKILL");
    await holder.status;
    using _lock = await acquireLock(path, options({ wait: false }));
  });

  it("stops waiting when aborted", async () => {
    const path = join(root, "lock");
    using _lock = await acquireLock(path, options());
    const controller = new AbortController();
    const waiting = acquireLock(path, options({ signal: controller.signal }));
    setTimeout(() => controller.abort(new Error("interrupted")), 20);
    await assert.rejects(waiting, /interrupted/);
  });

  it("reports a place that cannot hold it", async () => {
    Deno.writeTextFileSync(join(root, "file"), "");
    const path = join(root, "file", "lock");
    await assert.rejects(acquireLock(path, options()), (error: Error) => {
      assert.ok(error instanceof PipelineError);
      assert.equal(
        error.message,
        `Cannot lock the store: ${path}: found a file in place of a directory; move that file away`,
      );
      return true;
    });
  });
});
