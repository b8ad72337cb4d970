/** Runs a slow pipeline once, for tests that kill it or run it many times at once: `run_once.ts <folder>`. */
import { join } from "node:path";
import type { Config } from "../../../../pipeline/config.ts";
import { silentLog } from "../../../../pipeline/log.ts";
import { runPipelines } from "../../../../pipeline/engine/runner.ts";
import type { Stage, StageContext } from "../../../../pipeline/stage.ts";
import { Store } from "../../../../pipeline/store/store.ts";

const pauseMs = 15;
const steps = 6;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}

/** Adds a line per step to every output; resumes from its scratch file, as training does. */
async function work(context: StageContext, seed: string): Promise<void> {
  const checkpoint = join(context.scratchDirectory, "checkpoint");
  let lines: string[] = [];
  try {
    lines = Deno.readTextFileSync(checkpoint).split("\n");
  } catch {
    // the first attempt
  }
  while (lines.length < steps) {
    lines.push(`${seed} ${lines.length}`);
    Deno.writeTextFileSync(`${checkpoint}.new`, lines.join("\n"));
    Deno.renameSync(`${checkpoint}.new`, checkpoint);
    await pause();
  }
  for (let part = 0; part < 5; part++) {
    Deno.writeTextFileSync(
      join(context.outputDirectory, `part_${part}.txt`),
      lines.map((line) => `${line} ${part}\n`).join(""),
    );
  }
}

function slowStage(name: string, before: string | undefined): Stage {
  return {
    name,
    summary: name,
    module: new URL(import.meta.url),
    inputs: () =>
      before === undefined ? [] : [{ stage: before, paths: ["part_1.txt"] }],
    parameters: () => ({}),
    run: (context) =>
      work(
        context,
        before === undefined ? "seed" : Deno.readTextFileSync(
          join(context.input(before), "part_1.txt"),
        ).slice(0, 30).replaceAll("\n", ","),
      ),
  };
}

const [root] = Deno.args;
console.log("begins");
const config = { name: "slow", file: join(root, "slow.toml") } as Config;
const [{ stages }] = await runPipelines([config], {
  stages: [
    slowStage("first", undefined),
    slowStage("second", "first"),
    slowStage("third", "second"),
  ],
  store: new Store(join(root, ".cache")),
  runsDirectory: join(root, "runs"),
  log: silentLog,
  signal: new AbortController().signal,
  wait: true,
  command: "test",
  prepareGpu: () => Promise.resolve({}),
});
console.log(stages.map(({ fresh }) => fresh ? "fresh" : "ran").join(" "));
