import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { parseCall } from "../../../pipeline/commands/arguments/parse_call.ts";
import { jobArguments } from "../../../pipeline/commands/executor_flags.ts";
import { childPermissions } from "../../../pipeline/commands/network_access.ts";
import { remoteFlags } from "../../../pipeline/commands/remote_flags.ts";
import { reproduce } from "../../../pipeline/commands/reproduce.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { isUnderWay, parseStates } from "../../../pipeline/slurm/commands.ts";
import { jobScript } from "../../../pipeline/slurm/executor.ts";
import { projectDirectory, runProcess } from "../../helpers/command_line.ts";

describe("the states of jobs", () => {
  it("are read from the queue and from the accounting alike", () => {
    const queue =
      "4|PENDING|Dependency\n3|RUNNING|None\n2|FAILED|NonZeroExitCode\n";
    assert.deepEqual([...parseStates(queue)], [
      ["4", { state: "PENDING", reason: "Dependency" }],
      ["3", { state: "RUNNING", reason: "" }],
      ["2", { state: "FAILED", reason: "NonZeroExitCode" }],
    ]);
    const accounting =
      "7|COMPLETED|0:0\n8|CANCELLED by 1000|0:15\n9|CANCELLED+|0:0\n";
    assert.deepEqual(
      [...parseStates(accounting)].map(([id, { state }]) => `${id} ${state}`),
      ["7 COMPLETED", "8 CANCELLED", "9 CANCELLED"],
    );
  });

  it("leave out what is no job", () => {
    const text = "\n12.batch|COMPLETED|0:0\nslurm: error\n|RUNNING|None\n";
    assert.equal(parseStates(text).size, 0);
  });

  it("tell whether a job has ended", () => {
    const is = (state: string) => isUnderWay({ state, reason: "" });
    for (
      const state of [
        "PENDING",
        "RUNNING",
        "COMPLETING",
        "REQUEUE_HOLD",
        "SUSPENDED",
      ]
    ) {
      assert.ok(is(state), state);
    }
    for (
      const state of [
        "COMPLETED",
        "FAILED",
        "CANCELLED",
        "TIMEOUT",
        "OUT_OF_MEMORY",
        "NODE_FAIL",
        "PREEMPTED",
      ]
    ) {
      assert.ok(!is(state), state);
    }
  });
});

describe("a job's script", () => {
  it("hands every argument on as it is, in this working directory", async () => {
    const args = ["it's", 'a "b" $HOME `c` \\', "", "*", "--set", "x=[1, 2]"];
    const script = jobScript("/usr/bin/printf", ["<%s>", ...args]);
    const { code, stdout } = await runProcess("sh", ["-c", script], {
      cwd: "/",
    });
    assert.equal(code, 0);
    assert.equal(stdout, args.map((word) => `<${word}>`).join(""));
    const where = jobScript("/bin/pwd", []);
    const { stdout: folder } = await runProcess("sh", ["-c", where], {
      cwd: "/",
    });
    assert.equal(folder.trim(), Deno.cwd());
  });
});

describe("a job's arguments", () => {
  /** The arguments of the job of a call. */
  function argumentsOf(...args: string[]): string[] {
    const call = parseCall(reproduce, ["c.toml", ...args], {
      print() {},
      log: () => silentLog,
      signal: new AbortController().signal,
    });
    assert.ok(typeof call !== "string");
    return jobArguments(call);
  }

  it("hold every flag of the shared cache, each key that is trusted among them", () => {
    for (const { name, value } of remoteFlags) {
      const typed = value === undefined ? [`--${name}`] : [`--${name}`, "x"];
      assert.deepEqual(argumentsOf(...typed), typed);
    }
    const keys = ["--remote-trust", "a", "--remote-trust", "b"];
    assert.deepEqual(argumentsOf(...keys), keys);
  });

  it("hold what says how results are made and where they go, and no more", () => {
    assert.deepEqual(
      argumentsOf(
        ..."--executor slurm --slurm-option=--gres=gpu:1 --until stage1".split(
          " ",
        ),
        ..."--check-expectations --set seed=1 --set seed=2 --cache store"
          .split(" "),
        ..."--frozen --no-wait --offline --quiet".split(" "),
      ),
      [
        ...["--set", "seed=1", "--set", "seed=2"],
        ...["--cache", join(Deno.cwd(), "store")],
        ...["--frozen", "--no-wait", "--offline", "--quiet"],
      ],
    );
  });
});

describe("reproduce", () => {
  let folder: string;
  beforeEach(() => {
    folder = Deno.makeTempDirSync();
  });
  afterEach(() => Deno.removeSync(folder, { recursive: true }));

  const config = join(projectDirectory, "configs/smoke.toml");
  const noSlurm = { PATH: "/nowhere" };
  const refused: [
    what: string,
    args: string[],
    message: string,
    env?: Record<string, string>,
  ][] = [
    [
      "an executor that does not exist",
      ["--executor", "k8s"],
      'Cannot run reproduce: --executor: found "k8s", wanted slurm',
    ],
    [
      "options for Slurm without it",
      ["--slurm-option=--gres=gpu:1"],
      "Cannot run reproduce: found --slurm-option without --executor slurm, wanted both or neither",
    ],
    [
      "a stage that does not exist",
      ["--until", "stage3"],
      "Cannot select stages: --until stage3: found no such stage in smoke, wanted one of download, stage1, stage2, extract, evaluate",
    ],
    [
      "a stage that the config leaves out",
      ["--until", "stage2", "--set", "stage2.enabled=false"],
      "Cannot select stages: --until stage2: found no such stage in smoke, wanted one of download, stage1, extract, evaluate",
    ],
    [
      "to submit jobs where Slurm is not",
      ["--executor", "slurm"],
      "Cannot use Slurm: sbatch: found no such program; run it where jobs can be submitted; on Debian the package is slurm-client",
      noSlurm,
    ],
  ];
  for (const [what, args, message, env = {}] of refused) {
    it(`refuses ${what}`, async () => {
      const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
        "run",
        ...childPermissions,
        "--allow-run",
        `${projectDirectory}/pipeline/cli.ts`,
        "reproduce",
        config,
        ...args,
      ], { cwd: folder, env });
      assert.equal(stderr, `${message}\n`);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    });
  }
});
