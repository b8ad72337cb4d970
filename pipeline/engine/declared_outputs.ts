/**
 * Whether a result has the files that its stage says it writes.
 *
 * @module
 */
import type { Config } from "../config.ts";
import type { OutputFile } from "../store/action_record.ts";
import type { Stage } from "../stage.ts";

/** Whether a stage may write this output. */
export function declares(stage: Stage, config: Config, path: string): boolean {
  return stage.outputs === undefined ||
    stage.outputs(config).some((declared) =>
      declared.endsWith("/") ? path.startsWith(declared) : path === declared
    );
}

/** Whether a result has every file that its stage always writes, and none but those that it may write. */
export function hasDeclaredOutputs(
  stage: Stage,
  config: Config,
  outputs: readonly OutputFile[],
): boolean {
  const paths = new Set(outputs.map(({ path }) => path));
  return [...paths].every((path) => declares(stage, config, path)) &&
    (stage.outputs?.(config) ?? []).every((declared) =>
      declared.endsWith("/") || paths.has(declared)
    );
}
