import type { ActionRecord } from "../store/action_record.ts";
import type { Config } from "../config.ts";
import { lockFilePath, type PinnedResults, readPins } from "./lock_file.ts";
import {
  factDifferences,
  missingStages,
  PinError,
  resultDifferences,
} from "./pinned_results.ts";
import type { Planner } from "./planner.ts";
import type { Store } from "../store/store.ts";

/** Holds a run to its config's lock file. */
export class PinCheck {
  readonly #pins: PinnedResults | undefined;
  readonly #frozen: boolean;

  private constructor(pins: PinnedResults | undefined, frozen: boolean) {
    this.#pins = pins;
    this.#frozen = frozen;
  }

  /**
   * Reads the lock file, if there is one.
   *
   * @param frozen whether results have to be those of the lock file
   * @throws {PinError} when there is none, and there has to be
   */
  static open({ file }: Config, frozen: boolean): PinCheck {
    const pins = readPins(file);
    if (frozen && pins === undefined) {
      throw new PinError([{
        where: lockFilePath(file),
        found: "no such file",
        wanted: "the config's lock file",
        remedy: "write it with `./run lock` and commit it",
      }]);
    }
    return new PinCheck(pins, frozen);
  }

  /** Data set → digest of its contents. */
  get contents(): Readonly<Record<string, string>> {
    return this.#pins?.datasets ?? {};
  }

  /**
   * Before any work: what is stored is compared as it is, what is not by what it would be made of.
   *
   * @param partial whether the planner's stages are but some of the config's, so that others may be pinned
   * @throws {PinError} with one line for each difference
   */
  async refuseDifferences(
    planner: Planner,
    store: Store,
    partial: boolean,
  ): Promise<void> {
    const pins = this.#pins;
    if (!this.#frozen || pins === undefined) return;
    const names = planner.stages.map(({ name }) => name);
    const problems = partial ? [] : missingStages(pins, names);
    const records = new Map<string, ActionRecord>();
    for (const stage of planner.stages) {
      const { record, facts } = await planner.decide(stage, records);
      const pinned = pins.stages[stage.name];
      if (record === undefined) {
        problems.push(...factDifferences(pinned, facts, store));
      } else {
        problems.push(...resultDifferences(pinned, record));
        records.set(stage.name, record);
      }
    }
    if (problems.length > 0) throw new PinError(problems);
  }

  /**
   * Before anything is built upon a result.
   *
   * @throws {PinError} when it is not the lock file's
   */
  refuseOther(record: ActionRecord): void {
    if (!this.#frozen) return;
    const pinned = this.#pins?.stages[record.facts.stage];
    const problems = resultDifferences(pinned, record);
    if (problems.length > 0) throw new PinError(problems);
  }
}
