/**
 * Carries out plans: computes what is stale, restores what is not.
 *
 * @module
 */
import { dirname, join } from "@std/path";
import type { Config } from "../config.ts";
import { ConfigRun } from "./config_run.ts";
import { isUserError, PipelineError } from "../errors.ts";
import { boundScratch, removeLeftovers } from "../store/leftovers.ts";
import { acquireLock, type HeldLock } from "../store/lock.ts";
import type { Log } from "../log.ts";
import type { RunOptions, RunOutcome } from "./run_options.ts";
import { modulePath } from "../code/module_path.ts";
import { readSourceCommit } from "../code/source_commit.ts";
import { Turns } from "./turns.ts";

export type { RunOptions, RunOutcome, StageOutcome } from "./run_options.ts";

/**
 * Runs the stages of some configs that are not fresh and makes each run folder hold every stage's outputs.
 *
 * The configs advance side by side. What several of them need is computed once. Of the stages that use the GPU one runs
 * at a time on this machine, of the others one beside it. A config that fails does not stop the others.
 *
 * A stage that throws, is aborted or is killed leaves no output behind; what was finished before it stays. A stored
 * object whose bytes are wrong goes to quarantine and is computed again. One process at a time works on a run folder
 * and on a stage; any number of processes works on a store.
 *
 * @returns what became of each config, in their order
 * @throws {PipelineError} when the store or a run folder cannot be used, when another process holds what is needed and
 * `wait` is false, and when some of several configs failed
 * @throws the signal's reason when it is aborted, and whatever a stage of a single config throws
 */
export async function runPipelines(
  configs: readonly Config[],
  options: RunOptions,
): Promise<RunOutcome[]> {
  const { store, signal, log } = options;
  refuseSameNames(configs);
  signal.throwIfAborted();
  await store.refuseWrongPlace();
  const [first] = options.stages;
  const source = readSourceCommit(dirname(modulePath(first.module))) ?? null;
  const turns = new Turns();
  const runs = configs.map((config, rank) =>
    new ConfigRun(config, turns, rank, {
      ...options,
      log: configs.length > 1 ? labelled(log, config.name) : log,
    })
  );
  // Before the first wait: what is edited meanwhile must not be taken for what is loaded.
  for (const run of runs) await run.noteCode();
  await store.create(options);
  using locks = new DisposableStack();
  const held = new Map<Config, HeldLock>();
  // Every process asks for run folders in the same order, so that no two wait for each other.
  for (const config of [...configs].sort(byName)) {
    const path = join(options.runsDirectory, config.name);
    const lock = await acquireLock(store.runLockPath(path), {
      ...options,
      what: `the run folder ${path}`,
    });
    held.set(config, locks.use(lock));
    await lock.note({ config: config.name });
  }
  await removeLeftovers(store);

  for (const run of runs) await run.prepare(held.get(run.config)!, source);
  try {
    const settled = await Promise.allSettled(runs.map(async (run) => {
      try {
        return await run.run();
      } catch (error) {
        if (configs.length > 1 && isUserError(error)) {
          log.warn(`${run.config.name}: ${error.message}`);
        }
        throw error;
      }
    }));
    return outcomesOf(configs, settled, signal);
  } finally {
    // A failure to tidy up must not hide why the run failed; an index that is lost is made anew.
    await store.saveIndexes(signal);
    await boundScratch(store).catch(() => {});
  }
}

/** What became of each; throws when one failed. */
function outcomesOf(
  configs: readonly Config[],
  settled: readonly PromiseSettledResult<RunOutcome>[],
  signal: AbortSignal,
): RunOutcome[] {
  signal.throwIfAborted();
  const outcomes: RunOutcome[] = [];
  const failures = new Map<string, unknown>();
  settled.forEach((result, index) => {
    if (result.status === "fulfilled") outcomes.push(result.value);
    else failures.set(configs[index].name, result.reason);
  });
  const errors = [...failures.values()];
  if (errors.length === 0) return outcomes;
  const bug = errors.find((error) => !isUserError(error));
  if (bug !== undefined || configs.length === 1) throw bug ?? errors[0];
  throw new PipelineError({
    attempt: "run every config",
    found: `${failures.size} of ${configs.length} that failed as told above: ${
      [...failures.keys()].join(", ")
    }`,
    remedy: "mend that; the same command goes on",
  });
}

/** A log whose lines say which config they are about. */
function labelled(log: Log, name: string): Log {
  return {
    info: (message) => log.info(`${name}: ${message}`),
    warn: (message) => log.warn(`${name}: ${message}`),
    progress: (label, total, unit) =>
      log.progress(`${name}: ${label}`, total, unit),
  };
}

/** Two configs of one name would write to one run folder. */
function refuseSameNames(configs: readonly Config[]): void {
  const seen = new Map<string, string>();
  for (const { name, file } of configs) {
    const other = seen.get(name);
    if (other !== undefined) {
      throw new PipelineError({
        attempt: "run every config",
        where: file,
        found: `the name ${JSON.stringify(name)}, which ${other} has too`,
        wanted: "another name for each run folder",
        remedy: "set `name` in one of them",
      });
    }
    seen.set(name, file);
  }
}

function byName(a: Config, b: Config): number {
  return a.name < b.name ? -1 : 1;
}
