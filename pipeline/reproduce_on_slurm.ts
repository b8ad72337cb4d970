/**
 * A config's pipeline on a cluster.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Config } from "./config.ts";
import { stages } from "./graph.ts";
import { pause } from "../data/pause.ts";
import { PipelineError } from "./errors.ts";
import { isThere } from "./files/is_there.ts";
import { type Log, silentLog } from "./log.ts";
import { defaultRunsDirectory } from "./engine/open_planner.ts";
import { plan, reproduceAll, type ReproduceOptions } from "./reproduce.ts";
import type { RunOutcome } from "./engine/runner.ts";
import { type EndedJob, lastLine, runOnSlurm } from "./slurm/executor.ts";
import { Store } from "./store/store.ts";
import { MissingResult, stagesUntil } from "./engine/stage_selection.ts";

/** How {@linkcode reproduceOnSlurm} runs. */
export interface SlurmReproduceOptions extends ReproduceOptions {
  /** what follows `reproduce CONFIG` in every job, such as `--set` with its value */
  jobArguments: readonly string[];
  /** options of `sbatch` for every job, such as `--gres=gpu:1` */
  jobOptions: readonly string[];
}

/** For how long a result may stay unseen after its job has ended. */
const longestDelayMs = 30_000;
const retryMs = 1_000;

const starter = fileURLToPath(new URL("../run", import.meta.url));

/**
 * {@linkcode reproduceAll} with every stage that is not fresh as a job of Slurm. This process computes nothing: it submits,
 * waits, and at the end puts the results into the run folders.
 *
 * @throws {PipelineError} when a job fails, or its result cannot be found here
 */
export async function reproduceOnSlurm(
  configs: readonly Config[],
  options: SlurmReproduceOptions,
): Promise<RunOutcome[]> {
  const {
    until,
    log = silentLog,
    signal = new AbortController().signal,
  } = options;
  const plans = [];
  for (const config of configs) {
    plans.push({ config, plan: await plan(config, options) });
  }
  const ends = await runOnSlurm(plans, {
    stages: until === undefined ? stages : stagesUntil(stages, configs, until),
    runsDirectory: options.runsDirectory ?? defaultRunsDirectory,
    program: starter,
    argumentsOf: (config, stage) => [
      config.file,
      "--until",
      stage,
      ...options.jobArguments,
    ],
    jobOptions: options.jobOptions,
    log,
    signal,
  });
  const outcomes: RunOutcome[] = [];
  for (const config of configs) {
    outcomes.push(
      await collect(config, ends.get(config.name), { ...options, log, signal }),
    );
  }
  return outcomes;
}

/**
 * Puts what jobs stored into the run folder. What was written on another node may take a while to be seen on this one: a network file system
 * remembers for some seconds that a file was not there.
 *
 * @throws {PipelineError} when a result is not to be seen after {@linkcode longestDelayMs}
 */
async function collect(
  config: Config,
  jobs: ReadonlyMap<string, EndedJob> | undefined,
  options: SlurmReproduceOptions & { log: Log; signal: AbortSignal },
): Promise<RunOutcome> {
  const endMs = performance.now() + longestDelayMs;
  // A store that is not to be seen yet must not be made anew.
  const { root } = new Store(options.storeDirectory);
  while (!isThere(root) && performance.now() < endMs) {
    await pause(retryMs, options.signal);
  }
  for (;;) {
    const log = new HeldLog();
    try {
      const [outcome] = await reproduceAll([config], {
        ...options,
        log,
        computes: false,
      });
      log.release(options.log);
      return outcome;
    } catch (error) {
      if (!(error instanceof MissingResult)) {
        log.release(options.log);
        throw error;
      }
      if (performance.now() > endMs) {
        throw await notStored(config, error.stage, jobs?.get(error.stage));
      }
    }
    await pause(retryMs, options.signal);
  }
}

async function notStored(
  config: Config,
  stage: string,
  job: EndedJob | undefined,
): Promise<PipelineError> {
  const attempt = `use the result of ${config.name} ${stage}`;
  if (job === undefined) {
    return new PipelineError({
      attempt,
      found: "nothing in the store, where it was before the jobs ran",
      remedy: "type the same command again",
    });
  }
  const where = `job ${job.id}`;
  const last = await lastLine(job.logPath);
  const said = last === "" ? "" : `; its log ends with: ${last}`;
  return job.state === undefined
    ? new PipelineError({
      attempt,
      where,
      found:
        `nothing in the store, and Slurm has forgotten the job, which may have failed${said}`,
      remedy: `read ${job.logPath}; the same command goes on`,
    })
    : new PipelineError({
      attempt,
      where,
      found: `nothing in the store ${
        longestDelayMs / 1000
      } s after the job ended well`,
      remedy:
        `work in a folder that all nodes share, or with --remote and --remote-write; the job's log is ${job.logPath}`,
    });
}

/** Keeps lines back until it is known whether they are to be told. */
class HeldLog implements Log {
  readonly #lines: { kind: "info" | "warn"; message: string }[] = [];

  info(message: string): void {
    this.#lines.push({ kind: "info", message });
  }

  warn(message: string): void {
    this.#lines.push({ kind: "warn", message });
  }

  readonly progress = silentLog.progress;

  /** Tells another log all of them. */
  release(log: Log): void {
    for (const { kind, message } of this.#lines) log[kind](message);
  }
}
