import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Config } from "../../../pipeline/config.ts";
import { PipelineError } from "../../../pipeline/errors.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { runPipelines } from "../../../pipeline/engine/runner.ts";
import type { Stage } from "../../../pipeline/stage.ts";
import { Store } from "../../../pipeline/store/store.ts";
import { checkStore } from "../../../pipeline/store/store_check.ts";
import { runProcess } from "../../helpers/command_line.ts";
import { files } from "../../helpers/pipeline/small/files.ts";

const never = new AbortController().signal;
const fileBytes = 40_000;

/** What a test is given to leave itself out. */
type Skippable = { skip(reason: string): void };

let root: string;
let disk: string;

beforeEach(() => {
  root = Deno.makeTempDirSync({ prefix: "disk-" });
  disk = join(root, "disk");
  Deno.mkdirSync(disk);
});

afterEach(async () => {
  while ((await runProcess("umount", [disk])).code === 0);
  Deno.removeSync(root, { recursive: true });
});

/** Puts a small file system of its own at `disk`; false where that is not allowed. */
async function mount(...options: string[]): Promise<boolean> {
  const args = ["-t", "tmpfs", "-o", options.join(","), "none", disk];
  return (await runProcess("mount", args)).code === 0;
}

async function remount(...options: string[]): Promise<void> {
  const args = ["-o", ["remount", ...options].join(","), disk];
  assert.equal((await runProcess("mount", args)).code, 0);
}

/** Two stages that write two files each, the second out of what the first wrote. */
function stage(name: string, before?: string): Stage {
  return {
    name,
    summary: name,
    module: new URL(import.meta.url),
    inputs: () => before === undefined ? [] : [{ stage: before, paths: [""] }],
    parameters: () => ({}),
    run({ input, outputDirectory }) {
      for (const part of ["a", "b"]) {
        const old = before === undefined
          ? new Uint8Array(fileBytes)
          : Deno.readFileSync(join(input(before), `${part}.bin`));
        const bytes = old.map((value, index) => value + index * 7 + 1);
        Deno.writeFileSync(join(outputDirectory, `${part}.bin`), bytes);
      }
      return Promise.resolve();
    },
  };
}

async function run(folder: string): Promise<void> {
  const config = { name: "c", file: join(folder, "c.toml") } as Config;
  await runPipelines([config], {
    stages: [stage("first"), stage("second", "first")],
    store: new Store(join(folder, ".cache")),
    runsDirectory: join(folder, "runs"),
    log: silentLog,
    signal: never,
    wait: true,
    command: "test",
    prepareGpu: () => Promise.resolve({}),
  });
}

/** The message of a run that fails as a user can understand; undefined when it succeeds. */
async function failure(): Promise<string | undefined> {
  try {
    await run(disk);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof PipelineError, (error as Error).stack);
    return error.message;
  }
}

describe("a full disk", () => {
  it("stops a run at whatever moment, in one line, and leaves nothing half-written", async (test: Skippable) => {
    const undisturbed = join(root, "undisturbed");
    await run(undisturbed);
    const expected = files(join(undisturbed, "runs"));
    if (!(await mount("size=64k"))) {
      return test.skip("mounting a file system needs root");
    }
    let failures = 0;
    for (let sizeKib = 64;; sizeKib += 8) {
      await remount(`size=${sizeKib}k`);
      const message = await failure();
      for (const [path, digest] of Object.entries(files(join(disk, "runs")))) {
        assert.equal(digest, expected[path], `${path} at ${sizeKib} KiB`);
      }
      const { damagedObjects, damagedRecords } = await checkStore(
        new Store(join(disk, ".cache")),
        { log: silentLog, signal: never },
      );
      assert.deepEqual([...damagedObjects, ...damagedRecords], []);
      if (message === undefined) break;
      assert.match(
        message,
        /^Cannot [^\n]+: found a full disk; free some space and run again$/,
      );
      failures++;
      // Every other time from nothing, so that each size meets each moment.
      if (failures % 2 === 0) {
        for (const name of [".cache", "runs"]) {
          Deno.removeSync(join(disk, name), { recursive: true });
        }
      }
    }
    assert.ok(failures > 10, `${failures} failures`);
    assert.deepEqual(files(join(disk, "runs")), expected);
  });

  it("is told from a limit on the size of files", async () => {
    const script = new URL(
      "../../helpers/pipeline/small/run_once.ts",
      import.meta.url,
    );
    const command = `trap "" XFSZ; ulimit -f 0; exec "$0" "$@"`;
    const { code, stderr } = await runProcess("sh", [
      ...["-c", command, Deno.execPath(), "run", "--no-check", "-A"],
      ...[fileURLToPath(script), disk],
    ]);
    assert.notEqual(code, 0);
    assert.match(
      stderr,
      /PipelineError: Cannot [^\n]+: found a file larger than is allowed; raise `ulimit -f` and run again/,
    );
    assert.deepEqual(files(join(disk, "runs")), {});
  });
});

describe("a read-only file system", () => {
  it("is refused in one line before any work, and harms nothing", async (test: Skippable) => {
    if (!(await mount("size=4m"))) {
      return test.skip("mounting a file system needs root");
    }
    await run(disk);
    const before = files(disk);
    await remount("ro");
    assert.equal(
      await failure(),
      `Cannot make the store: ${
        join(disk, ".cache")
      }: found a read-only file system; run in a directory that can be written`,
    );
    assert.deepEqual(files(disk), before);
  });
});

describe("a folder without permission", () => {
  it("is refused in one line before any work", async (test: Skippable) => {
    // Root may write anywhere, except to what is marked immutable.
    const { code } = await runProcess("chattr", ["+i", disk]);
    if (code !== 0) Deno.chmodSync(disk, 0o555);
    try {
      if (code !== 0 && Deno.uid() === 0) {
        return test.skip("nothing is forbidden here");
      }
      assert.equal(
        await failure(),
        `Cannot make the store: ${
          join(disk, ".cache")
        }: found no permission; change its permissions`,
      );
    } finally {
      await runProcess("chattr", ["-i", disk]);
      Deno.chmodSync(disk, 0o755);
    }
  });
});
