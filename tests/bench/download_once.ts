/**
 * Runs the download stage of a config and prints, as JSON, how long each part took and the peak resident memory:
 * `download_once.ts <folder> <config.toml>`; the stage's output goes to `<folder>/output`.
 */
import { join } from "@std/path";
import process from "node:process";
import { loadConfig } from "../../pipeline/config.ts";
import { type Log, silentLog } from "../../pipeline/log.ts";
import { download } from "../../pipeline/stages/download.ts";

/** What it prints. */
export interface DownloadCost {
  parts: { label: string; seconds: number; done: number; unit: string }[];
  seconds: number;
  peakBytes: number;
}

if (import.meta.main) {
  const [folder, configPath] = Deno.args;
  const parts: DownloadCost["parts"] = [];
  const log: Log = {
    ...silentLog,
    warn: console.error,
    progress(label, _total, unit) {
      const part = { label, seconds: 0, done: 0, unit };
      const startMs = performance.now();
      parts.push(part);
      return {
        update: (done) => part.done = done,
        finish: () => part.seconds = (performance.now() - startMs) / 1000,
      };
    },
  };
  const place = (name: string) => {
    const path = join(folder, name);
    Deno.mkdirSync(path, { recursive: true });
    return path;
  };
  const startMs = performance.now();
  await download.run({
    config: await loadConfig(configPath),
    input: () => "",
    outputDirectory: place("output"),
    scratchDirectory: place("scratch"),
    downloadsDirectory: place("downloads"),
    pinnedContents: {},
    log,
    signal: new AbortController().signal,
    prepareGpu: () => Promise.resolve(),
    key: "0".repeat(64),
    refuseChangedSources: () => Promise.resolve(),
    recordTiming() {},
  });
  const cost: DownloadCost = {
    parts,
    seconds: (performance.now() - startMs) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  };
  console.log(JSON.stringify(cost));
}
