import { type Config, loadConfig } from "../config.ts";
import { isUserError } from "../errors.ts";
import type { Plan } from "../engine/planner.ts";
import type { DiskNeed } from "../sources/resource_estimate.ts";
import type { SetNeed } from "../sources/source_cost.ts";
import type { TrainingOutline } from "../training/outline.ts";
import type { ProbeResult } from "../training/probe.ts";
import type { TrainingHours } from "../training/time_text.ts";
import { type Call, type Command, setFlag } from "./command.ts";
import { placeFlags, placesOf } from "./results/place_flags.ts";
import { formatSize } from "../files/size_text.ts";
import { jsonFlag } from "./status.ts";

/** `plan`: what running a config will cost, before it costs anything. */
export const plan: Command = {
  name: "plan",
  summary: "say what a run will fetch, store and train, and for how long",
  positionals: ["config.toml"],
  flags: [
    setFlag,
    jsonFlag,
    ...placeFlags,
    {
      name: "no-probe",
      summary: "leave out the 20 training steps that the hours follow from",
    },
  ],
  example: "configs/lib.toml",
  usesGpu: (call) => !call.has("no-probe"),
  async run(call) {
    const config = await loadConfig(call.positionals[0], call.values("set"));
    const { plan, warnOfLacking } = await import("../reproduce.ts");
    const { freeBytesAt } = await import("../engine/machine_check.ts");
    const { Store } = await import("../store/store.ts");
    const { diskNeed, setNeeds } = await import(
      "../sources/resource_estimate.ts"
    );
    const { trainingOutline } = await import("../training/outline.ts");
    const places = placesOf(call);
    const stages = await plan(config, places);
    const store = new Store(places.storeDirectory);
    const sets = setNeeds(config, store.downloadsDirectory);
    const free = freeBytesAt(store.root);
    const costs: Costs = {
      ...stages,
      sets,
      disk: {
        ...diskNeed(config, sets),
        free_bytes: Number.isFinite(free) ? free : null,
      },
      training: trainingOutline(config),
      ...await trainingHours(call, config, stages, store.tilesDirectory),
    };
    if (call.has("json")) call.print(JSON.stringify(costs, null, 2));
    else await printCosts(call, costs);
    await warnOfLacking(config, stages, call.log, places);
    return 0;
  },
};

/** What `--json` prints. */
type Costs = Plan & {
  /** published sets that the config needs */
  sets: SetNeed[];
  disk: DiskNeed & { free_bytes: number | null };
  training: TrainingOutline;
  /** null when it was left out or there was nothing to train */
  probe: ProbeResult | null;
  /** why there is no probe although it was asked for */
  probe_fault?: string;
  /** hours of training that is not fresh; tests and extraction come on top; null without a probe */
  hours: TrainingHours | null;
};

/** The hours of the training stages that have to run, from steps measured on this adapter. */
async function trainingHours(
  call: Call,
  config: Config,
  { stages }: Plan,
  tilesDirectory: string,
): Promise<Pick<Costs, "probe" | "probe_fault" | "hours">> {
  const isDue = (name: string) =>
    stages.some(({ stage, state }) => stage === name && state !== "fresh");
  const isTraining = isDue("stage1") || isDue("stage2");
  if (!isTraining || call.has("no-probe")) return { probe: null, hours: null };
  const { probeTraining } = await import("../training/probe.ts");
  const { trainingPatches } = await import("../sources/resource_estimate.ts");
  const { trainingOutline } = await import("../training/outline.ts");
  try {
    const probe = await probeTraining(config, tilesDirectory, call.signal);
    const patches = trainingPatches(trainingOutline(config));
    const hours = (name: "stage1" | "stage2") =>
      isDue(name) ? patches[name] / probe.patches_per_second / 3600 : 0;
    return {
      probe,
      hours: { stage1: hours("stage1"), stage2: hours("stage2") },
    };
  } catch (error) {
    // Without a GPU the rest of the plan is still worth having.
    if (!isUserError(error)) throw error;
    return { probe: null, probe_fault: error.message, hours: null };
  }
}

async function printCosts({ print }: Call, costs: Costs): Promise<void> {
  const { formatPlan } = await import("../engine/plan_text.ts");
  const { formatTrainingOutline } = await import("../training/outline.ts");
  const { formatTimes } = await import("../training/time_text.ts");
  print("stages");
  for (const line of formatPlan(costs)) print(`  ${line}`);
  if (costs.sets.length > 0) {
    print("data sets");
    const width = Math.max(...costs.sets.map(({ set }) => set.length));
    for (const need of costs.sets) {
      print(`  ${need.set.padEnd(width)}  ${setText(need)}`);
    }
  }
  const { disk } = costs;
  print("disk");
  print(
    `  about ${formatSize(disk.total_bytes)} at most: archives ${
      formatSize(disk.archives_bytes)
    }, one set unpacked ${
      formatSize(disk.unpacked_bytes)
    }, patches and descriptors ${
      formatSize(disk.results_bytes)
    }, in the store and in the run folder`,
  );
  if (disk.free_bytes !== null) {
    const isEnough = disk.free_bytes >= disk.total_bytes;
    print(
      `  ${formatSize(disk.free_bytes)} free${isEnough ? "" : ": NOT ENOUGH"}`,
    );
  }
  print("training");
  const [stage1, stage2] = formatTrainingOutline(costs.training);
  print(`  ${stage1}`);
  if (stage2 !== undefined) print(`  ${stage2}`);
  const { probe, probe_fault, hours } = costs;
  if (probe_fault !== undefined) {
    print(`  no estimate of time: ${probe_fault}`);
  }
  if (probe === null || hours === null) return;
  for (const line of formatTimes(probe, hours)) print(`  ${line}`);
}

function setText(need: SetNeed): string {
  const { state, archive_bytes, archive_size, mirrors } = need;
  if (state !== "to fetch") {
    return state === "here" ? "in source_dir" : "fetched already";
  }
  const size = archive_bytes === null
    ? "size unknown"
    : `${archive_size} ${formatSize(archive_bytes)}`;
  return mirrors.length === 0
    ? `to fetch, ${size}: NO MIRROR is named`
    : `to fetch, ${size}, from ${mirrors.join(", else ")}`;
}
