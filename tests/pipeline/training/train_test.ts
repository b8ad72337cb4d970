import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readSafetensors } from "../../../data/mod.ts";
import { whenClosed } from "../../helpers/open_files.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { readTrainingCheckpoint } from "../../../pipeline/training/checkpoint.ts";
import { eventFileName } from "../../../pipeline/training/metrics.ts";
import {
  timings,
  trainStage,
  writeInputs,
} from "../../helpers/pipeline/small/training.ts";

const script = fileURLToPath(
  new URL("../../helpers/pipeline/small/train_once.ts", import.meta.url),
);

let folder: string;

beforeEach(async () => {
  folder = Deno.makeTempDirSync({ prefix: "training-" });
  await writeInputs(folder);
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Every output by its name, as hexadecimal text. */
function outputs(): Record<string, string> {
  const directory = join(folder, "output");
  const files = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  return Object.fromEntries(
    files.map((name) => [
      name,
      Deno.readFileSync(join(directory, name)).toHex(),
    ]),
  );
}

function metrics(): Record<string, unknown>[] {
  const path = join(folder, "output", "metrics.jsonl");
  return Deno.readTextFileSync(path).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
}

/** What the loader's thread has open while it lives. */
function patchesPath(): string {
  return join(folder, "download", "training", "patches.bin");
}

let undisturbed: Promise<Record<string, string>> | undefined;

/** What stage 1 gives when nothing comes between; trained once for all tests. */
function undisturbedStage1(): Promise<Record<string, string>> {
  undisturbed ??= (async () => {
    await trainStage(folder, "stage1");
    const result = outputs();
    for (const place of ["output", "scratch"]) {
      await Deno.remove(join(folder, place), { recursive: true });
    }
    return result;
  })();
  return undisturbed;
}

/**
 * Trains in a process of its own and kills it a moment after it has done `killAt` steps.
 *
 * @returns the numbers of done steps that it told
 */
async function trainInProcess(
  stage: string,
  killAt: number,
  delayMs: number,
): Promise<number[]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", script, folder, stage],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const told: number[] = [];
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    told.push(...text.trim().split("\n").map(Number));
    if (told.includes(killAt)) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      child.kill("SIGKILL");
      break;
    }
  }
  const { signal, success } = await child.status;
  if (killAt === Infinity) assert.ok(success);
  else assert.equal(signal, "SIGKILL");
  return told;
}

describe("a training stage", () => {
  it("that is killed twice ends with the bytes of an undisturbed one", async () => {
    const expected = await undisturbedStage1();
    await trainInProcess("stage1", 1, 430);
    const second = await trainInProcess("stage1", 3, 20);
    assert.ok(second[0] >= 1, `started over: ${second}`);
    const third = await trainInProcess("stage1", Infinity, 0);
    assert.ok(third[0] >= second[0], `${second} then ${third}`);
    assert.equal(third.at(-1), 4);
    assert.deepEqual(outputs(), expected);
    // Each step once, in order; a test at the end of each epoch.
    const kinds = metrics().map(({ kind, step }) => `${kind} ${step}`);
    assert.deepEqual(kinds, [
      ...["step 1", "step 2", "test 2", "step 3", "step 4", "test 4"],
    ]);
    for (const record of metrics()) {
      if (record.kind !== "test") continue;
      const { tiny } = record.fpr95 as { tiny: number };
      assert.ok(tiny >= 0 && tiny <= 1, `${tiny}`);
    }
  });

  it("gives the same models however often it saves and logs, killed or not", async () => {
    await trainStage(folder, "stage2", {
      overrides: ["stage2.save_every_steps=500", "stage2.log_every_steps=3"],
    });
    // Batches were read while the GPU compiled and worked.
    const { steps, step_seconds, input_wait_share } = timings.at(-1)!;
    assert.equal(steps, 4);
    assert.ok(step_seconds > 0);
    assert.ok(
      input_wait_share > 0 && input_wait_share < 0.02,
      `${input_wait_share}`,
    );
    const {
      "metrics.jsonl": sparse,
      [eventFileName]: sparseEvents,
      ...expected
    } = outputs();
    assert.deepEqual(Object.keys(expected), [
      "cycle_00.safetensors",
      "cycle_01.safetensors",
      "model.safetensors",
    ]);
    assert.equal(
      expected["cycle_01.safetensors"],
      expected["model.safetensors"],
    );
    assert.notEqual(
      expected["cycle_00.safetensors"],
      expected["model.safetensors"],
    );
    await Deno.remove(join(folder, "scratch"), { recursive: true });

    await trainInProcess("stage2", 3, 100);
    const [resumedAt] = await trainInProcess("stage2", Infinity, 0);
    assert.ok(resumedAt >= 2, `resumed at ${resumedAt}`);
    const {
      "metrics.jsonl": dense,
      [eventFileName]: denseEvents,
      ...models
    } = outputs();
    assert.deepEqual(models, expected);
    assert.ok(dense.length > sparse.length);
    assert.ok(denseEvents.length > sparseEvents.length);
  });

  it("that is aborted saves where it stands; a damaged checkpoint costs only time", async () => {
    const expected = await undisturbedStage1();
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = trainStage(folder, "stage1", {
      overrides: ["stage1.save_every_steps=500"],
      signal: controller.signal,
      log: {
        ...silentLog,
        progress: () => ({
          update: (done) => {
            if (done === 2) controller.abort(reason);
          },
          finish() {},
        }),
      },
    });
    await assert.rejects(aborted, (error) => error === reason);
    await whenClosed(patchesPath());
    const scratch = join(folder, "scratch");
    const checkpoint = await readTrainingCheckpoint(scratch);
    assert.ok(typeof checkpoint === "object");
    assert.deepEqual(checkpoint.position, { cycle: 0, step: 2, total: 2 });
    assert.deepEqual(outputs(), {});

    const path = join(scratch, "checkpoint.safetensors");
    const { size } = Deno.statSync(path);
    Deno.truncateSync(path, Math.floor(size / 2));
    const warnings: string[] = [];
    await trainStage(folder, "stage1", {
      log: { ...silentLog, warn: (message) => warnings.push(message) },
    });
    assert.deepEqual(warnings, [
      `stage1: the checkpoint in ${scratch} is damaged; starting over`,
    ]);
    assert.deepEqual(outputs(), expected);
  });

  it("names the patches that are missing or are cut before a step, and ends", async () => {
    const path = patchesPath();
    const wanted = (found: string) =>
      new RegExp(
        `^DataError: Cannot read packed patches: ${path}: found ${found}.*; run the download stage again$`,
      );
    await assert.rejects(
      trainStage(folder, "stage1", {
        log: {
          ...silentLog,
          progress: () => {
            Deno.truncateSync(path, 5000);
            return { update() {}, finish() {} };
          },
        },
      }),
      wanted("the end of the file too early"),
    );
    await whenClosed(path);
    await Deno.remove(path);
    await assert.rejects(
      trainStage(folder, "stage1"),
      wanted("ENOENT: no such file"),
    );
  });

  it("names the file whose network does not fit", async () => {
    const path = join(folder, "stage1", "model.safetensors");
    const { tensors } = await readSafetensors(path);
    tensors.delete("features.0.1.tau");
    const { writeSafetensors } = await import("../../../data/mod.ts");
    await writeSafetensors(path, tensors);
    await assert.rejects(
      trainStage(folder, "stage2"),
      new RegExp(
        `^GpuError: Cannot load a network: ${path}: features\\.0\\.1\\.tau: found no such tensor, wanted \\[1, 1, 1, 1\\]; `,
      ),
    );
  });
});
