import { join } from "@std/path";
import type { Progress } from "../log.ts";
import { sources } from "../sources/sources.ts";
import type { Stage, StageContext } from "../stage.ts";

/**
 * Provides the patches: `training/patches.bin`, `test/<set>/{patches.bin,pairs.txt}`, `hpatches/<sequence>/*.png`, `tasks/`,
 * `pairs/`, `photographs/` and `manifest.json`, from the configured source.
 */
export const download: Stage = {
  name: "download",
  summary:
    "patches for training, test pairs, HPatches sequences and tasks, image pairs",
  module: new URL(import.meta.url),
  outputs: () => [
    "manifest.json",
    "training/",
    "test/",
    "hpatches/",
    "tasks/",
    "pairs/",
    "photographs/",
  ],
  inputs: () => [],
  parameters: (config) => sources[config.download.source].parameters(config),
  externalFiles: (config, known) =>
    sources[config.download.source].externalFiles(config, known),
  watched: (config) =>
    Promise.resolve(sources[config.download.source].watched(config)),
  run,
};

async function run(context: StageContext): Promise<void> {
  const report = new PartReporter(context);
  const source = sources[context.config.download.source];
  const manifest = await source.write(context, report.update);
  report.finish();
  for (const leak of manifest.leaks) context.log.warn(leak);
  await Deno.writeTextFile(
    join(context.outputDirectory, "manifest.json"),
    JSON.stringify(manifest, null, 2) + "\n",
  );
}

/** One progress bar a part of the work; stops the work when the run is aborted. */
class PartReporter {
  readonly #context: StageContext;
  #part = "";
  #progress: Progress | undefined;

  constructor(context: StageContext) {
    this.#context = context;
  }

  readonly update = (
    part: string,
    done: number,
    total: number,
    unit: string,
  ) => {
    this.#context.signal.throwIfAborted();
    if (part !== this.#part) {
      this.finish();
      this.#part = part;
      this.#progress = this.#context.log.progress(part, total, unit);
    }
    this.#progress?.update(done);
  };

  finish() {
    this.#progress?.finish();
    this.#progress = undefined;
  }
}
