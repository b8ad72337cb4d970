import { join } from "@std/path";
import type { Config } from "../config.ts";
import type { Stage } from "../stage.ts";
import type { Store } from "../store/store.ts";
import { Planner } from "./planner.ts";
import { RunDirectory } from "./run_directory.ts";

/** Where run folders lie unless told otherwise: in the working directory. */
export const defaultRunsDirectory = "runs";

/**
 * A planner of a config's stages, which knows its results and its run folder.
 *
 * @param runsDirectory folder of run folders; the config's is the one of its name
 */
export function openPlanner(
  stages: readonly Stage[],
  config: Config,
  store: Store,
  runsDirectory: string = defaultRunsDirectory,
): Planner {
  const path = join(runsDirectory, config.name);
  const runDirectory = new RunDirectory(
    path,
    store.runStatePath(path),
    store.objects,
  );
  return new Planner(stages, config, store, runDirectory);
}
