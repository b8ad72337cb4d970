import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readTrainingCheckpoint } from "../../../pipeline/training/checkpoint.ts";
import { projectDirectory } from "../../helpers/command_line.ts";
import { writeDrawnSmoke } from "../../helpers/pipeline/drawn_smoke.ts";

let folder: string;
let photographs: string;

beforeEach(async () => {
  folder = Deno.makeTempDirSync();
  photographs = Deno.makeTempDirSync();
  await writeDrawnSmoke(photographs);
});

afterEach(() => {
  for (const path of [folder, photographs]) {
    Deno.removeSync(path, { recursive: true });
  }
});

/** One press of a key or one signal. */
interface Press {
  signal: Deno.Signal;
  /** pressed so long after the one before it; the first so long after its words came */
  afterMs: number;
}

/** What a run said, and when, counted from the first press. */
interface Ended {
  code: number;
  stderr: string;
  /** when it answered the first press; undefined when it did not */
  answeredMs: number | undefined;
  endedMs: number;
}

const answer = "stopping at the next safe point";

/** Starts a run below `folder`, does what `presses` say as soon as `words` were printed, and waits for the end. */
async function run(
  args: string[],
  words = "",
  presses: readonly Press[] = [],
): Promise<Ended> {
  const process = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-write=runs,.cache",
      join(projectDirectory, "pipeline/cli.ts"),
      "reproduce",
      join(photographs, "smoke.toml"),
      ...args,
    ],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  let pressedMs: number | undefined;
  let answeredMs: number | undefined;
  const press = async () => {
    for (const { signal, afterMs } of presses) {
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      pressedMs ??= performance.now();
      process.kill(signal);
    }
  };
  let pressing: Promise<void> | undefined;
  for await (
    const text of process.stderr.pipeThrough(new TextDecoderStream())
  ) {
    stderr += text;
    if (stderr.includes(words)) pressing ??= press();
    if (pressedMs !== undefined && stderr.includes(answer)) {
      answeredMs ??= performance.now() - pressedMs;
    }
  }
  const { code } = await process.status;
  await pressing;
  const endedMs = performance.now() - (pressedMs ?? 0);
  return { code, stderr, answeredMs, endedMs };
}

/** Two steps of 72 patches, without a checkpoint between them. */
const training = [
  "--until=stage1",
  ...["epochs=1", "batch_size=24", "tuples=48", "save_every_steps=50"]
    .flatMap((setting) => ["--set", `stage1.${setting}`]),
];

/** Presses while the first step is under way: for seconds the thread that computes hears nothing. */
const beginning = "stage1: runs because";

/** Every file of the training stage by its name, as hexadecimal text. */
function outcome(): Record<string, string> {
  const directory = join(folder, "runs/smoke/stage1");
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  return Object.fromEntries(
    names.map((
      name,
    ) => [name, Deno.readFileSync(join(directory, name)).toHex()]),
  );
}

/** How many steps the checkpoint holds that the training would go on with. */
async function stepsKept(): Promise<number> {
  const scratch = join(folder, ".cache/scratch");
  const [{ name }] = Deno.readDirSync(scratch);
  const checkpoint = await readTrainingCheckpoint(join(scratch, name));
  assert.ok(checkpoint !== undefined && checkpoint !== "damaged");
  return checkpoint.position.total;
}

describe("Ctrl-C", () => {
  it("ends a run with 130, says that it resumes, and leaves no result", async () => {
    const twice = [
      { signal: "SIGINT", afterMs: 0 },
      { signal: "SIGINT", afterMs: 0 }, // one press may arrive twice
    ] as const;
    const { code, stderr } = await run([], "runs because", twice);
    assert.equal(code, 130, stderr);
    const lines = stderr.trimEnd().split("\n").slice(1)
      // Whether the photographs were opened before the signal came is a matter of speed.
      .filter((line) => !line.startsWith("photographs: "));
    assert.deepEqual(lines, [
      "stopping at the next safe point; press Ctrl-C again to stop at once",
      "interrupted: the same command resumes from the last checkpoint",
    ]);
    assert.throws(() => Deno.statSync(join(folder, "runs/smoke/results.json")));
  });
});

describe("Ctrl-C while the GPU computes", () => {
  it("is answered at once and keeps the step under way; the same command then ends with the bytes of an undisturbed run", async () => {
    const first = await run(training, beginning, [
      { signal: "SIGINT", afterMs: 800 },
    ]);
    assert.equal(first.code, 130, first.stderr);
    // Without a thread of its own for the answer it would come when the step has ended.
    assert.ok(
      first.answeredMs! < first.endedMs / 2,
      `after ${first.answeredMs} of ${first.endedMs} ms`,
    );
    assert.equal(await stepsKept(), 1);
    const undisturbed = Deno.makeTempDirSync();
    cpSync(join(folder, ".cache"), join(undisturbed, ".cache"), {
      recursive: true,
      filter: (path) => !path.endsWith("/scratch"),
    });

    const twice = await run(training, beginning, [
      { signal: "SIGINT", afterMs: 800 },
      { signal: "SIGINT", afterMs: 400 },
    ]);
    assert.equal(twice.code, 130, twice.stderr);
    assert.ok(
      twice.endedMs < first.endedMs,
      `${twice.endedMs} ms for two presses, ${first.endedMs} for one`,
    );
    assert.doesNotMatch(twice.stderr, /interrupted:/);

    const resumed = await run(training);
    assert.equal(resumed.code, 0, resumed.stderr);
    const expected = outcome();
    Deno.removeSync(folder, { recursive: true });
    folder = undisturbed;
    const whole = await run(training);
    assert.equal(whole.code, 0, whole.stderr);
    assert.deepEqual(outcome(), expected);
  });
});
