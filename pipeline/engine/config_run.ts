/**
 * One config on its way through the pipeline.
 *
 * @module
 */
import type { ActionRecord, OutputFile } from "../store/action_record.ts";
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import { acquireLock, type HeldLock } from "../store/lock.ts";
import { PinCheck } from "./pin_check.ts";
import { briefReasons, formatReason } from "./plan_text.ts";
import { openPlanner } from "./open_planner.ts";
import type { Planner, StageDecision } from "./planner.ts";
import type { RunDirectory } from "./run_directory.ts";
import type { RunOptions, RunOutcome } from "./run_options.ts";
import { SharedResults } from "./shared_results.ts";
import type { SourceCommit } from "../code/source_commit.ts";
import { executeStage } from "./stage_execution.ts";
import type { Stage } from "../stage.ts";
import type { Turns } from "./turns.ts";

/** How often a run starts over because a stored object turned out to be damaged, before it gives up on the disk. */
const mostRestarts = 20;

/** A result, or the stored files that turned out to be wrong on the way to it. */
type Attempt =
  | { record: ActionRecord; damaged?: undefined }
  | { record?: undefined; damaged: OutputFile[] };

/** Brings the stages of one config up to date, in order. */
export class ConfigRun {
  readonly config: Config;
  #lock: HeldLock | undefined;
  readonly #take: (name: string) => Promise<Disposable>;
  readonly #options: RunOptions;
  readonly #runDirectory: RunDirectory;
  readonly #planner: Planner;
  #source: SourceCommit | null = null;
  #pins: PinCheck | undefined;
  readonly #shared: SharedResults;
  /** why each stage ran that did */
  readonly #ran = new Map<string, string[]>();
  #isMachineChecked = false;
  /** stage keys that must not be collected while this goes on */
  readonly #needed = new Set<string>();

  /**
   * @param turns shared with the configs that run beside it
   * @param rank its place among them: the lower goes first
   */
  constructor(
    config: Config,
    turns: Turns,
    rank: number,
    options: RunOptions,
  ) {
    const { store } = options;
    this.config = config;
    this.#take = (name) => turns.take(name, rank, options.signal);
    this.#options = options;
    this.#shared = new SharedResults(options.shared, store, options.log);
    const { stages, runsDirectory } = options;
    this.#planner = openPlanner(stages, config, store, runsDirectory);
    this.#runDirectory = this.#planner.runDirectory;
  }

  /**
   * Notes the code that is loaded now. Call it before anything is waited for.
   *
   * @throws {PipelineError} when some of it was edited since this thread began
   */
  async noteCode(): Promise<void> {
    await this.#planner.noteCode(this.#options.loadedSinceMs);
  }

  /**
   * Finds out before any work whether results can be written, and whether they can be those of the lock file.
   *
   * @param lock the lock of its run folder, held
   * @param source the commit that the loaded code is at
   * @throws {PinError} when frozen, and results differ or would differ from the lock file
   */
  async prepare(lock: HeldLock, source: SourceCommit | null): Promise<void> {
    this.#lock = lock;
    const { store, frozen, partial = false, log } = this.#options;
    await this.#runDirectory.create();
    {
      using _share = await store.share(this.#options);
      const other = await this.#runDirectory.giveTo(this.config.file);
      if (other !== undefined) {
        log.warn(
          `${this.#runDirectory.path} held the results of ${other}, which give way to those of ${this.config.file}: both are named ${this.config.name}; give one another name`,
        );
      }
    }
    this.#source = source;
    this.#pins = PinCheck.open(this.config, frozen ?? false);
    await this.#pins.refuseDifferences(this.#planner, store, partial);
  }

  /** Computes and restores until every stage's outputs are in the run folder. */
  async run(): Promise<RunOutcome> {
    const { store, finish, partial = false } = this.#options;
    for (let restarts = 0; restarts <= mostRestarts; restarts++) {
      const records = await this.#runOnce();
      if (records === undefined) continue;
      const outcome = this.#summarise(records);
      if (!partial) {
        using _share = await store.share(this.#options);
        await this.#runDirectory.keepOnly(
          this.#planner.stages.map(({ name }) => name),
        );
      }
      await finish?.(outcome, this.config);
      return outcome;
    }
    throw new PipelineError({
      attempt: "use the store",
      where: store.root,
      found: "stored results damaged again and again",
      remedy: "check the disk",
    });
  }

  /**
   * One pass over the stages.
   *
   * @returns the records in order; undefined when a damaged object was set aside, so that the pass has to start over
   */
  async #runOnce(): Promise<Map<string, ActionRecord> | undefined> {
    const { log, signal } = this.#options;
    const records = new Map<string, ActionRecord>();
    for (const stage of this.#planner.stages) {
      signal.throwIfAborted();
      const { record, damaged } = await this.#resultOf(stage, records);
      if (record === undefined) {
        await this.#setAside(damaged, stage.name);
        return undefined;
      }
      this.#pins?.refuseOther(record);
      const computed = this.#ran.has(stage.name);
      if (!computed && !this.#shared.has(record.key)) {
        log.info(`${stage.name}: fresh`);
      }
      if (!(await this.#restore(stage, record))) return undefined;
      records.set(stage.name, record);
      await this.#shared.offer(stage.name, record, computed);
    }
    return records;
  }

  /** Puts a result into the run folder. @returns false when a damaged object was set aside */
  async #restore(stage: Stage, record: ActionRecord): Promise<boolean> {
    const { store, place } = this.#options;
    using _share = await store.share(this.#options);
    await place?.(this.#runDirectory.path, stage.name, record.key);
    const { damaged } = await this.#runDirectory.restore(
      stage.name,
      record.outputs,
    );
    if (damaged.length > 0) {
      await this.#setAside(damaged, stage.name);
      return false;
    }
    await store.writeLatest(this.config, stage.name, record.key);
    await store.noteUse(record.key);
    return true;
  }

  /** A stage's stored result, a shared one, or one that is computed now. */
  async #resultOf(
    stage: Stage,
    records: ReadonlyMap<string, ActionRecord>,
  ): Promise<Attempt> {
    const { store } = this.#options;
    const first = await this.#decide(stage, records);
    if (first.record !== undefined) return { record: first.record };
    const key = first.plan.key!;
    using _turn = await this.#take(key);
    const second = await this.#decide(stage, records);
    if (second.record !== undefined) return { record: second.record };
    const shared = await this.#fetch(stage, key, records);
    if (shared !== undefined) return { record: shared };

    const usesGpu = stage.usesGpu?.(this.config) ?? false;
    using _slot = await this.#take(usesGpu ? "GPU" : "CPU");
    using _gpu = usesGpu
      ? await this.#acquire("the GPU", store.gpuLockPath)
      : undefined;
    using _stage = await this.#acquire(stage.name, store.stageLockPath(key));
    // Another process may have computed it while this one waited.
    const decision = await this.#decide(stage, records);
    if (decision.record !== undefined) return { record: decision.record };
    return await this.#compute(decision, records);
  }

  /** A result that the shared cache has, or that another process stored while this one waited for it. */
  async #fetch(
    stage: Stage,
    key: string,
    records: ReadonlyMap<string, ActionRecord>,
  ): Promise<ActionRecord | undefined> {
    if (!this.#shared.available) return undefined;
    const { store, signal } = this.#options;
    using _stage = await this.#acquire(stage.name, store.stageLockPath(key));
    const { record, damaged } = await this.#decide(stage, records);
    if (record !== undefined) return record;
    if (damaged !== undefined) await this.#setAside([damaged], stage.name);
    return await this.#shared.take(stage, this.config, key, signal);
  }

  /** Decides about a stage and lets others know that its result is needed. */
  async #decide(
    stage: Stage,
    records: ReadonlyMap<string, ActionRecord>,
  ): Promise<StageDecision> {
    const { store } = this.#options;
    using _share = await store.share(this.#options);
    const decision = await this.#planner.decide(stage, records);
    const { key } = decision.plan;
    if (key !== null && !this.#needed.has(key)) {
      this.#needed.add(key);
      await this.#lock!.note({
        config: this.config.name,
        needs: [...this.#needed],
      });
    }
    return decision;
  }

  async #compute(
    decision: StageDecision,
    records: ReadonlyMap<string, ActionRecord>,
  ): Promise<Attempt> {
    const { stage, plan, damaged } = decision;
    await this.#checkMachine();
    const reasons = plan.reasons.map(formatReason);
    if (damaged !== undefined) await this.#setAside([damaged], stage.name);
    this.#options.log.info(
      `${stage.name}: runs because ${briefReasons(reasons)}`,
    );
    const result = await executeStage({
      ...this.#options,
      config: this.config,
      decision,
      source: this.#source,
      pinnedContents: this.#pins?.contents ?? {},
      records,
    });
    if (result.record !== undefined) this.#ran.set(stage.name, reasons);
    return result;
  }

  /** Once, and only when something has to be computed. */
  async #checkMachine(): Promise<void> {
    if (this.#isMachineChecked) return;
    this.#isMachineChecked = true;
    const { checkMachine, store, log } = this.#options;
    if (checkMachine === undefined) return;
    using _share = await store.share(this.#options);
    await checkMachine(this.config, await this.#planner.plan(), log);
  }

  #acquire(what: string, path: string): Promise<HeldLock> {
    return acquireLock(path, { ...this.#options, what });
  }

  async #setAside(
    damaged: readonly OutputFile[],
    stage: string,
  ): Promise<void> {
    const { store, log } = this.#options;
    for (const { path, digest } of damaged) {
      log.warn(
        `${stage}: stored ${path} is damaged; set aside, to be computed again`,
      );
      await store.objects.quarantine(digest);
    }
  }

  #summarise(records: ReadonlyMap<string, ActionRecord>): RunOutcome {
    let adapter: RunOutcome["adapter"] = null;
    const stages = [...records].map(([stage, { key, provenance }]) => {
      adapter = provenance.adapter ?? adapter;
      return {
        stage,
        key,
        fresh: !this.#ran.has(stage),
        seconds: provenance.wallTimeSeconds,
        reasons: this.#ran.get(stage) ?? [],
      };
    });
    return {
      config: this.config.name,
      runDirectory: this.#runDirectory.path,
      stages,
      adapter,
    };
  }
}
