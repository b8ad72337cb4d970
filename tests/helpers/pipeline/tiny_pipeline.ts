/** The whole pipeline on two photographs, as small as it gets, from the command line. */
import assert from "node:assert/strict";
import { join } from "@std/path";
import {
  cliArguments,
  type Finished,
  projectDirectory,
  runCli,
  runProcess,
} from "../command_line.ts";
import { writeCollages } from "../data/test_images.ts";

const config = `
[download]
source_dir = "photographs"
patch_sets = 24
views = 3
held_out = 1
test_pairs = 40
patches_per_sequence = 10
pairs_per_photograph = 2
sigmas_v = "2,3"
[stage1]
epochs = 1
tuples = 8
batch_size = 4
[stage2]
batch_size = 5
batch_step = 1
final_batch_size = 4
bsNum = 2
[extract]
descriptors = ["trained", "pixels"]
batch_size = 32
pair_keypoints = 60
[evaluate]
retrieval_k = [10, 20]
`;

export const allStages = [
  "download",
  "stage1",
  "stage2",
  "extract",
  "evaluate",
];

/** A working directory with a config and photographs; removed when the tests of this file end. */
export async function workplace(): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix: "reproduce-" });
  addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  Deno.writeTextFileSync(join(folder, "tiny.toml"), config);
  const photographs = join(folder, "photographs");
  Deno.mkdirSync(photographs);
  await writeCollages(photographs, ["a.png", "b.png"], 260, 250);
  return folder;
}

export async function reproduce(
  folder: string,
  ...changes: string[]
): Promise<Finished> {
  const flags = changes.map((change) => `--set=${change}`);
  const args = ["reproduce", "tiny.toml", ...flags];
  const finished = await runCli(args, { cwd: folder });
  assert.equal(finished.code, 0, finished.stderr);
  return finished;
}

/** {@linkcode reproduce} with how many seconds processors worked for it, as the shell tells. */
export async function reproduceTimed(
  folder: string,
): Promise<Finished & { workedSeconds: number }> {
  const measured = '"$0" "$@" && times';
  const finished = await runProcess("sh", [
    "-c",
    measured,
    Deno.execPath(),
    ...cliArguments(["reproduce", "tiny.toml"]),
  ], { cwd: folder });
  assert.equal(finished.code, 0, finished.stderr);
  // The last of two lines is about what the shell started: `0m0.41s 0m0.09s`.
  const lines = finished.stdout.trimEnd().split("\n");
  const [own, started] = lines.splice(-2);
  assert.match(own, /^\d+m/);
  const workedSeconds = [...started.matchAll(/(\d+)m([\d.]+)s/g)]
    .reduce((sum, [, m, s]) => sum + 60 * Number(m) + Number(s), 0);
  assert.ok(workedSeconds > 0, started);
  return { ...finished, stdout: `${lines.join("\n")}\n`, workedSeconds };
}

/** The stages that a run computed and those that it found fresh, as its log tells. */
export function stagesOf(
  { stderr }: Finished,
): { ran: string[]; fresh: string[] } {
  const matching = (pattern: RegExp) =>
    [...stderr.matchAll(pattern)].map(([, stage]) => stage);
  return {
    ran: matching(/^(\w+): runs because /gm),
    fresh: matching(/^(\w+): fresh$/gm),
  };
}

let computed: Promise<{ folder: string; finished: Finished }> | undefined;

/** One workplace where the whole pipeline has run, for all tests. */
export function computedWorkplace() {
  computed ??= (async () => {
    const folder = await workplace();
    return { folder, finished: await reproduce(folder) };
  })();
  return computed;
}

export interface Status {
  fresh: boolean;
  stages: { stage: string; state: string; key: string | null }[];
}

export async function status(
  folder: string,
  project: string,
  file: string,
): Promise<{ code: number; plan: Status }> {
  const { code, stdout, stderr } = await runProcess(Deno.execPath(), [
    "run",
    "--no-prompt",
    "--allow-read",
    "--allow-write=.cache",
    join(project, "pipeline/cli.ts"),
    "status",
    file,
    "--json",
  ], { cwd: folder });
  assert.ok(code < 2, stderr);
  return { code, plan: JSON.parse(stdout) };
}

/** A copy of the program in another place; packages are linked. */
export async function copyProject(): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix: "a clone " });
  addEventListener("unload", () => {
    Deno.removeSync(folder, { recursive: true });
  });
  const copy = async (path: string) => {
    const source = join(projectDirectory, path);
    const target = join(folder, path);
    if (!Deno.statSync(source).isDirectory) {
      return Deno.copyFileSync(source, target);
    }
    Deno.mkdirSync(target);
    for (const { name } of Deno.readDirSync(source)) {
      await copy(join(path, name));
    }
  };
  const parts = [
    "deno.json",
    "deno.lock",
    "mod.ts",
    "data",
    "features",
    "gpu",
    "pipeline",
    "web",
  ];
  for (const path of parts) await copy(path);
  Deno.symlinkSync(
    join(projectDirectory, "node_modules"),
    join(folder, "node_modules"),
  );
  return folder;
}
