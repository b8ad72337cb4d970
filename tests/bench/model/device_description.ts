import type { DeviceClass } from "../../../gpu/device_class.ts";
import type { AdapterFacts } from "../../../gpu/device.ts";
import { tilesOfClass } from "../../../gpu/tiles.ts";
import { PipelineError } from "../../../pipeline/errors.ts";

/** A GPU as the model knows it. Multiprocessors are what Apple calls cores, and llvmpipe threads. */
export interface DeviceDescription {
  name: string;
  /** whose tiles the program takes there */
  deviceClass: DeviceClass;
  multiprocessors: number;
  clockMhz: number;
  /** multiply-adds of all multiprocessors in 32 bits, two operations each */
  fp32Gflops: number;
  memoryGbPerSecond: number;
  /** the last cache before memory, and what it gives all multiprocessors together */
  cacheMib: number;
  cacheGbPerSecond: number;
  /** bytes that loads bring to a multiprocessor's registers in a clock, from its own cache or workgroup memory */
  loadBytesPerClock: number;
  /** lines of 128 bytes that its cache looks up in a clock */
  loadLinesPerClock: number;
  /** clocks of a multiprocessor that a load from a uniform binding takes where all of a subgroup want the same */
  uniformLoadClocks: number;
  /** how long a load takes that the multiprocessor's own cache, the last one, or memory answers */
  nearLatencyNs: number;
  cacheLatencyNs: number;
  memoryLatencyNs: number;
  /** between two dispatches that wait for each other */
  launchMicroseconds: number;
  /** threads that go in step */
  subgroupThreads: number;
  /** what a multiprocessor holds at once: threads, workgroups, 32-bit registers, workgroup memory */
  threadsPerMultiprocessor: number;
  groupsPerMultiprocessor: number;
  registersPerMultiprocessor: number;
  workgroupKibPerMultiprocessor: number;
  /** registers that one thread may have; what is beyond lies in memory */
  registersPerThread: number;
  /** where the figures come from */
  sources: string[];
}

const texts = ["name", "deviceClass"] as const;
const lists = ["sources"] as const;
/** Of all others, those that may be 0. */
const mayBeZero = [
  "nearLatencyNs",
  "cacheLatencyNs",
  "memoryLatencyNs",
  "launchMicroseconds",
];
const numbers = [
  "multiprocessors",
  "clockMhz",
  "fp32Gflops",
  "memoryGbPerSecond",
  "cacheMib",
  "cacheGbPerSecond",
  "loadBytesPerClock",
  "loadLinesPerClock",
  "uniformLoadClocks",
  "nearLatencyNs",
  "cacheLatencyNs",
  "memoryLatencyNs",
  "launchMicroseconds",
  "subgroupThreads",
  "threadsPerMultiprocessor",
  "groupsPerMultiprocessor",
  "registersPerMultiprocessor",
  "workgroupKibPerMultiprocessor",
  "registersPerThread",
] as const;

const folder = new URL("devices/", import.meta.url);

/** Names of the descriptions that come with the program. */
export const describedDevices: readonly string[] = [
  "h100",
  "rtx4090",
  "m2",
  "llvmpipe",
];

/**
 * Reads a description: one that comes with the program by its name, or a JSON file of the same members.
 *
 * @throws {PipelineError} when there is none, or a member is missing, unknown or impossible
 */
export function readDeviceDescription(nameOrPath: string): DeviceDescription {
  const path = describedDevices.includes(nameOrPath)
    ? new URL(`${nameOrPath}.json`, folder)
    : nameOrPath;
  const refuse = (found: string, wanted: string) =>
    new PipelineError({
      attempt: "describe a device",
      where: nameOrPath,
      found,
      wanted,
    });
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(path));
  } catch (error) {
    throw refuse(
      error instanceof SyntaxError ? "no JSON" : "no file that can be read",
      `${describedDevices.join(", ")}, here, or a JSON file`,
    );
  }
  const members = Object(value) as Record<string, unknown>;
  const known: string[] = [...texts, ...lists, ...numbers];
  for (const name of Object.keys(members)) {
    if (known.includes(name)) continue;
    throw refuse(`an unknown member ${name}`, known.join(", "));
  }
  for (const name of numbers) {
    const number = members[name];
    const least = mayBeZero.includes(name) ? 0 : Number.MIN_VALUE;
    if (typeof number === "number" && number >= least) continue;
    throw refuse(
      `${name} ${JSON.stringify(number) ?? "missing"}`,
      least === 0 ? "a number from 0 on" : "a number above 0",
    );
  }
  if (typeof members.name !== "string") throw refuse("no name", "a text");
  const classes = Object.keys(tilesOfClass);
  if (!classes.includes(String(members.deviceClass))) {
    throw refuse(
      `deviceClass ${JSON.stringify(members.deviceClass) ?? "missing"}`,
      classes.join(", "),
    );
  }
  const { sources } = members;
  if (
    !Array.isArray(sources) || sources.length === 0 ||
    !sources.every((source) => typeof source === "string")
  ) throw refuse("no sources", "a list of texts");
  return value as DeviceDescription;
}

/** Multiply-adds of one multiprocessor in a clock. */
export function lanesOf(
  { fp32Gflops, multiprocessors, clockMhz }: DeviceDescription,
): number {
  return fp32Gflops * 1e3 / (2 * multiprocessors * clockMhz);
}

/** What stands for a class of devices where the adapter at hand is described. */
const likeClass: Readonly<Record<DeviceClass, string>> = {
  software: "llvmpipe",
  integrated: "m2",
  discrete: "h100",
};

/**
 * Describes the adapter at hand by the ceilings that were measured on it.
 *
 * @param like what everything else is taken from; by default the description that stands for its class
 * @throws {PipelineError} as {@linkcode readDeviceDescription} does
 */
export function describeAdapter(
  { deviceClass, description }: Pick<
    AdapterFacts,
    "deviceClass" | "description"
  >,
  ceilings: { gflops: number; gbPerSecond: number },
  like = likeClass[deviceClass],
): DeviceDescription {
  const name = description || deviceClass;
  return withCeilings(readDeviceDescription(like), name, ceilings);
}

/** A description with the ceilings that were measured on an adapter: as many of its multiprocessors as that takes. */
export function withCeilings(
  device: DeviceDescription,
  name: string,
  { gflops, gbPerSecond }: { gflops: number; gbPerSecond: number },
): DeviceDescription {
  const ofOne = device.fp32Gflops / device.multiprocessors;
  const multiprocessors = Math.max(1, Math.round(gflops / ofOne));
  const clockMhz = device.clockMhz * gflops / (ofOne * multiprocessors);
  return {
    ...device,
    name: `${name}, ceilings measured, otherwise as ${device.name}`,
    multiprocessors,
    clockMhz,
    fp32Gflops: gflops,
    memoryGbPerSecond: gbPerSecond,
    cacheGbPerSecond: device.cacheGbPerSecond * gbPerSecond /
      device.memoryGbPerSecond,
  };
}
