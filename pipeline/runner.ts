/**
 * Carries out a plan: computes what is stale, restores what is not.
 *
 * @module
 */
import { join } from "@std/path";
import type { ActionRecord, OutputFile } from "./action_record.ts";
import type { Config } from "./config.ts";
import { PipelineError } from "./errors.ts";
import { acquireLock } from "./lock.ts";
import type { Log } from "./log.ts";
import { formatReason } from "./plan_text.ts";
import { Planner } from "./planner.ts";
import { RunDirectory } from "./run_directory.ts";
import { executeStage } from "./stage_execution.ts";
import type { Json, Stage } from "./stage.ts";
import type { Store } from "./store.ts";

/** How often a run starts over because a stored object turned out to be damaged, before it gives up on the disk. */
const mostRestarts = 20;

/** What to run, and where. */
export interface RunOptions {
  stages: readonly Stage[];
  config: Config;
  store: Store;
  /** folder of run folders: results go to `<runsDirectory>/<config name>/<stage>/` */
  runsDirectory: string;
  log: Log;
  signal: AbortSignal;
  /** false: fail when another process uses the store, instead of waiting for it */
  wait: boolean;
  /** what to tell processes that wait for this one */
  command: string;
  /** called with the outcome while the lock is still held, so that two processes never write one report at once */
  finish?(outcome: RunOutcome): Promise<void>;
}

/** What became of one stage. */
export interface StageOutcome {
  /** the stage's name */
  stage: string;
  /** the stage key, 64 hexadecimal digits */
  key: string;
  /** whether a stored result was used */
  fresh: boolean;
  /** how long the result took to compute, now or when it was computed */
  seconds: number;
  /** why it ran, as text; empty when fresh */
  reasons: string[];
}

/** What became of a run. */
export interface RunOutcome {
  /** name of the config */
  config: string;
  /** `runs/<name>` */
  runDirectory: string;
  /** in the order of the pipeline; disabled stages are left out */
  stages: StageOutcome[];
  /** what the last stage that used an adapter recorded about it; null when none did */
  adapter: { [name: string]: Json } | null;
}

/**
 * Runs the stages of one config that are not fresh and makes the run folder hold every stage's outputs.
 *
 * One process at a time works on a store. A stage that throws, is aborted or is killed leaves no output behind; what was
 * finished before it stays. A stored object whose bytes are wrong goes to quarantine and is computed again.
 *
 * @throws {PipelineError} when the store or the run folder cannot be used, or another process holds the store and
 * `wait` is false
 * @throws the signal's reason when it is aborted, and whatever a stage throws
 */
export async function runPipeline(options: RunOptions): Promise<RunOutcome> {
  const { store, config, signal } = options;
  signal.throwIfAborted();
  await store.create();
  using _lock = await acquireLock(store.lockPath, options);
  await store.removeLeftovers();

  const path = join(options.runsDirectory, config.name);
  const runDirectory = new RunDirectory(
    path,
    store.runStatePath(path),
    store.objects,
  );
  await runDirectory.create();
  const planner = new Planner(options.stages, config, store, runDirectory);
  await planner.noteCode();
  const ran = new Map<string, string[]>();
  try {
    for (let restarts = 0; restarts <= mostRestarts; restarts++) {
      const records = await runOnce(options, planner, runDirectory, ran);
      if (records === undefined) continue;
      await runDirectory.keepOnly(planner.stages.map(({ name }) => name));
      const outcome = summarise(config.name, path, records, ran);
      await options.finish?.(outcome);
      return outcome;
    }
  } finally {
    await store.saveIndexes();
  }
  throw new PipelineError({
    attempt: "use the store",
    where: store.root,
    found: "stored results damaged again and again",
    remedy: "check the disk",
  });
}

/**
 * One pass over the stages.
 *
 * @returns the records in order; undefined when a damaged object was set aside, so that the pass has to start over
 */
async function runOnce(
  options: RunOptions,
  planner: Planner,
  runDirectory: RunDirectory,
  ran: Map<string, string[]>,
): Promise<Map<string, ActionRecord> | undefined> {
  const { store, config, log, signal } = options;
  const records = new Map<string, ActionRecord>();
  for (const stage of planner.stages) {
    signal.throwIfAborted();
    const decision = await planner.decide(stage, records);
    let { record } = decision;
    if (record === undefined) {
      const reasons = decision.plan.reasons.map(formatReason);
      if (decision.damaged !== undefined) {
        await setAside([decision.damaged], stage.name, options);
      }
      log.info(`${stage.name}: runs because ${listed(reasons)}`);
      const result = await executeStage({ ...options, decision, records });
      if (result.damaged !== undefined) {
        await setAside(result.damaged, stage.name, options);
        return undefined;
      }
      record = result.record;
      ran.set(stage.name, reasons);
    } else if (!ran.has(stage.name)) log.info(`${stage.name}: fresh`);
    const { damaged } = await runDirectory.restore(stage.name, record.outputs);
    if (damaged.length > 0) {
      await setAside(damaged, stage.name, options);
      return undefined;
    }
    await store.writeLatest(config.name, stage.name, record.key);
    records.set(stage.name, record);
  }
  return records;
}

async function setAside(
  damaged: readonly OutputFile[],
  stage: string,
  { store, log }: RunOptions,
): Promise<void> {
  for (const { path, digest } of damaged) {
    log.warn(
      `${stage}: stored ${path} is damaged; set aside, to be computed again`,
    );
    await store.objects.quarantine(digest);
  }
}

function summarise(
  config: string,
  runDirectory: string,
  records: ReadonlyMap<string, ActionRecord>,
  ran: ReadonlyMap<string, string[]>,
): RunOutcome {
  let adapter: RunOutcome["adapter"] = null;
  const stages = [...records].map(([stage, { key, provenance }]) => {
    adapter = provenance.adapter ?? adapter;
    return {
      stage,
      key,
      fresh: !ran.has(stage),
      seconds: provenance.wallTimeSeconds,
      reasons: ran.get(stage) ?? [],
    };
  });
  return { config, runDirectory, stages, adapter };
}

/** The first three, and how many more. */
function listed(reasons: readonly string[]): string {
  const more = reasons.length - 3;
  return reasons.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
