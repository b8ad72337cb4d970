import assert from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import {
  type Finished,
  projectDirectory,
  runCli,
  runProcess,
} from "../../helpers/command_line.ts";
import { permissionsOfTask } from "../../helpers/task_permissions.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});

afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** Runs `plan` with the permissions of its task. */
function runPlan(...args: string[]): Promise<Finished> {
  const cli = join(projectDirectory, "pipeline", "cli.ts");
  return runProcess(
    Deno.execPath(),
    ["run", ...permissionsOfTask("plan"), cli, "plan", ...args],
    { cwd: folder },
  );
}

const configFile = (name: string) => join(projectDirectory, "configs", name);

describe("plan", () => {
  it("tells what the authors' run needs, and leaves nothing behind", async () => {
    const { code, stdout, stderr } = await runPlan(
      configFile("lib.toml"),
      "--no-probe",
      "--set",
      "download.source_dir=.",
    );
    assert.equal(code, 0, stderr);
    for (
      const line of [
        /^ {2}download {2}stale {4}never ran$/m,
        /^ {2}liberty {4}to fetch, at most 1\.86 GB, from cmp\.felk\.cvut\.cz, else matthewalunbrown\.com, else icvl\.ee\.ic\.ac\.uk$/m,
        /^ {2}yosemite {3}to fetch, at most 2\.61 GB, from /m,
        /^ {2}hpatches {3}to fetch, about 4\.2 GB, from huggingface\.co$/m,
        /^ {2}tasks {6}to fetch, size unknown, from codeload\.github\.com$/m,
        /^ {2}about 54\.1 GB at most: archives 10\.6 GB, one set unpacked 4\.2 GB, /m,
        /^ {2}[\d.]+ [A-Z]B free/m,
        /^ {2}stage1: 39550 steps \(25 × 1582\), batch 2560 × 3 patches/m,
        /^ {2}stage2: 21000 steps in 15 cycles/m,
      ]
    ) assert.match(stdout, line);
    assert.doesNotMatch(stdout, /measured|estimate/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });

  it("knows what is here already", async () => {
    Deno.mkdirSync(join(folder, "liberty"));
    Deno.writeTextFileSync(join(folder, "liberty", "info.txt"), "0 0\n");
    Deno.mkdirSync(join(folder, ".cache", "downloads"), { recursive: true });
    const archive = join(folder, ".cache", "downloads", "yosemite.zip");
    Deno.writeTextFileSync(archive, "PK");
    const { code, stdout, stderr } = await runPlan(
      configFile("lib.toml"),
      "--no-probe",
      "--json",
      "--set",
      "download.source_dir=.",
    );
    assert.equal(code, 0, stderr);
    const { sets, disk, hours, probe, training, stages } = JSON.parse(stdout);
    assert.deepEqual(
      sets.map(({ set, state }: Record<string, string>) => `${set} ${state}`),
      [
        "liberty here",
        "notredame to fetch",
        "yosemite fetched",
        "hpatches to fetch",
        "tasks to fetch",
      ],
    );
    const [, notredame] = sets;
    assert.equal(disk.archives_bytes, notredame.archive_bytes + 4.2e9);
    assert.ok(disk.free_bytes > 0);
    assert.equal(stages.length, 5);
    assert.equal(training.stage2.cycles.length, 15);
    assert.deepEqual([hours, probe], [null, null]);
  });

  it("is refused, as status and reproduce are, where data sets can be had from nowhere", async () => {
    Deno.symlinkSync("/gone/liberty", join(folder, "liberty"));
    const offline = "--set=download.offline=true";
    const nowhere =
      /^Cannot provide the data sets: liberty, notredame, yosemite, hpatches, tasks: found no copy, and nothing is fetched \(offline\); /m;
    const cases: [string[], RegExp][] = [
      [
        ["plan", "--no-probe", "--set=download.source_dir=."],
        /^Cannot read the data sets: \S*liberty: found a link to \/gone\/liberty, where nothing is, wanted a folder or an archive; mend or remove it$/m,
      ],
      [["plan", "--no-probe", offline], nowhere],
      [["status", offline], nowhere],
      [["reproduce", "--dry-run", offline], nowhere],
      [["reproduce", offline], nowhere],
    ];
    for (const [args, message] of cases) {
      const { code, stderr } = await runCli([...args, configFile("lib.toml")], {
        cwd: folder,
      });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });

  it("estimates the hours from steps on this adapter", async () => {
    const { code, stdout, stderr } = await runPlan(
      configFile("smoke.toml"),
      "--json",
      "--set",
      "stage1.batch_size=2",
    );
    assert.equal(code, 0, stderr);
    const { sets, probe, hours } = JSON.parse(stdout);
    assert.deepEqual(sets, []);
    assert.ok(probe.steps >= 1 && probe.steps <= 20, `${probe.steps}`);
    assert.equal(probe.patches, 6);
    assert.notEqual(probe.adapter, "");
    // Stage 1: 16 steps of 2 × 3 patches; stage 2: 2 of 6 × 2 and 2 of 4 × 2.
    const seconds = (patches: number) => patches / probe.patches_per_second;
    assert.ok(Math.abs(hours.stage1 * 3600 - seconds(96)) < 1e-9);
    assert.ok(Math.abs(hours.stage2 * 3600 - seconds(40)) < 1e-9);
  });
});
