import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { readTrainingCheckpoint } from "../../../pipeline/training/checkpoint.ts";
import {
  trainStage,
  writeInputs,
} from "../../helpers/pipeline/small/training.ts";

const script = fileURLToPath(
  new URL("../../helpers/pipeline/small/train_once.ts", import.meta.url),
);

/** Four steps of a loss with running figures, whose rules change on the way, by another optimizer and schedule. */
const overrides = [
  'stage1.loss="SDGMNet"',
  'stage1.optimizer="sgd"',
  'stage1.schedule="halving"',
  "stage1.lr=0.5",
  "stage1.wd=0.0001",
];

let folder: string;

beforeEach(async () => {
  folder = Deno.makeTempDirSync({ prefix: "training-" });
  await writeInputs(folder);
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

const read = (path: string) => Deno.readFileSync(join(folder, path)).toHex();

/** Trains in a process of its own and kills it as soon as it tells so many steps done. */
async function trainAndKill(steps: number): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "-A",
      script,
      folder,
      "stage1",
      ...overrides,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    if (text.trim().split("\n").map(Number).includes(steps)) {
      child.kill("SIGKILL");
      break;
    }
  }
  assert.equal((await child.status).signal, "SIGKILL");
}

describe("a training by a loss with running figures", () => {
  it("that is killed ends with the bytes of an undisturbed one", async () => {
    await trainStage(folder, "stage1", { overrides });
    const models = ["output/model.safetensors", "output/metrics.jsonl"];
    const expected = models.map(read);
    await Deno.remove(join(folder, "scratch"), { recursive: true });

    await trainAndKill(3);
    const scratch = join(folder, "scratch");
    const checkpoint = await readTrainingCheckpoint(scratch);
    assert.ok(typeof checkpoint === "object");
    assert.ok(checkpoint.position.total >= 2);
    // The sums of weights start at 10,000 and fall.
    const sum = checkpoint.state.lossRunning[6];
    assert.ok(sum > 9900 && sum < 9990, String(sum));
    await trainStage(folder, "stage1", { overrides });
    assert.deepEqual(models.map(read), expected);
    const steps = Deno.readTextFileSync(join(folder, models[1])).trimEnd()
      .split("\n").map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === "step");
    assert.deepEqual(
      steps.map(({ learningRate }) => learningRate),
      [0.5, 0.125, 0.015625, 0.00390625],
    );
    assert.ok(steps.every(({ momentum }) => momentum === 0.9));
  });
});
