import { join } from "@std/path";
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import type { RemoteCache } from "../remote/cache.ts";
import type { ReproduceOptions } from "../reproduce.ts";
import type { RunOutcome } from "../engine/runner.ts";
import { slurmPrograms } from "../slurm/commands.ts";
import { type Call, type Command, quietFlag, setFlag } from "./command.ts";
import { executorFlags, jobArguments, usesSlurm } from "./executor_flags.ts";
import { placeFlags, placesOf } from "./results/place_flags.ts";
import { remoteFlags, remoteOptionsOf } from "./remote_flags.ts";
import { seedsFlag, seedsOf } from "./results/seeds_flag.ts";
import { jsonFlag } from "./status.ts";

/** `reproduce`: runs what is stale of some configs' pipelines and prints their tables of results. */
export const reproduce: Command = {
  name: "reproduce",
  summary: "train and measure: run every stage that is not fresh",
  positionals: ["config.toml…"],
  flags: [
    setFlag,
    {
      name: "dry-run",
      summary: "say what would run and why, and do nothing",
    },
    { ...jsonFlag, summary: "with --dry-run: print the plans as JSON" },
    {
      name: "frozen",
      summary: "fail when results differ from the config's .lock.json",
    },
    {
      name: "no-wait",
      summary: "fail at once when another process is at work on the same",
    },
    {
      name: "offline",
      summary: "fetch no data set: use what is here, or say what is missing",
    },
    {
      name: "check-expectations",
      summary: "exit with 1 unless every figure of [expect] is reached",
    },
    seedsFlag,
    ...placeFlags,
    ...remoteFlags,
    ...executorFlags,
    quietFlag,
  ],
  example: "configs/demo.toml",
  async hosts(call) {
    if (call.has("dry-run")) return [];
    const { datasetHosts } = await import("../sources/dataset_hosts.ts");
    const { remoteCacheHosts } = await import("../remote/cache_options.ts");
    const hosts = usesSlurm(call)
      ? [] // jobs reach for data sets themselves
      : (await configsOf(call)).flatMap(datasetHosts);
    return [...new Set([...hosts, ...remoteCacheHosts(remoteOptionsOf(call))])];
  },
  programs: (call) =>
    usesSlurm(call) && !call.has("dry-run") ? slurmPrograms : [],
  usesGpu: (call) => !call.has("dry-run") && !usesSlurm(call),
  async run(call) {
    if (call.has("json") && !call.has("dry-run")) {
      throw new PipelineError({
        attempt: "run reproduce",
        found: "--json without --dry-run",
        remedy: "the figures of a run are in its results.json",
      });
    }
    const configs = await configsOf(call);
    if (call.has("check-expectations")) {
      requireMeasures(call);
      configs.forEach(requireExpectations);
    }
    if (call.has("dry-run")) return await showPlans(call, configs);
    return await run(call, configs);
  },
};

/** Refuses to check the figures of a run that measures none. */
function requireMeasures(call: Call): void {
  const until = call.value("until");
  const other = call.has("dry-run")
    ? "--dry-run"
    : until !== "" && until !== "evaluate"
    ? `--until ${until}`
    : undefined;
  if (other === undefined) return;
  throw new PipelineError({
    attempt: "check expectations",
    found: `--check-expectations with ${other}`,
    wanted: "a run that ends with evaluate",
  });
}

/** Refuses to check what is not there: nothing would be reached, and the exit code would say that all was. */
function requireExpectations({ name, expect }: Config): void {
  if (expect.figures.length > 0) return;
  throw new PipelineError({
    attempt: "check expectations",
    where: `config ${name}`,
    found: "no figure in [expect]",
    remedy: "add some, or leave out --check-expectations",
  });
}

async function configsOf(call: Call): Promise<Config[]> {
  const { loadConfig } = await import("../config.ts");
  const settings = [
    ...call.values("set"),
    ...(call.has("offline") ? ["download.offline=true"] : []),
  ];
  const configs: Config[] = [];
  const seeds = seedsOf(call);
  if (seeds.length > 0) {
    const { withSeeds } = await import("./results/seeds.ts");
    for (const path of call.positionals) {
      configs.push(...await withSeeds(path, settings, seeds));
    }
    return configs;
  }
  for (const path of call.positionals) {
    configs.push(await loadConfig(path, settings));
  }
  return configs;
}

async function run(call: Call, configs: readonly Config[]): Promise<number> {
  const { positionals, print, log, signal } = call;
  using shared = await sharedCache(call);
  const until = call.value("until");
  const places = placesOf(call);
  const outcomes = await runAll(call, configs, {
    ...places,
    log,
    signal,
    wait: !call.has("no-wait"),
    frozen: call.has("frozen"),
    command: `reproduce ${positionals.join(" ")}`,
    ...(shared === undefined ? {} : { shared }),
    ...(until === "" ? {} : { until }),
  });
  if (outcomes.every(({ stages }) => stages.at(-1)?.stage !== "evaluate")) {
    for (const { runDirectory } of outcomes) {
      print(`results of ${until}: ${join(runDirectory, until)}`);
    }
    return 0;
  }
  const { readRunFindings } = await import("../report/read_findings.ts");
  const { resultsText } = await import("../report/results.ts");
  const { expectationsHold } = await import("../report/expectations.ts");
  let areReached = true;
  for (const [index, { config, runDirectory }] of outcomes.entries()) {
    if (outcomes.length > 1) print(`${config}:`);
    const { measures } = readRunFindings(runDirectory);
    print(resultsText(measures, configs[index]));
    print(`results: ${join(runDirectory, "results.md")}`);
    areReached &&= expectationsHold(configs[index], measures);
  }
  const seeds = seedsOf(call);
  if (seeds.length > 0) {
    const { reportSeeds } = await import("./results/seeds.ts");
    await reportSeeds(call, seeds, configs, outcomes);
  } else if (outcomes.length > 1) {
    const { readRun, summaryTables } = await import("../report/summary.ts");
    const { plainTable } = await import("../report/render_tables.ts");
    const runs = outcomes.map(({ runDirectory }) =>
      readRun(join(runDirectory, "results.json"))
    );
    print(summaryTables(runs).map(plainTable).join("\n\n"));
  }
  return areReached || !call.has("check-expectations") ? 0 : 1;
}

/** Runs the configs here, or as jobs of Slurm. */
async function runAll(
  call: Call,
  configs: readonly Config[],
  options: ReproduceOptions,
): Promise<RunOutcome[]> {
  if (!usesSlurm(call)) {
    const { reproduceAll } = await import("../reproduce.ts");
    return await reproduceAll(configs, options);
  }
  const { reproduceOnSlurm } = await import("../reproduce_on_slurm.ts");
  return await reproduceOnSlurm(configs, {
    ...options,
    jobArguments: jobArguments(call),
    jobOptions: call.values("slurm-option"),
  });
}

/** The shared cache that was asked for; the modules that reach it are loaded only then. */
async function sharedCache(call: Call): Promise<RemoteCache | undefined> {
  const options = remoteOptionsOf(call);
  if (options === undefined) return undefined;
  const { RemoteCache } = await import("../remote/cache.ts");
  return new RemoteCache(options, call);
}

/** Prints what would run; exit code 1 when something would. */
async function showPlans(
  call: Call,
  configs: readonly Config[],
): Promise<number> {
  const { planAll, warnOfLacking } = await import("../reproduce.ts");
  const { formatPlan } = await import("../engine/plan_text.ts");
  const until = call.value("until");
  const options = { ...placesOf(call), ...(until === "" ? {} : { until }) };
  const plans = await planAll(configs, options);
  if (call.has("json")) call.print(JSON.stringify(plans, null, 2));
  else {
    for (const plan of plans) {
      if (plans.length > 1) call.print(`${plan.config}:`);
      for (const line of formatPlan(plan, true)) call.print(line);
    }
  }
  for (const [index, plan] of plans.entries()) {
    await warnOfLacking(configs[index], plan, call.log, options);
  }
  return plans.every(({ fresh }) => fresh) ? 0 : 1;
}
