import { join } from "@std/path";
import { type Log, silentLog } from "../../../pipeline/log.ts";
import type { Config } from "../../../pipeline/config.ts";
import type { StageContext } from "../../../pipeline/stage.ts";

/** A context whose input and output folders lie below `folder`; warnings are kept. */
export function stageContext(
  folder: string,
  config: Config,
): StageContext & { warnings: string[]; adapters: unknown[] } {
  const warnings: string[] = [];
  const adapters: unknown[] = [];
  const log: Log = { ...silentLog, warn: (message) => warnings.push(message) };
  return {
    config,
    key: "0".repeat(64),
    refuseChangedSources: () => Promise.resolve(),
    input: (stage) => join(folder, stage),
    outputDirectory: join(folder, "output"),
    scratchDirectory: join(folder, "scratch"),
    downloadsDirectory: join(folder, "downloads"),
    pinnedContents: {},
    log,
    signal: new AbortController().signal,
    prepareGpu: (gpu) => {
      adapters.push(gpu.adapter);
      return Promise.resolve();
    },
    recordTiming: () => {},
    warnings,
    adapters,
  };
}
