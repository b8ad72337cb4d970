import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { submittedId } from "../../../pipeline/slurm/commands.ts";
import { childPermissions } from "../../../pipeline/commands/network_access.ts";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../../helpers/command_line.ts";
import { writeDrawnSmoke } from "../../helpers/pipeline/drawn_smoke.ts";
import {
  type SlurmHabits,
  writeFakeSlurm,
} from "../../helpers/pipeline/fake_slurm.ts";

describe("the number of a submitted job", () => {
  const said: [what: string, stdout: string, id: string | undefined][] = [
    ["alone", "101\n", "101"],
    ["with the cluster's name", "101;tiger\n", "101"],
    ["after what a wrapper says", "NOTE: charged to account 7\n101\n", "101"],
    ["before what a wrapper says", "101\nqueue 3 is busy\n", "101"],
    [
      "from a wrapper that ignores --parsable",
      "Submitted batch job 101\n",
      "101",
    ],
    ["with its cluster in words", "Submitted batch job 101 on tiger\n", "101"],
    ["nowhere", "job accepted\n", undefined],
    ["nowhere in silence", "", undefined],
  ];
  for (const [what, stdout, id] of said) {
    it(`is found ${what}`, () => assert.equal(submittedId(stdout), id));
  }
});

describe("reproduce on a cluster", () => {
  let folder: string;
  beforeEach(async () => {
    folder = Deno.makeTempDirSync();
    await writeDrawnSmoke(folder);
  });
  afterEach(() => Deno.removeSync(folder, { recursive: true }));

  /** Makes the data set as a job of a cluster with these habits. */
  function download(habits: SlurmHabits): Promise<Finished> {
    const programs = writeFakeSlurm(join(folder, "slurm"), habits);
    return runProcess(Deno.execPath(), [
      "run",
      ...childPermissions,
      "--allow-run",
      `${projectDirectory}/pipeline/cli.ts`,
      "reproduce",
      "smoke.toml",
      "--until",
      "download",
      "--executor",
      "slurm",
    ], {
      cwd: folder,
      env: {
        PATH: `${programs}:${Deno.env.get("PATH")}`,
        LD_LIBRARY_PATH: folder, // as modules and bundles set it
      },
    });
  }

  const log = () =>
    join(Deno.realPathSync(folder), "runs/smoke/slurm/download.log");

  it("watches a job whose number a wrapper tells in words", async () => {
    const { code, stderr } = await download({
      submitted: "Submitted batch job ID",
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /download: job 101, log /);
    assert.ok(Deno.statSync(join(folder, "runs/smoke/download")).isDirectory);
  });

  it("says that a job may run unwatched when nobody told its number", async () => {
    const { code, stderr } = await download({ submitted: "accepted" });
    assert.equal(code, 2);
    assert.equal(
      stderr,
      'Cannot submit a job to Slurm: self-tnet-smoke-download: found no job\'s number in what sbatch printed: "accepted", wanted a number in a line of its own, or Submitted batch job …; a job may wait now that nobody watches: look with squeue, and have sbatch heed --parsable\n',
    );
  });

  it("looks again for a result that is not to be seen at once", async () => {
    const { code, stderr } = await download({
      unseen: { folder, seconds: 4 },
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /download: fresh\n$/);
    assert.doesNotMatch(stderr, /runs because/);
  });

  it("takes the result of a job that was forgotten", async () => {
    const { code, stderr } = await download({ forgets: true });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /smoke download: job 101 forgotten\n/);
  });

  it("does not take a job that was forgotten for one that ended well", async () => {
    const { code, stderr } = await download({ forgets: true, fails: true });
    assert.equal(code, 2);
    assert.ok(
      stderr.endsWith(
        `Cannot use the result of smoke download: job 101: found nothing in the store, and Slurm has forgotten the job, which may have failed; its log ends with: boom; read ${log()}; the same command goes on\n`,
      ),
      stderr,
    );
  });

  it("names the log of a job that failed", async () => {
    const { code, stderr } = await download({ fails: true });
    assert.equal(code, 2);
    assert.ok(
      stderr.endsWith(
        `Cannot run smoke download on Slurm: job 101: found it failed (NonZeroExitCode): boom; read ${log()}; the same command goes on\n`,
      ),
      stderr,
    );
  });
});
