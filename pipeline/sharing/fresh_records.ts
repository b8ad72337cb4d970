import type { Config } from "../config.ts";
import { briefReasons, formatReason } from "../engine/plan_text.ts";
import { openPlanner } from "../engine/open_planner.ts";
import { PipelineError } from "../errors.ts";
import type { Stage } from "../stage.ts";
import type { ActionRecord } from "../store/action_record.ts";
import type { Store } from "../store/store.ts";

/** What wants the records, for the error where one is missing. */
export interface RecordsWanted {
  /** "write the lock file" */
  attempt: string;
  /** the file that the attempt is about */
  where: string;
  /** folder of run folders; default `runs` */
  runsDirectory?: string | undefined;
  /** whether the results have to lie in the run folder too, as they were; default false */
  inRunFolder?: boolean;
}

/**
 * The record of every stage that the config enables, in order, by the stage's name: a statement about the code and the data as they are.
 *
 * @throws {PipelineError} when a stage is stale, or its results are wanted in the run folder and are not there
 */
export async function freshRecords(
  stages: readonly Stage[],
  config: Config,
  store: Store,
  { attempt, where, runsDirectory, inRunFolder = false }: RecordsWanted,
): Promise<Map<string, ActionRecord>> {
  const planner = openPlanner(stages, config, store, runsDirectory);
  const records = new Map<string, ActionRecord>();
  for (const stage of planner.stages) {
    const { plan, record } = await planner.decide(stage, records);
    if (record === undefined) {
      throw new PipelineError({
        attempt,
        where,
        found: `${stage.name} ${plan.state}: ${
          briefReasons(plan.reasons.map(formatReason))
        }`,
        wanted: "results of the present code and config",
        remedy: "run `./run reproduce` first",
      });
    }
    const [missing] = plan.restores;
    if (inRunFolder && missing !== undefined) {
      throw new PipelineError({
        attempt,
        where,
        found: `${stage.name}/${missing} missing or altered in the run folder`,
        wanted: "the results as they were computed",
        remedy: "run `./run reproduce` first, which puts them back",
      });
    }
    records.set(stage.name, record);
  }
  if (store.exists()) await store.saveIndexes();
  return records;
}
