import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { uniform } from "../../../data/mod.ts";
import { files } from "./small/files.ts";

/** Runs the slow pipeline once. */
const slowRun = new URL("./small/run_once.ts", import.meta.url);

/** Tries a run folder until it is killed. */
export const folderTrials = new URL("./small/try_folder.ts", import.meta.url);

/** Starts the slow pipeline in a process of its own; its store and results go below `root`. */
export function startRun(root: string): Deno.ChildProcess {
  return startScript(slowRun, root);
}

/** Starts a script that prints a line when it begins. */
export function startScript(script: URL, root: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "-A", fileURLToPath(script), root],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for the end; what became of the stages, `ran fresh fresh`. */
export async function finishRun(child: Deno.ChildProcess): Promise<string> {
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const [begins, stages] = new TextDecoder().decode(stdout).split("\n");
  assert.equal(begins, "begins");
  return stages;
}

/** What must be the same however a store came about: results and objects, and no leftovers. */
export function outcomeOf(root: string) {
  return {
    runs: files(join(root, "runs")),
    objects: files(join(root, ".cache/objects")),
    leftovers: Object.keys(files(join(root, ".cache"))).filter((path) =>
      /^(work|scratch|quarantine|locks)\/|\.partial$/.test(path)
    ),
  };
}

/** What killing came to. */
export interface KillTally {
  kills: number;
  /** runs that ended before they were to be killed */
  survivors: number;
  /** undisturbed runs after one or more kills, each compared with the first */
  compared: number;
  /** of those, how many found something to go on with */
  resumed: number;
}

/**
 * Kills the slow pipeline with SIGKILL at random moments between its begin and its end, one to three times in a row, then
 * lets it run to its end and compares every byte with a run that was never disturbed; then begins from nothing.
 *
 * @param folders two empty folders
 * @param kills how many times a run has to be killed
 * @param seed of the moments
 * @param tell called after each comparison
 * @throws {AssertionError} as soon as a byte differs or something is left over
 */
export async function killTrials(
  [undisturbed, killed]: [string, string],
  kills: number,
  seed: number,
  tell: (tally: KillTally) => void = () => {},
): Promise<KillTally> {
  await finishRun(startRun(undisturbed));
  const expected = outcomeOf(undisturbed);
  const tally = { kills: 0, survivors: 0, compared: 0, resumed: 0 };
  let wholeMs = await timeOf(killed);
  for (let round = 0; tally.kills < kills; round++) {
    assert.ok(tally.survivors < kills, "most runs end before they are killed");
    for (const name of [".cache", "runs"]) {
      await Deno.remove(join(killed, name), { recursive: true }).catch(
        () => {}, // killed before it was made
      );
    }
    const inARow = 1 + Math.floor(3 * uniform(seed, "kills in a row", round));
    for (let kill = 0; kill < inARow; kill++) {
      const share = uniform(seed, "moment", round, kill);
      if (await killAfter(startRun(killed), share * wholeMs)) tally.kills++;
      else tally.survivors++;
    }
    const startMs = performance.now();
    const said = await finishRun(startRun(killed));
    assert.deepEqual(outcomeOf(killed), expected, `round ${round}`);
    tally.compared++;
    if (said !== "ran ran ran") tally.resumed++;
    else wholeMs = Math.min(wholeMs, performance.now() - startMs);
    tell(tally);
  }
  return tally;
}

/** How long a run from nothing takes from its begin to its end. */
async function timeOf(root: string): Promise<number> {
  const child = startRun(root);
  const reader = child.stdout.getReader();
  await reader.read();
  const startMs = performance.now();
  while (!(await reader.read()).done);
  await child.stderr.cancel();
  await child.status;
  return performance.now() - startMs;
}

/** Kills a process some time after it said that it begins. @returns false when it had ended by then */
export async function killAfter(
  child: Deno.ChildProcess,
  timeMs: number,
): Promise<boolean> {
  const reader = child.stdout.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, timeMs));
  try {
    child.kill("SIGKILL");
  } catch {
    // it ended first
  }
  await reader.cancel();
  await child.stderr.cancel();
  return (await child.status).signal === "SIGKILL";
}
