/**
 * Parts and variants of a pipeline.
 *
 * @module
 */
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import type { Stage } from "../stage.ts";

/**
 * A stage and those whose results it needs, directly or not, in the order of the pipeline.
 *
 * @throws {PipelineError} when the pipeline of some config has no such stage
 */
export function stagesUntil(
  stages: readonly Stage[],
  configs: readonly Config[],
  name: string,
): Stage[] {
  const wanted = new Set<string>();
  for (const config of configs) {
    const enabled = stages.filter((stage) => stage.enabled?.(config) ?? true);
    if (!enabled.some((stage) => stage.name === name)) {
      throw new PipelineError({
        attempt: "select stages",
        where: `--until ${name}`,
        found: `no such stage in ${config.name}`,
        wanted: `one of ${enabled.map((stage) => stage.name).join(", ")}`,
      });
    }
    const own = new Set([name]);
    // Inputs are earlier stages, so one pass from the end finds all.
    for (const stage of enabled.toReversed()) {
      if (!own.has(stage.name)) continue;
      for (const input of stage.inputs(config)) own.add(input.stage);
    }
    own.forEach((stage) => wanted.add(stage));
  }
  return stages.filter((stage) => wanted.has(stage.name));
}

/** A stage's result that was to be had from the store alone is not there. */
export class MissingResult extends PipelineError {
  override name = "MissingResult";
  /** name of the stage */
  readonly stage: string;

  constructor(stage: string) {
    super({
      attempt: `use the result of ${stage}`,
      found: "nothing in the store",
      wanted: "what was computed elsewhere",
    });
    this.stage = stage;
  }
}

/**
 * The same stages, with the same keys, that use stored results only.
 *
 * @returns stages whose `run` throws {@linkcode MissingResult}
 */
export function withoutComputing(stages: readonly Stage[]): Stage[] {
  return stages.map((stage) => ({
    ...stage,
    run: () => {
      throw new MissingResult(stage.name);
    },
  }));
}
