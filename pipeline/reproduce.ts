/**
 * The two things to do with a config: run its pipeline, or tell what running it would do.
 *
 * @module
 */
import { join } from "@std/path";
import { requireOptions } from "./config/arguments.ts";
import type { Config } from "./config.ts";
import { requireConfigs } from "./config/require_config.ts";
import { evaluationStage, stages } from "./graph.ts";
import { type Log, silentLog } from "./log.ts";
import { defaultRunsDirectory, openPlanner } from "./engine/open_planner.ts";
import type { MachineFault } from "./engine/machine_check.ts";
import type { Plan } from "./engine/planner.ts";
import type { PrepareGpu } from "./engine/run_options.ts";
import { type RunOutcome, runPipelines } from "./engine/runner.ts";
import type { SharedCache } from "./store/shared_cache.ts";
import { stagesUntil, withoutComputing } from "./engine/stage_selection.ts";
import type { Stage } from "./stage.ts";
import { Store } from "./store/store.ts";

/** Where a pipeline keeps its files; the defaults are `.cache` and `runs` in the working directory. */
export interface PlaceOptions {
  /** the store of computed results */
  storeDirectory?: string;
  /** folder of run folders */
  runsDirectory?: string;
}

/** What {@linkcode plan} is asked about. */
export interface PlanOptions extends PlaceOptions {
  /** the last stage that would run, with those that it needs; default: every stage */
  until?: string;
}

/** How {@linkcode reproduce} runs. */
export interface ReproduceOptions extends PlaceOptions {
  /** who is told about progress; default: nobody */
  log?: Log;
  /** aborting it stops at the next safe point; partial work is kept for the next run */
  signal?: AbortSignal;
  /** false: fail when another process uses a run folder, a stage or the GPU, instead of waiting for it */
  wait?: boolean;
  /** fail when results differ, or would differ, from the config's lock file; default false */
  frozen?: boolean;
  /** what processes that wait for this one are shown; default `reproduce` and the configs' names */
  command?: string;
  /** where to look for results that are not stored here, and whom to tell about new ones; default: nowhere */
  shared?: SharedCache;
  /** the last stage to run, with those that it needs; there is a report where `evaluate` is among them. Default: every stage */
  until?: string;
  /** false: fail where a result is not stored yet; default true */
  computes?: boolean;
}

/**
 * Runs what is stale of a config's pipeline and writes `runs/<name>/<stage>/…`, `runs/<name>/results.json` and
 * `runs/<name>/results.md`.
 *
 * Everything happens on the thread that calls, which hears of nothing else, `signal` included, for as long as each wait for the GPU
 * takes: a training step or more. A program that has to stay responsive calls it in a `Worker`, as the command line does.
 *
 * @returns what became of each stage
 * @throws {PipelineError} when the store or the run folder cannot be used
 * @throws the signal's reason when aborted, and the typed error of the stage that failed
 *
 * @example
 * ```ts ignore
 * const { stages } = await reproduce(await loadConfig("configs/demo.toml"));
 * ```
 */
export async function reproduce(
  config: Config,
  options: ReproduceOptions = {},
): Promise<RunOutcome> {
  const [outcome] = await reproduceAll([config], options);
  return outcome;
}

/**
 * {@linkcode reproduce} for several configs at once: what they share is computed once, a stage that needs no GPU runs
 * beside one that does, and a config that fails does not stop the others.
 *
 * @returns what became of each config, in their order
 * @throws {PipelineError} when two configs have one name, and when some of several configs failed
 */
// deno-lint-ignore require-await -- what is refused is a rejection
export async function reproduceAll(
  configs: readonly Config[],
  options: ReproduceOptions = {},
): Promise<RunOutcome[]> {
  requireConfigs(configs, "run a pipeline");
  requireOptions(options, "run a pipeline");
  const names = configs.map(({ name }) => name).join(" ");
  const { until, computes = true } = options;
  const selected = until === undefined
    ? stages
    : stagesUntil(stages, configs, until);
  const measures = selected.some(({ name }) => name === evaluationStage);
  const store = new Store(options.storeDirectory);
  return runPipelines(configs, {
    stages: computes ? selected : withoutComputing(selected),
    loadedSinceMs: performance.timeOrigin,
    partial: until !== undefined,
    store,
    runsDirectory: options.runsDirectory ?? defaultRunsDirectory,
    log: options.log ?? silentLog,
    signal: options.signal ?? new AbortController().signal,
    wait: options.wait ?? true,
    frozen: options.frozen ?? false,
    command: options.command ?? `reproduce ${names}`,
    prepareGpu,
    checkMachine: async (config, plan, log) => {
      const faults = await faultsOf(config, plan, selected, store);
      for (const { isFatal, error } of faults) {
        // What a shared cache has need not be computed here.
        if (isFatal && options.shared === undefined) throw error;
        log.warn(error.message);
      }
    },
    place: removeOther,
    ...(measures ? { finish: report } : {}),
    ...(options.shared === undefined ? {} : { shared: options.shared }),
  });
}

/**
 * Tells what this machine lacks for what a plan says has to run, a line each; {@linkcode reproduce} stops at what is sure to fail.
 *
 * @throws {Error} the typed error for data sets or networks that the config names and no run could use
 */
export async function warnOfLacking(
  config: Config,
  plan: Plan,
  log: Log,
  options: PlanOptions = {},
): Promise<void> {
  const { until, storeDirectory } = options;
  const selected = until === undefined
    ? stages
    : stagesUntil(stages, [config], until);
  const store = new Store(storeDirectory);
  const faults = await faultsOf(config, plan, selected, store);
  const refused = faults.find(({ isOfConfig }) => isOfConfig);
  for (const fault of faults) {
    if (fault !== refused) log.warn(fault.error.message);
  }
  if (refused !== undefined) throw refused.error;
}

async function faultsOf(
  config: Config,
  plan: Plan,
  selected: readonly Stage[],
  store: Store,
): Promise<MachineFault[]> {
  const { machineFaults } = await import("./engine/machine_check.ts");
  const { diskNeed, missingSetsFault, setNeeds } = await import(
    "./sources/resource_estimate.ts"
  );
  const faults = await machineFaults(config, plan, selected, store, {
    async requireAdapter() {
      const { requireAdapter } = await import("../gpu/mod.ts");
      await requireAdapter();
    },
    diskBytes: (config, { downloadsDirectory }) =>
      diskNeed(config, setNeeds(config, downloadsDirectory)).total_bytes,
  });
  const { namedNetworkFaults } = await import("./training/named_networks.ts");
  const due = plan.stages.filter(({ state }) => state !== "fresh");
  const names = new Set(due.map(({ stage }) => stage));
  const missing = names.has("download")
    ? missingSetsFault(config, store.downloadsDirectory)
    : undefined;
  for (
    const error of [
      ...(missing === undefined ? [] : [missing]),
      ...await namedNetworkFaults(config, names),
    ]
  ) faults.push({ isFatal: true, isOfConfig: true, error });
  return faults;
}

/** What {@linkcode reproduce} would do, and why; runs nothing and needs no GPU. */
export async function plan(
  config: Config,
  options: PlanOptions = {},
): Promise<Plan> {
  const [result] = await planAll([config], options);
  return result;
}

/** What {@linkcode reproduceAll} would do, and why: of stages that several configs need, it says where they run. */
export async function planAll(
  configs: readonly Config[],
  options: PlanOptions = {},
): Promise<Plan[]> {
  requireConfigs(configs, "plan a run");
  requireOptions(options, "plan a run");
  const { until } = options;
  const selected = until === undefined
    ? stages
    : stagesUntil(stages, configs, until);
  const store = new Store(options.storeDirectory);
  const plans: Plan[] = [];
  const runsAt = new Map<string, string>();
  for (const config of configs) {
    const planner = openPlanner(selected, config, store, options.runsDirectory);
    plans.push(await planner.plan(runsAt));
  }
  if (store.exists()) await store.saveIndexes();
  return plans;
}

/** Gives stages' devices their tiles; the modules that do it are loaded only here, since `plan` needs none of them. */
const prepareGpu: PrepareGpu = async (gpu, options) => {
  const adapter = await import("./adapter/prepare_adapter.ts");
  return await adapter.prepareGpu(gpu, options);
};

/** Removes a report about other results than the run folder is about to hold. */
async function removeOther(
  runDirectory: string,
  stage: string,
  key: string,
): Promise<void> {
  const { removeOtherReport } = await import("./report/other_report.ts");
  await removeOtherReport(runDirectory, stage, key);
}

/** Writes the results of a run; the modules that do it are loaded only here, since `plan` needs none of them. */
async function report(outcome: RunOutcome, config: Config): Promise<void> {
  const { readRunFindings, readShownPhotographs } = await import(
    "./report/read_findings.ts"
  );
  const { writeReport } = await import("./report/results.ts");
  const { readTrainingCourses } = await import(
    "./report/pictures/training_curves.ts"
  );
  const { runDirectory, adapter } = outcome;
  await writeReport({
    runDirectory,
    ...readRunFindings(runDirectory),
    stages: Object.fromEntries(
      outcome.stages.map(({ stage, key, fresh, seconds }) => [
        stage,
        { key, fresh, seconds },
      ]),
    ),
    photographs: readShownPhotographs(join(runDirectory, "download")),
    courses: await readTrainingCourses(
      runDirectory,
      outcome.stages.map(({ stage }) => stage),
    ),
    adapter: adapter ?? {},
    config,
  });
}
