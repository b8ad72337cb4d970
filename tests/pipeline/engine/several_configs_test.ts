import assert from "node:assert/strict";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import type { Config } from "../../../pipeline/config.ts";
import { PipelineError } from "../../../pipeline/errors.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { formatPlan } from "../../../pipeline/engine/plan_text.ts";
import { Planner } from "../../../pipeline/engine/planner.ts";
import { RunDirectory } from "../../../pipeline/engine/run_directory.ts";
import {
  type RunOptions,
  runPipelines,
} from "../../../pipeline/engine/runner.ts";
import type { Stage, StageContext } from "../../../pipeline/stage.ts";
import { Store } from "../../../pipeline/store/store.ts";

/** data (CPU) → train (GPU) → measure (CPU); `seed` is what the configs differ in. */
type Settings = { name: string; file: string; rate: number; measure: string };

let root: string;
/** `train a` for each stage that ran, in the order in which they began */
let ran: string[];
/** what ran at the same time, at most */
let most: { GPU: number; CPU: number; both: boolean };
let duringRun: (stage: string, name: string) => Promise<void>;

beforeEach(() => {
  root = Deno.makeTempDirSync({ prefix: "several-" });
  ran = [];
  most = { GPU: 0, CPU: 0, both: false };
  duringRun = () => new Promise((resolve) => setTimeout(resolve, 30));
});

afterEach(() => Deno.removeSync(root, { recursive: true }));

const settingsOf = (config: Config) => config as unknown as Settings;

function configOf(name: string, rate: number, measure = "mean"): Config {
  const file = `configs/${name}.toml`;
  return { name, file, rate, measure } as unknown as Config;
}

function stagesOf(): Stage[] {
  const running = { GPU: 0, CPU: 0 };
  const stage = (
    name: string,
    usesGpu: boolean,
    reads: string[],
    parameter: (settings: Settings) => string | number,
  ): Stage => ({
    name,
    summary: name,
    module: new URL(import.meta.url),
    usesGpu: () => usesGpu,
    inputs: () => reads.map((stage) => ({ stage, paths: [""] })),
    parameters: (config) => ({ value: parameter(settingsOf(config)) }),
    async run({ config, input, outputDirectory }: StageContext) {
      const kind = usesGpu ? "GPU" : "CPU";
      ran.push(`${name} ${config.name}`);
      running[kind]++;
      most[kind] = Math.max(most[kind], running[kind]);
      most.both ||= running.GPU > 0 && running.CPU > 0;
      await duringRun(name, config.name);
      const before = reads.map((from) =>
        Deno.readTextFileSync(join(input(from), "out"))
      ).join();
      Deno.writeTextFileSync(
        join(outputDirectory, "out"),
        `${before}${name}=${parameter(settingsOf(config))};`,
      );
      running[kind]--;
    },
  });
  return [
    stage("data", false, [], () => 0),
    stage("train", true, ["data"], ({ rate }) => rate),
    stage("measure", false, ["train"], ({ measure }) => measure),
  ];
}

function run(configs: Config[], changes: Partial<RunOptions> = {}) {
  return runPipelines(configs, {
    stages: stagesOf(),
    store: new Store(join(root, ".cache")),
    runsDirectory: join(root, "runs"),
    log: silentLog,
    signal: new AbortController().signal,
    wait: true,
    command: "test",
    prepareGpu: () => Promise.resolve({}),
    ...changes,
  });
}

function resultOf(name: string): string {
  return Deno.readTextFileSync(join(root, "runs", name, "measure", "out"));
}

describe("runPipelines with several configs", () => {
  it("computes once what several need, and gives each its own results", async () => {
    const outcomes = await run([
      configOf("lib", 1),
      configOf("balance", 2),
      configOf("again", 1, "median"),
    ]);
    assert.deepEqual(
      ran.map((line) => line.split(" ")[0]).sort(),
      ["data", "measure", "measure", "measure", "train", "train"],
    );
    assert.equal(resultOf("lib"), "data=0;train=1;measure=mean;");
    assert.equal(resultOf("balance"), "data=0;train=2;measure=mean;");
    assert.equal(resultOf("again"), "data=0;train=1;measure=median;");
    // Whoever computed it, the others found it fresh.
    const computed = outcomes.flatMap(({ stages }) =>
      stages.filter(({ fresh }) => !fresh).map(({ stage }) => stage)
    );
    assert.deepEqual(computed.sort(), [
      ...["data", "measure", "measure", "measure", "train", "train"],
    ]);
  });

  it("runs one stage that uses the GPU at a time, and one that does not beside it", async () => {
    const configs = [1, 2, 3].map((rate) => configOf(`c${rate}`, rate));
    await run(configs);
    assert.deepEqual(most, { GPU: 1, CPU: 1, both: true });
    assert.equal(ran.length, 7, `${ran}`);
  });

  it("goes on with the others when one fails, and tells at the end", async () => {
    duringRun = (stage, name) =>
      stage === "train" && name === "bad"
        ? Promise.reject(
          new PipelineError({ attempt: "train", found: "a loss of NaN" }),
        )
        : Promise.resolve();
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (line: string) => warnings.push(line) };
    const configs = [configOf("bad", 1), configOf("good", 2)];
    await assert.rejects(
      run(configs, { log }),
      /^PipelineError: Cannot run every config: found 1 of 2 that failed as told above: bad; mend that; the same command goes on$/,
    );
    assert.deepEqual(warnings, ["bad: Cannot train: found a loss of NaN"]);
    assert.equal(resultOf("good"), "data=0;train=2;measure=mean;");
  });

  it("lets a second config try what the first one failed at", async () => {
    let failures = 0;
    duringRun = (stage) =>
      stage === "train" && failures++ === 0
        ? Promise.reject(new PipelineError({ attempt: "train" }))
        : Promise.resolve();
    await assert.rejects(
      run([configOf("a", 1), configOf("b", 1)]),
      /found 1 of 2 that failed as told above: [ab];/,
    );
    await run([configOf("a", 1), configOf("b", 1)]);
    assert.equal(resultOf("a"), resultOf("b"));
  });

  it("stops them all when aborted", async () => {
    const controller = new AbortController();
    duringRun = (stage) => {
      if (stage === "train") controller.abort(new Error("enough"));
      return Promise.resolve();
    };
    const configs = [configOf("a", 1), configOf("b", 2)];
    await assert.rejects(run(configs, { signal: controller.signal }), /enough/);
    assert.deepEqual(ran.map((line) => line.split(" ")[0]), ["data", "train"]);
  });

  it("refuses two configs of one name before any work", async () => {
    await assert.rejects(
      run([configOf("lib", 1), configOf("lib", 2)]),
      /^PipelineError: Cannot run every config: configs\/lib\.toml: found the name "lib", which configs\/lib\.toml has too, wanted another name for each run folder; set `name` in one of them$/,
    );
    assert.deepEqual(ran, []);
  });

  it("plans the same: what an earlier config runs is not counted again", async () => {
    const store = new Store(join(root, ".cache"));
    const runsAt = new Map<string, string>();
    const lines: string[] = [];
    for (const config of [configOf("lib", 1), configOf("other", 1, "median")]) {
      const folder = join(root, "runs", config.name);
      const runDirectory = new RunDirectory(
        folder,
        store.runStatePath(folder),
        store.objects,
      );
      const planner = new Planner(stagesOf(), config, store, runDirectory);
      lines.push(...formatPlan(await planner.plan(runsAt), true));
    }
    assert.deepEqual(lines, [
      "data     stale    never ran",
      "train    blocked  depends on data",
      "measure  blocked  depends on train",
      "data     stale    shared with lib",
      "                  never ran",
      "train    blocked  shared with lib",
      "                  depends on data",
      "measure  blocked  depends on train",
    ]);
  });
});
