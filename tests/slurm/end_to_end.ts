/** `./run test:slurm`: a pipeline as jobs of a real Slurm, with one controller and one node on loopback. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { sha256 } from "../../pipeline/files/hash.ts";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../helpers/command_line.ts";
import { writeDrawnSmoke } from "../helpers/pipeline/drawn_smoke.ts";
import { installSlurm, SlurmCluster } from "./cluster.ts";

const problem = await installSlurm();
if (problem !== undefined) throw new Error(`Cannot test Slurm: ${problem}`);

/** The smallest pipeline that trains: the second stage is left out. */
const sections = `
[stage1]
epochs = 1
[stage2]
enabled = false
[extract]
descriptors = ["trained"]
`;

describe("reproduce --executor slurm", () => {
  let folder: string;
  let cluster: SlurmCluster;
  beforeEach(async () => {
    cluster = await SlurmCluster.start();
    folder = Deno.makeTempDirSync({ prefix: "slurm-run-" });
    await writeDrawnSmoke(folder, sections);
  });
  afterEach(async () => {
    await cluster[Symbol.asyncDispose]();
    Deno.removeSync(folder, { recursive: true });
  });

  it("gives the bytes that a local run gives", async () => {
    await Deno.mkdir(join(folder, "local"));
    const slurm = await reproduce(["--slurm-option=--partition=spare"]);
    assert.equal(slurm.code, 0, slurm.stderr);
    const local = await task(["reproduce", "../smoke.toml"], "local");
    assert.equal(local.code, 0, local.stderr);
    assert.deepEqual(
      digests(join(folder, "runs/smoke")),
      digests(join(folder, "local/runs/smoke")),
    );
    assert.equal(slurm.stdout, local.stdout);
    for (const stage of ["download", "stage1", "extract", "evaluate"]) {
      assert.match(slurm.stderr, new RegExp(`^${stage}: job \\d+`, "m"));
      const log = join(folder, "runs/smoke/slurm", `${stage}.log`);
      assert.match(
        Deno.readTextFileSync(log),
        new RegExp(`^${stage}: runs`, "m"),
      );
    }
    const { stdout } = await cluster.call("squeue", [
      "--noheader",
      "--states=all",
      "--format=%j %P %T %E",
    ]);
    assert.match(stdout, /^self-tnet-smoke-evaluate spare COMPLETED/m);
    // All of it is fresh now: nothing is submitted.
    const again = await reproduce();
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /job \d/);
  });

  it("tells in one line which job failed and where its log is, and cancels what follows", async () => {
    // What can be seen before a job is submitted is told then: this training diverges.
    const settings = [
      "--set=stage1.lr=1e30",
      "--set=stage1.save_every_steps=1",
    ];
    const { code, stdout, stderr } = await reproduce(settings);
    assert.equal(code, 2, stderr);
    assert.equal(stdout, "");
    const log = join(folder, "runs/smoke/slurm/stage1.log");
    const [last] = stderr.trimEnd().split("\n").slice(-1);
    const message =
      /^Cannot run smoke stage1 on Slurm: job 2: found it failed \(NonZeroExitCode\): (Cannot .*); read (.*); the same command goes on$/
        .exec(last);
    assert.ok(message !== null, last);
    const told = Deno.readTextFileSync(log).trimEnd().split("\n").at(-1)!;
    assert.match(told, /a loss that is not finite/);
    assert.equal(message[1], told.slice(0, 300));
    assert.equal(message[2], log);
    assert.deepEqual(await jobs(), [
      "1 COMPLETED",
      "2 FAILED",
      "3 CANCELLED",
      "4 CANCELLED",
    ]);
  });

  it("cancels its jobs on Ctrl-C", async () => {
    const process = new Deno.Command(join(projectDirectory, "run"), {
      args: ["reproduce", "smoke.toml", "--executor", "slurm"],
      cwd: folder,
      env: { ...cluster.env, NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    let printed = "";
    for await (
      const text of process.stderr.pipeThrough(new TextDecoderStream())
    ) {
      printed += text;
      if (/ running\n/.test(text)) process.kill("SIGINT");
    }
    assert.equal((await process.status).code, 130, printed);
    assert.deepEqual(await jobs(), [
      "1 CANCELLED",
      "2 CANCELLED",
      "3 CANCELLED",
      "4 CANCELLED",
    ]);
  });

  it("says what Slurm says when it refuses a job", async () => {
    const { code, stderr } = await reproduce([
      "--slurm-option=--partition=nowhere",
    ]);
    assert.equal(code, 2);
    assert.equal(
      stderr,
      "Cannot submit a job to Slurm: self-tnet-smoke-download: found invalid partition specified: nowhere; Batch job submission failed: Invalid partition name specified\n",
    );
  });

  /** Every job with its state, by id. */
  async function jobs(): Promise<string[]> {
    for (;;) {
      const { stdout } = await cluster.call("squeue", [
        "--noheader",
        "--states=all",
        "--sort=i",
        "--format=%A %T",
      ]);
      const lines = stdout.trim().split("\n");
      if (!lines.some((line) => line.endsWith("COMPLETING"))) return lines;
    }
  }

  /** Submits the pipeline with the permissions of its task. */
  function reproduce(args: string[] = []): Promise<Finished> {
    return task(["reproduce", "smoke.toml", "--executor", "slurm", ...args]);
  }

  function task(args: string[], where = ""): Promise<Finished> {
    return runProcess(join(projectDirectory, "run"), args, {
      cwd: join(folder, where),
      env: cluster.env,
    });
  }
});

const timed = [
  "slurm",
  "metrics.jsonl",
  "results.json",
  "results.md",
  "report.html",
];

/** Sha-256 of every file below a run folder that the pipeline computes, by path. */
function digests(folder: string, prefix = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(join(folder, prefix))) {
    const path = prefix + name;
    // What tells when and how long something ran differs from run to run.
    if (timed.includes(name)) continue;
    if (isDirectory) Object.assign(found, digests(folder, `${path}/`));
    else found[path] = sha256(Deno.readFileSync(join(folder, path)));
  }
  return found;
}
