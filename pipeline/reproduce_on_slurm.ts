/**
 * A config's pipeline on a cluster.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { Config } from "./config.ts";
import { stages } from "./graph.ts";
import { silentLog } from "./log.ts";
import {
  defaultRunsDirectory,
  plan,
  reproduceAll,
  type ReproduceOptions,
} from "./reproduce.ts";
import type { RunOutcome } from "./engine/runner.ts";
import { runOnSlurm } from "./slurm/executor.ts";
import { stagesUntil } from "./engine/stage_selection.ts";

/** How {@linkcode reproduceOnSlurm} runs. */
export interface SlurmReproduceOptions extends ReproduceOptions {
  /** what follows `reproduce CONFIG` in every job, such as `--set` with its value */
  jobArguments: readonly string[];
  /** options of `sbatch` for every job, such as `--gres=gpu:1` */
  jobOptions: readonly string[];
}

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
  const { until } = options;
  const plans = [];
  for (const config of configs) {
    plans.push({ config, plan: await plan(config, options) });
  }
  await runOnSlurm(plans, {
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
    log: options.log ?? silentLog,
    signal: options.signal ?? new AbortController().signal,
  });
  return await reproduceAll(configs, { ...options, computes: false });
}
