/**
 * What a pipeline would do, and why.
 *
 * @module
 */
import {
  type ActionRecord,
  keySchemaVersion,
  type OutputFile,
  type StageFacts,
} from "../store/action_record.ts";
import { type CodeDigest, CodeDigester } from "../code/code_digest.ts";
import { refuseCodeNewerThan } from "../code/loaded_code.ts";
import type { Config } from "../config.ts";
import { sha256Json } from "../files/hash.ts";
import { hasDeclaredOutputs } from "./declared_outputs.ts";
import { digestOutsideFiles } from "./outside_files.ts";
import { compareFacts, type Reason } from "./reasons.ts";
import { stageKey } from "../store/stage_key.ts";
import type { RunDirectory } from "./run_directory.ts";
import type { Stage, StageInput } from "../stage.ts";
import type { Store } from "../store/store.ts";

/** What would happen to one stage. */
export type StagePlan = {
  stage: string;
  /** one line that says what the stage does */
  summary: string;
  /** fresh: its result is stored; stale: it has to run; blocked: a stage it reads from has to run first */
  state: "fresh" | "stale" | "blocked";
  /** null while the inputs are not known */
  key: string | null;
  /** why it has to run; empty when fresh */
  reasons: Reason[];
  /** outputs that are stored but missing or altered in the run folder; they are put back without running anything */
  restores: string[];
  /** name of an earlier config of the same call that needs the very same, so that it is computed once; else null */
  sharedWith: string | null;
  /** whether the stored result was computed by other code and accepted for this one */
  accepted: boolean;
  /** how long the stored result took to compute; null when there is none */
  seconds: number | null;
};

/** What would happen to a pipeline. */
export type Plan = {
  /** name of the config */
  config: string;
  /** whether nothing has to run */
  fresh: boolean;
  stages: StagePlan[];
};

/** A stage's plan with what the runner needs to carry it out. */
export interface StageDecision {
  stage: Stage;
  plan: StagePlan;
  /** everything its key depends on; while blocked, without the inputs that are not known */
  facts: StageFacts;
  /** the stored result; undefined unless fresh */
  record: ActionRecord | undefined;
  /** the stored output whose bytes are known to be wrong, if that is why it has to run */
  damaged?: OutputFile | undefined;
  code: CodeDigest;
}

/** Plans the stages of one config; reads only, apart from the index of untouched files. */
export class Planner {
  /** the stages that this config enables, in order */
  readonly stages: readonly Stage[];
  readonly config: Config;
  readonly #store: Store;
  /** where the results lie for the user */
  readonly runDirectory: RunDirectory;
  readonly #digester: CodeDigester;
  readonly #code = new Map<Stage, CodeDigest>();

  constructor(
    stages: readonly Stage[],
    config: Config,
    store: Store,
    runDirectory: RunDirectory,
  ) {
    this.stages = stages.filter((stage) => stage.enabled?.(config) ?? true);
    this.config = config;
    this.#store = store;
    this.runDirectory = runDirectory;
    this.#digester = new CodeDigester(store.sources);
  }

  /**
   * Digests the code of every stage, so that what is edited later, while an earlier stage runs for hours, is not taken
   * for the code that this process has loaded.
   *
   * @param loadedSinceMs when the thread began that loaded it, in milliseconds since 1970; absent: the caller vouches for it
   * @throws {PipelineError} when a file of it was edited since
   */
  async noteCode(loadedSinceMs?: number): Promise<void> {
    for (const stage of this.stages) {
      const code = await this.#codeOf(stage);
      if (loadedSinceMs !== undefined) refuseCodeNewerThan(loadedSinceMs, code);
    }
  }

  /**
   * Plans every stage.
   *
   * @param runsAt computation → name of the config that does it: what configs planned before this one run; added to
   */
  async plan(runsAt: Map<string, string> = new Map()): Promise<Plan> {
    const records = new Map<string, ActionRecord>();
    const computations = new Map<string, string>();
    const stages: StagePlan[] = [];
    for (const stage of this.stages) {
      const decision = await this.decide(stage, records);
      const { plan, record } = decision;
      if (record !== undefined) records.set(stage.name, record);
      else {
        const computation = computationOf(decision, computations);
        computations.set(stage.name, computation);
        plan.sharedWith = runsAt.get(computation) ?? null;
        if (plan.sharedWith === null) {
          runsAt.set(computation, this.config.name);
        }
      }
      stages.push(plan);
    }
    return {
      config: this.config.name,
      fresh: stages.every(({ state }) => state === "fresh"),
      stages,
    };
  }

  /**
   * Decides about one stage.
   *
   * @param records results of the stages before it; a stage that is not in there blocks those that read from it
   */
  async decide(
    stage: Stage,
    records: ReadonlyMap<string, ActionRecord>,
  ): Promise<StageDecision> {
    const inputs = stage.inputs(this.config);
    const code = await this.#codeOf(stage);
    const plan: StagePlan = {
      stage: stage.name,
      summary: stage.summary,
      state: "stale",
      key: null,
      reasons: [],
      restores: [],
      sharedWith: null,
      accepted: false,
      seconds: null,
    };
    const facts: StageFacts = {
      schema: keySchemaVersion,
      stage: stage.name,
      parameters: stage.parameters(this.config),
      inputs: {},
      external: await digestOutsideFiles(stage, this.config, this.#store),
      code: code.files,
      packages: code.packages,
    };
    const missing: string[] = [];
    for (const input of inputs) {
      this.#checkOrder(stage, input);
      const upstream = records.get(input.stage);
      if (upstream === undefined) missing.push(input.stage);
      else {
        facts.inputs[input.stage] = {
          ...facts.inputs[input.stage],
          ...Object.fromEntries(
            selectOutputs(upstream.outputs, input.paths)
              .map(({ path, digest }) => [path, digest]),
          ),
        };
      }
    }
    const readLatest = () =>
      this.#store.readLatest(this.config.name, stage.name);

    if (missing.length > 0) {
      plan.state = "blocked";
      plan.reasons = [
        ...new Set(missing),
      ].map((field) => ({ kind: "upstream", field, old: null, new: null }));
      const latest = readLatest();
      if (latest !== undefined) {
        const known = { ...latest.facts, inputs: {} };
        plan.reasons.push(...compareFacts(known, { ...facts, inputs: {} }));
      }
      return { stage, plan, facts, record: undefined, code };
    }

    plan.key = stageKey(facts);
    const record = this.#store.readRecord(plan.key);
    if (
      record === undefined ||
      !hasDeclaredOutputs(stage, this.config, record.outputs)
    ) {
      const latest = readLatest();
      plan.reasons = latest === undefined
        ? [neverRan]
        : compareFacts(latest.facts, facts);
      if (plan.reasons.length === 0) plan.reasons = [neverRan];
      return { stage, plan, facts, record: undefined, code };
    }
    const unusable = await this.#store.findUnusable(record.outputs);
    if (unusable !== undefined) {
      plan.reasons = [{
        kind: "output",
        field: unusable.output.path,
        old: "present",
        new: unusable.state,
      }];
      const damaged = unusable.state === "damaged"
        ? unusable.output
        : undefined;
      return { stage, plan, facts, record: undefined, damaged, code };
    }
    plan.state = "fresh";
    plan.seconds = record.provenance.wallTimeSeconds;
    plan.accepted = record.provenance.accepted !== undefined;
    plan.restores = (await this.runDirectory.missing(
      stage.name,
      record.outputs,
    )).map(({ path }) => path);
    return { stage, plan, facts, record, code };
  }

  /** A stage's code as it was when first asked: the code that this process has loaded, whatever is edited meanwhile. */
  async #codeOf(stage: Stage): Promise<CodeDigest> {
    const code = this.#code.get(stage) ??
      await this.#digester.digest(stage.module);
    this.#code.set(stage, code);
    return code;
  }

  #checkOrder(stage: Stage, input: StageInput): void {
    const names = this.stages.map(({ name }) => name);
    const position = names.indexOf(input.stage);
    if (position < 0 || position >= names.indexOf(stage.name)) {
      throw new Error(
        `stage ${stage.name} reads ${input.stage}, which is not an earlier stage of this config`,
      );
    }
  }
}

/**
 * What a stage that has to run would compute: its key as far as that is known, and what the stages would compute that it
 * waits for. Two configs that agree in it compute the same.
 */
function computationOf(
  { facts, plan }: StageDecision,
  upstream: ReadonlyMap<string, string>,
): string {
  const waitsFor = plan.reasons.filter(({ kind }) => kind === "upstream")
    .map(({ field }) => upstream.get(field)!);
  return sha256Json([stageKey(facts), ...waitsFor]);
}

const neverRan: Reason = { kind: "never-ran", field: "", old: null, new: null };

/** The outputs that equal one of `paths` or lie below it; `""` selects all. */
export function selectOutputs(
  outputs: readonly OutputFile[],
  paths: readonly string[],
): OutputFile[] {
  const prefixes = paths.map((path) => path.replace(/\/+$/, ""));
  return outputs.filter(({ path }) =>
    prefixes.some((prefix) =>
      prefix === "" || path === prefix || path.startsWith(`${prefix}/`)
    )
  );
}
