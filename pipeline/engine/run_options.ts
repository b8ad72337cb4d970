/**
 * What a run is asked for, and what became of it.
 *
 * @module
 */
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";
import type { Plan } from "./planner.ts";
import type { SharedCache } from "../store/shared_cache.ts";
import type { Json } from "../files/json.ts";
import type { Stage, StageContext } from "../stage.ts";
import type { Store } from "../store/store.ts";

/** A device that a stage opened. */
type Gpu = Parameters<StageContext["prepareGpu"]>[0];

/**
 * Gives a device the tiles measured on its adapter.
 *
 * @returns what the device is, to be recorded with the stage's result
 */
export type PrepareGpu = (
  gpu: Gpu,
  options: { tilesDirectory: string; log: Log; signal: AbortSignal },
) => Promise<Record<string, Json>>;

/** How to run, and where. */
export interface RunOptions {
  stages: readonly Stage[];
  /** whether these stages are but a part: then the run folder keeps what other stages left there */
  partial?: boolean;
  store: Store;
  /** folder of run folders: results go to `<runsDirectory>/<config name>/<stage>/` */
  runsDirectory: string;
  log: Log;
  signal: AbortSignal;
  /** false: fail when another process uses a run folder, a stage or the GPU, instead of waiting for it */
  wait: boolean;
  /** fail when results differ, or would differ, from the config's lock file */
  frozen?: boolean;
  /**
   * when the thread began that loaded the stages' code, in milliseconds since 1970: code that was edited since is refused;
   * absent where the caller vouches for it
   */
  loadedSinceMs?: number;
  /** what to tell processes that wait for this one */
  command: string;
  /**
   * called before the first stage of a config is computed
   *
   * @param plan of these stages
   */
  checkMachine?(config: Config, plan: Plan, log: Log): Promise<void>;
  /** makes the devices that stages open fast */
  prepareGpu: PrepareGpu;
  /** where to look for results that are not stored here, and whom to tell about new ones */
  shared?: SharedCache;
  /** called before a stage's outputs are put into the run folder, so that nothing there tells of other outputs than it holds */
  place?(runDirectory: string, stage: string, key: string): Promise<void>;
  /** called with the outcome while the run folder is still held, so that two processes never write one report at once */
  finish?(outcome: RunOutcome, config: Config): Promise<void>;
}

/** What became of one stage. */
export interface StageOutcome {
  /** the stage's name */
  stage: string;
  /** the stage key, 64 hexadecimal digits */
  key: string;
  /** whether a stored result was used */
  fresh: boolean;
  /** how long the result took to compute, now or when it was computed */
  seconds: number;
  /** why it ran, as text; empty when fresh */
  reasons: string[];
}

/** What became of a run. */
export interface RunOutcome {
  /** name of the config */
  config: string;
  /** `runs/<name>` */
  runDirectory: string;
  /** in the order of the pipeline; disabled stages are left out */
  stages: StageOutcome[];
  /** what was recorded of the adapter of the last stage that used one; null when none did */
  adapter: { [name: string]: Json } | null;
}
