/**
 * Binding results to changed code on purpose.
 *
 * @module
 */
import { dirname } from "@std/path";
import type { ActionRecord } from "./store/action_record.ts";
import { type Config, parseConfig } from "./config.ts";
import { kindOf, requireOptions } from "./config/arguments.ts";
import { requireConfig } from "./config/require_config.ts";
import { PipelineError } from "./errors.ts";
import { stages } from "./graph.ts";
import { hostName } from "./store/lock.ts";
import { briefReasons, formatReason } from "./engine/plan_text.ts";
import { openPlanner } from "./engine/open_planner.ts";
import type { StageDecision } from "./engine/planner.ts";
import { compareFacts, flatParameters, type Reason } from "./engine/reasons.ts";
import { canonicalJson } from "./files/hash.ts";
import type { PlaceOptions } from "./reproduce.ts";
import { modulePath } from "./code/module_path.ts";
import { readSourceCommit } from "./code/source_commit.ts";
import type { Stage } from "./stage.ts";
import { Store } from "./store/store.ts";

/** Where the results are, and when to give up waiting for the store. */
export interface AcceptOptions extends PlaceOptions {
  /** aborting it ends the waiting for a process that collects garbage */
  signal?: AbortSignal;
}

/** What became of one stage. */
export interface AcceptOutcome {
  /** the stage's name */
  stage: string;
  /** the key that its result stands under now */
  key: string;
  /** what had changed; empty when it was fresh already */
  reasons: Reason[];
}

/** Differences that somebody who knows the change may wave through: those of code, never those of data. */
const acceptable = new Set(["code", "package", "schema"]);

/**
 * Takes the results that a config used last for results of the present code. It is for changes that cannot matter, a
 * renamed function, a faster kernel of the same bytes, or a key that came with the code and has its default; whoever calls it vouches
 * for that, and the records say so.
 *
 * @param names the stages, in any order
 * @throws {PipelineError} when a stage never ran, its result is damaged, a stage that it reads from is stale, or
 * anything but code has changed; what was accepted before that stays accepted
 */
export async function accept(
  config: Config,
  names: readonly string[],
  options: AcceptOptions = {},
): Promise<AcceptOutcome[]> {
  const attempt = "accept results";
  requireConfig(config, attempt);
  requireOptions(options, attempt);
  if (!Array.isArray(names)) {
    throw new PipelineError({
      attempt,
      where: "names",
      found: kindOf(names),
      wanted: "a list of names of stages",
    });
  }
  return await acceptStages(stages, config, names, options);
}

/** {@linkcode accept} for any pipeline. */
export async function acceptStages(
  stages: readonly Stage[],
  config: Config,
  names: readonly string[],
  options: AcceptOptions = {},
): Promise<AcceptOutcome[]> {
  const store = new Store(options.storeDirectory);
  const planner = openPlanner(stages, config, store, options.runsDirectory);
  const known = planner.stages.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw refusal(name, "no stage of this config", {
      wanted: `one of ${known.join(", ")}`,
    });
  }
  const signal = options.signal ?? new AbortController().signal;
  await store.create({ signal });
  using _share = await store.share({ signal });
  const records = new Map<string, ActionRecord>();
  const outcomes: AcceptOutcome[] = [];
  for (const stage of planner.stages) {
    const decision = await planner.decide(stage, records);
    let { record } = decision;
    if (names.includes(stage.name)) {
      let reasons: Reason[] = [];
      if (record === undefined) {
        ({ record, reasons } = await rebind(store, config, decision));
      }
      outcomes.push({ stage: stage.name, key: record.key, reasons });
    }
    if (record !== undefined) records.set(stage.name, record);
  }
  await store.saveIndexes();
  return outcomes;
}

async function rebind(
  store: Store,
  config: Config,
  { stage, plan, facts }: StageDecision,
): Promise<{ record: ActionRecord; reasons: Reason[] }> {
  const upstream = plan.reasons.find(({ kind }) => kind === "upstream");
  if (plan.key === null || upstream !== undefined) {
    throw refusal(stage.name, `${upstream?.field} stale, which it reads`, {
      remedy: "run or accept that one first",
    });
  }
  const latest = store.readLatest(config.name, stage.name);
  if (latest === undefined) {
    throw refusal(stage.name, "no result of it", {
      remedy: "run `./run reproduce` instead",
    });
  }
  const reasons = compareFacts(latest.facts, facts);
  const before = flatParameters(latest.facts.parameters);
  const defaults = flatParameters(
    stage.parameters(parseConfig("", config.file)),
  );
  const other = reasons.filter(({ kind, field, new: now }) =>
    !acceptable.has(kind) &&
    !(kind === "parameter" && !Object.hasOwn(before, field) &&
      canonicalJson(now) === canonicalJson(defaults[field]))
  );
  if (other.length > 0) {
    throw refusal(stage.name, briefReasons(other.map(formatReason)), {
      wanted: "changed code and nothing else",
      remedy: "run `./run reproduce` instead",
    });
  }
  const unusable = await store.findUnusable(latest.outputs);
  if (unusable !== undefined) {
    throw refusal(
      stage.name,
      `its ${unusable.output.path} ${unusable.state} in the store`,
      { remedy: "run `./run reproduce` instead" },
    );
  }
  const folder = dirname(modulePath(stage.module));
  const record: ActionRecord = {
    ...latest,
    key: plan.key,
    facts,
    provenance: {
      ...latest.provenance,
      accepted: [...latest.provenance.accepted ?? [], {
        from: latest.key,
        at: new Date().toISOString(),
        host: hostName(),
        source: readSourceCommit(folder) ?? null,
        reasons: reasons.map(formatReason),
      }],
    },
  };
  await store.writeRecord(record);
  await store.writeLatest(config, stage.name, record.key);
  return { record, reasons };
}

function refusal(
  stage: string,
  found: string,
  rest: { wanted?: string; remedy?: string },
): PipelineError {
  return new PipelineError({ attempt: `accept ${stage}`, found, ...rest });
}
