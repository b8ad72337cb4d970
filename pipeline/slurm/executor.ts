/**
 * Stages as jobs of Slurm: one job for each stage that is not fresh, after the jobs whose results it reads.
 *
 * A job is the ordinary `reproduce` up to its stage, so it finds the results of the earlier ones in the store, which all
 * nodes share, or in the shared cache.
 *
 * @module
 */
import { join, resolve } from "@std/path";
import { pause } from "../../data/pause.ts";
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import type { Log } from "../log.ts";
import type { Plan } from "../engine/planner.ts";
import {
  cancelJobs,
  isUnderWay,
  type JobState,
  jobStates,
  submitJob,
} from "./commands.ts";
import type { Stage } from "../stage.ts";

/** How often the queue is asked: soon at first, then ever less. */
const firstPollMs = 500;
const lastPollMs = 15_000;

/** What to submit, and where. */
export interface SlurmOptions {
  /** the stages that are wanted; others of the plans are left out */
  stages: readonly Stage[];
  /** folder of run folders; logs go to `<runsDirectory>/<config name>/slurm/<stage>.log` */
  runsDirectory: string;
  /** the program that starts a task, `./run`; a path */
  program: string;
  /** what follows `reproduce` for a config and a stage */
  argumentsOf(config: Config, stage: string): readonly string[];
  /** options of `sbatch` for every job */
  jobOptions: readonly string[];
  log: Log;
  signal: AbortSignal;
}

/** A submitted stage. */
interface Job {
  id: string;
  /** name of the config */
  config: string;
  stage: string;
  logPath: string;
  state: JobState;
}

/** How a stage's job ended. */
export interface EndedJob {
  id: string;
  logPath: string;
  /** `COMPLETED`; undefined when Slurm has forgotten the job, which then may have failed as well */
  state: string | undefined;
}

/**
 * Submits what is not fresh of some plans and waits until all of it has ended. Jobs are cancelled when the signal is
 * aborted and when one of them fails; their partial work stays for the next run.
 *
 * @returns by config's name and stage, how each job ended
 * @throws {PipelineError} when Slurm refuses a job or one fails; the message names its log
 * @throws the signal's reason when it is aborted
 */
export async function runOnSlurm(
  plans: readonly { config: Config; plan: Plan }[],
  options: SlurmOptions,
): Promise<Map<string, Map<string, EndedJob>>> {
  const jobs: Job[] = [];
  try {
    for (const { config, plan } of plans) {
      options.signal.throwIfAborted();
      await submit(config, plan, options, jobs);
    }
    await waitForJobs(jobs, options);
    return endsOf(jobs);
  } catch (error) {
    await cancelJobs(
      jobs.filter(({ state }) => isUnderWay(state)).map(({ id }) => id),
    );
    throw error;
  }
}

function endsOf(jobs: readonly Job[]): Map<string, Map<string, EndedJob>> {
  const ends = new Map<string, Map<string, EndedJob>>();
  for (const { config, stage, id, logPath, state: { state } } of jobs) {
    const ended = {
      id,
      logPath,
      state: state === forgotten ? undefined : state,
    };
    if (!ends.has(config)) ends.set(config, new Map());
    ends.get(config)!.set(stage, ended);
  }
  return ends;
}

async function submit(
  config: Config,
  plan: Plan,
  options: SlurmOptions,
  jobs: Job[],
): Promise<void> {
  const logs = resolve(options.runsDirectory, config.name, "slurm");
  await withFileErrors(
    "write the logs of jobs",
    logs,
    () => Deno.mkdir(logs, { recursive: true }),
  );
  const ids = new Map<string, string>();
  for (const { stage, state } of plan.stages) {
    const selected = options.stages.find(({ name }) => name === stage);
    if (state === "fresh" || selected === undefined) continue;
    const inputs = selected.inputs(config);
    const after = [...new Set(inputs.map((input) => ids.get(input.stage)))]
      .filter((id) => id !== undefined);
    const logPath = join(logs, `${stage}.log`);
    const id = await submitJob({
      name: `self-tnet-${config.name}-${stage}`,
      script: jobScript(options.program, [
        "reproduce",
        ...options.argumentsOf(config, stage),
      ]),
      logPath,
      after,
      options: options.jobOptions,
    });
    ids.set(stage, id);
    jobs.push({
      id,
      config: config.name,
      stage,
      logPath,
      state: { state: "PENDING", reason: "" },
    });
    options.log.info(
      `${stage}: job ${id}${
        after.length === 0 ? "" : ` after ${after.join(", ")}`
      }, log ${logPath}`,
    );
  }
}

async function waitForJobs(
  jobs: readonly Job[],
  { log, signal }: SlurmOptions,
): Promise<void> {
  let pollMs = firstPollMs;
  for (;;) {
    const waiting = jobs.filter(({ state }) => isUnderWay(state));
    if (waiting.length === 0) return;
    await pause(pollMs, signal);
    pollMs = Math.min(pollMs * 1.2, lastPollMs);
    const states = await jobStates(waiting.map(({ id }) => id));
    for (const job of waiting) {
      // What nobody knows any more has ended; whether it was well shows in the store.
      const state = states.get(job.id) ?? { state: forgotten, reason: "" };
      if (state.state !== job.state.state) {
        log.info(
          `${job.config} ${job.stage}: job ${job.id} ${describe(state)}`,
        );
        pollMs = firstPollMs;
      }
      job.state = state;
    }
    const failed = jobs.find(({ state }) =>
      !isUnderWay(state) && state.state !== "COMPLETED" &&
      state.state !== forgotten
    );
    if (failed !== undefined) throw await jobFailure(failed);
  }
}

/** State of a job that neither the queue nor the accounting knows any more. */
const forgotten = "FORGOTTEN";

async function jobFailure(job: Job): Promise<PipelineError> {
  const last = await lastLine(job.logPath);
  return new PipelineError({
    attempt: `run ${job.config} ${job.stage} on Slurm`,
    where: `job ${job.id}`,
    found: `it ${describe(job.state)}${last === "" ? "" : `: ${last}`}`,
    remedy: `read ${job.logPath}; the same command goes on`,
  });
}

function describe({ state, reason }: JobState): string {
  const words = state.toLowerCase().replaceAll("_", " ");
  return reason === "" ? words : `${words} (${reason})`;
}

/** The end of what a job printed; "" when there is no log. */
export async function lastLine(path: string): Promise<string> {
  try {
    const text = await Deno.readTextFile(path);
    return text.trim().split("\n").at(-1)!.slice(0, 300);
  } catch {
    return "";
  }
}

/** A script that starts a program in this working directory. */
export function jobScript(program: string, args: readonly string[]): string {
  const command = [program, ...args].map(quoted).join(" ");
  return `#!/bin/sh\ncd ${quoted(Deno.cwd())} && exec ${command}\n`;
}

/** One word of a shell command, whatever is in it. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
