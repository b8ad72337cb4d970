/**
 * What a run needs of the machine, found out before anything is fetched or computed.
 *
 * @module
 */
import { dirname } from "@std/path";
import { freeBytes } from "../../data/transfer_bound.ts";
import type { Config } from "../config.ts";
import type { Plan } from "./planner.ts";
import { isUserError, PipelineError } from "../errors.ts";
import { isThere } from "../files/is_there.ts";
import { formatSize } from "../files/size_text.ts";
import type { Stage } from "../stage.ts";
import type { Store } from "../store/store.ts";

/** Something that a run will need and this machine does not have. */
export interface MachineFault {
  /** whether the run would end in a failure for certain */
  isFatal: boolean;
  /** whether it lies in what the config names, data sets and networks, so that a plan is refused too; a machine without a GPU may plan for another */
  isOfConfig?: boolean;
  error: Error;
}

/** How needs are told; this room knows neither the GPU nor where patches come from. */
export interface MachineNeeds {
  /** throws a user's error when there is no adapter */
  requireAdapter(): Promise<void>;
  /** what a whole run takes of the disk at most, in bytes */
  diskBytes(config: Config, store: Store): number;
}

/**
 * What is missing for the stages that have to run: an adapter, room on the disk.
 *
 * @param stages those that the plan was made of
 */
export async function machineFaults(
  config: Config,
  plan: Plan,
  stages: readonly Stage[],
  store: Store,
  needs: MachineNeeds,
): Promise<MachineFault[]> {
  const due = new Map(
    plan.stages.filter(({ state }) => state !== "fresh")
      .map((stage) => [stage.stage, stage]),
  );
  const faults: MachineFault[] = [];
  const onGpu = stages.filter((stage) =>
    due.has(stage.name) && (stage.needsGpu ?? stage.usesGpu)?.(config)
  );
  if (onGpu.length > 0) {
    const error = await adapterFault(needs);
    // One whose key is not known yet may turn out to be stored, where it has ever run.
    const isFatal = onGpu.some(({ name }) =>
      due.get(name)!.state === "stale" ||
      store.readLatest(config.name, name) === undefined
    );
    if (error !== undefined) faults.push({ isFatal, error });
  }
  if (due.has("download")) {
    const fault = diskFault(config, store, needs);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

async function adapterFault(needs: MachineNeeds): Promise<Error | undefined> {
  try {
    await needs.requireAdapter();
    return undefined;
  } catch (error) {
    if (error instanceof Error && isUserError(error)) return error;
    throw error;
  }
}

/** The estimate is an upper bound, so only half of it not being there is certain to fail. */
function diskFault(
  config: Config,
  store: Store,
  needs: MachineNeeds,
): MachineFault | undefined {
  const free = freeBytesAt(store.root);
  const total = needs.diskBytes(config, store);
  if (free >= total) return undefined;
  return {
    isFatal: free < total / 2,
    error: new PipelineError({
      attempt: `store the results of ${config.name}`,
      where: dirname(store.root),
      found: `${formatSize(free)} free`,
      wanted: `up to ${formatSize(total)}`,
      remedy: "free some space; ./run plan says what takes how much",
    }),
  };
}

/** Free bytes where a folder is or will be; Infinity where that must not be asked. */
export function freeBytesAt(folder: string): number {
  let place = folder;
  while (!isThere(place) && dirname(place) !== place) place = dirname(place);
  return freeBytes(place);
}
