import { type Access, type Cost, lineBytes } from "../../../gpu/costs/cost.ts";
import { type DeviceDescription, lanesOf } from "./device_description.ts";

/**
 * What keeps a dispatch from being faster: arithmetic; loads, the way from a multiprocessor's own cache or workgroup memory to its
 * registers; cache, the last one before memory; memory; latency, for want of threads; launch, the pause between dispatches.
 */
export type Bound =
  | "arithmetic"
  | "loads"
  | "cache"
  | "memory"
  | "latency"
  | "launch";

/** What the model says of one dispatch. */
export interface Prediction {
  timeMs: number;
  bound: Bound;
  /** how long each of them would take on its own */
  boundsMs: Readonly<Record<Bound, number>>;
  /** subgroups that a multiprocessor has at once */
  subgroups: number;
  /** 32-bit values of a thread that its registers do not hold */
  spilled: number;
}

/** How a dispatch is cut. */
export interface Cut {
  workgroups: number;
  groupThreads: number;
}

/** Banks of workgroup memory, of one word each. */
const banks = 32;
const wordBytes = 4;
/** Instructions of a load: itself, and the address. */
const instructionsOfAccess = 2;
/** What a value that registers do not hold is, each time: stored and loaded, past the nearest cache, which is smaller than all threads' are. */
const accessesOfSpilled = 2;
/** Registers are handed out to threads in eights. */
const registerStep = 8;

/**
 * How long a dispatch takes on a device by estimate: the pause before it and the longest of its bounds, where arithmetic and loads overlap
 * as far as a scheduler has other subgroups to go on with.
 */
export function predictDispatch(
  cost: Cost,
  { workgroups, groupThreads }: Cut,
  device: DeviceDescription,
): Prediction {
  const clocksPerMs = device.clockMhz * 1e3;
  const lanes = lanesOf(device);
  const { multiprocessors, subgroupThreads } = device;
  const subgroupsOfGroup = Math.ceil(groupThreads / subgroupThreads);
  const held = groupsHeld(cost, subgroupsOfGroup, device);
  const most = Math.ceil(workgroups / multiprocessors);
  const subgroups = subgroupsOfGroup * Math.min(held, most);
  const spilled = Math.max(0, cost.registers - device.registersPerThread);
  const spills = accessesOfSpilled * spilled * cost.waits;

  const threads = workgroups * groupThreads;
  const accesses = cost.access.reduce((sum, { count }) => sum + count, 0) +
    spills;
  const { multiplyAdds, operations, otherInstructions = 0 } = cost;
  const instructions =
    (multiplyAdds + operations + otherInstructions) / threads +
    instructionsOfAccess * accesses;
  // The multiprocessor with the most workgroups is the last to end.
  const subgroupsInTurn = most * subgroupsOfGroup;
  const issueClocks = subgroupThreads / lanes * instructions;
  const spill = { count: spills, bytes: wordBytes, strideBytes: wordBytes };
  const access = [...cost.access, spill];
  const loadClocks = access.reduce(
    (sum, access) => sum + access.count * clocksOf(access, device),
    0,
  );
  const arithmetic = subgroupsInTurn * issueClocks / clocksPerMs;
  const loads = subgroupsInTurn * loadClocks / clocksPerMs;

  const cacheBytes = Math.max(
    cost.bytes,
    threads * access.reduce(
      (sum, { count, bytes, reuse = 1, memory = "buffer" }: Access) =>
        sum + (memory === "workgroup" ? 0 : count * bytes / reuse),
      0,
    ),
  );
  // What the dispatch before has just touched is still there, as far as half of the cache holds it.
  const memoryBytes = Math.max(0, cost.bytes - device.cacheMib * 2 ** 19);
  const cache = cacheBytes / device.cacheGbPerSecond / 1e6;
  const memory = memoryBytes / device.memoryGbPerSecond / 1e6;

  const farNs = device.cacheLatencyNs +
    (device.memoryLatencyNs - device.cacheLatencyNs) * memoryBytes / cacheBytes;
  const latencyNs = device.nearLatencyNs +
    (farNs - device.nearLatencyNs) * missesOfWait(cost);
  const waves = Math.ceil(workgroups / (held * multiprocessors));
  // A subgroup alone goes at the pace of one scheduler, which issues for as many lanes as it has threads.
  const alone = instructions * Math.max(1, subgroupThreads / lanes) +
    loadClocks;
  const latency = waves * (cost.waits * latencyNs / 1e6 + alone / clocksPerMs);

  const launch = device.launchMicroseconds / 1e3;
  const schedulers = lanes / subgroupThreads;
  const overlapped = Math.max(arithmetic, loads) +
    Math.min(arithmetic, loads) / Math.max(1, subgroups / schedulers);
  const boundsMs = { arithmetic, loads, cache, memory, latency, launch };
  const times: [Bound, number][] = [
    [loads > arithmetic ? "loads" : "arithmetic", overlapped],
    ["cache", cache],
    ["memory", memory],
    ["latency", latency],
    ["launch", launch],
  ];
  // Of equals the first: a multiprocessor that is full and has no latency to hide waits for nothing else.
  const [bound] = times.reduce((a, b) => b[1] > a[1] * (1 + 1e-9) ? b : a);
  return {
    timeMs: launch + Math.max(overlapped, cache, memory, latency),
    bound,
    boundsMs,
    subgroups,
    spilled,
  };
}

/** Workgroups that a multiprocessor has room for: at least one. */
function groupsHeld(
  { registers, workgroupBytes = 0 }: Cost,
  subgroupsOfGroup: number,
  device: DeviceDescription,
): number {
  const threads = subgroupsOfGroup * device.subgroupThreads;
  const perThread = registerStep *
    Math.ceil(Math.min(registers, device.registersPerThread) / registerStep);
  return Math.max(
    1,
    Math.floor(Math.min(
      device.groupsPerMultiprocessor,
      device.threadsPerMultiprocessor / threads,
      device.registersPerMultiprocessor / (perThread * threads),
      device.workgroupKibPerMultiprocessor * 1024 / workgroupBytes,
    )),
  );
}

/** Share of a thread's waits in which the multiprocessor's own cache does not have what is loaded. */
function missesOfWait({ access, waits }: Cost): number {
  return access.reduce((most, { count, bytes, walks, memory }) => {
    if (memory === "workgroup") return most;
    const lines = walks ? count * bytes / lineBytes : count;
    return Math.max(most, Math.min(1, lines / waits));
  }, 0);
}

/** Clocks that one load of a subgroup takes on its way to the registers. */
function clocksOf(
  { bytes, strideBytes, sharedBy = 1, period = Infinity, memory = "buffer" }:
    Access,
  { subgroupThreads, uniformLoadClocks, ...device }: DeviceDescription,
): number {
  const transfer = subgroupThreads * bytes / device.loadBytesPerClock;
  const addresses = strideBytes === 0
    ? 1
    : Math.min(Math.ceil(subgroupThreads / sharedBy), period);
  if (memory === "workgroup") {
    return transfer * conflicts(bytes, strideBytes, addresses);
  }
  if (memory === "uniform") {
    return Math.max(uniformLoadClocks, addresses / device.loadLinesPerClock);
  }
  const lines = Math.min(
    addresses,
    Math.ceil(addresses * Math.max(strideBytes, bytes) / lineBytes),
  );
  return Math.max(transfer, lines / device.loadLinesPerClock);
}

/** How many threads that are served together want the same bank at once. */
function conflicts(
  bytes: number,
  strideBytes: number,
  addresses: number,
): number {
  if (addresses === 1 || strideBytes % bytes !== 0) return 1;
  const places = banks * wordBytes / bytes;
  const taken = places / greatestDivisor(strideBytes / bytes, places);
  return Math.max(1, Math.min(addresses, places) / taken);
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
