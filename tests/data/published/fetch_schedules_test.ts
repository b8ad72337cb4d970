import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "@std/path";
import { describe, it } from "@std/testing/bdd";
import { DataError } from "../../../data/errors.ts";
import type { FetchPolicy } from "../../../data/published/fetch_mirror.ts";
import { PublishedSets } from "../../../data/published/published_sets.ts";
import { RandomStream } from "../../../data/random.ts";
import { digestSet } from "../../helpers/data/digest_set.ts";
import {
  makeTarGz,
  makeZip,
  type PackedFile,
} from "../../helpers/data/archives.ts";
import {
  type Fault,
  FaultServer,
  type ServedFile,
} from "../../helpers/data/fault_server.ts";

const schedules = 200;

/** A set in the shape of PhotoTour's, of noise, so that archives have about the size of their contents. */
function noiseSet(seed: number): PackedFile[] {
  const stream = new RandomStream(seed, "noise");
  const text = (name: string, content: string) => ({
    name,
    bytes: new TextEncoder().encode(content),
  });
  return [
    {
      name: "patches0000.bmp",
      bytes: Uint8Array.from({ length: 50_000 }, () => stream.integer(256)),
    },
    text("info.txt", `${seed} 0\n`),
    text("m50_100000_100000_0.txt", `0 ${seed} 0 0 ${seed} 0\n`),
  ];
}

const wanted = noiseSet(1);
/** The same contents, packed by different hands. */
const packings = [
  makeZip(wanted),
  makeZip(wanted, { stored: true, prefix: "liberty/" }),
  makeZip(wanted, { zip64: true, sizesFollow: true, comment: "re-packed" }),
  makeTarGz(wanted, { pax: true, prefix: "data/liberty/" }),
];
const otherSet = makeZip(noiseSet(2));

/** Impatient, because the servers below never think. */
const hasty: FetchPolicy = {
  connectMs: 60,
  idleMs: 60,
  leastRate: { sizeBytes: 1, withinMs: 60_000 },
  attempts: 3,
  backOffMs: 1,
  mostBackOffMs: 2,
};

/** A random fault; those that can bring other contents only where contents are pinned. */
function randomFault(stream: RandomStream, pinned: boolean): Fault {
  const after = stream.uniform();
  const faults: Fault[] = [
    { kind: "cut", after },
    { kind: "cut", after },
    { kind: "unknown length", after },
    { kind: "unknown length", after: 1 },
    { kind: "status", status: [404, 403, 500, 503][stream.integer(4)] },
    { kind: "too short" },
    { kind: "too long" },
    { kind: "ignores range" },
    { kind: "wrong range" },
    { kind: "other file", bytes: packings[stream.integer(packings.length)] },
    stream.chance(0.5) ? { kind: "silent" } : { kind: "stall", after },
    ...pinned ? [{ kind: "other file", bytes: otherSet } as const] : [],
    { kind: "none" },
  ];
  return faults[stream.integer(faults.length)];
}

/** One mirror with a fault for each of its first requests; then it is well, or stays as it was last. */
function randomMirror(stream: RandomStream, pinned: boolean): ServedFile {
  const faults = Array.from(
    { length: stream.integer(5) },
    () => randomFault(stream, pinned),
  );
  if (faults.length === 0 || stream.chance(0.5)) faults.push({ kind: "none" });
  const bytes = new Uint8Array(packings[stream.integer(packings.length)]);
  if (stream.chance(0.2)) bytes[stream.integer(bytes.length)] ^= 1;
  const validators = ["etag", "weak etag", "date", "none"] as const;
  return { bytes, faults, validator: validators[stream.integer(4)] };
}

/** Every file below a folder. */
function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(join(folder, name)) : [join(folder, name)]
  );
}

describe("fetching through random faults", () => {
  it(`ends ${schedules} times in the right set or in one clear line, and leaves nothing wrong`, async () => {
    const folder = await Deno.makeTempDir();
    await using server = new FaultServer();
    const plain = join(folder, "plain");
    await Deno.mkdir(plain);
    for (const { name, bytes } of wanted) {
      await Deno.writeFile(join(plain, name), bytes);
    }
    const digest = await digestSet("liberty", plain);
    let successes = 0;
    let nextSchedule = 0;

    async function runSchedule(number: number): Promise<void> {
      const stream = new RandomStream(number, "fault schedule");
      const pinned = stream.chance(0.6);
      const mirrors: string[] = [];
      for (let count = 1 + stream.integer(3); count > 0; count--) {
        const path = `/${number}/${count}/liberty.zip`;
        const file = randomMirror(stream, pinned);
        server.files.set(path, file);
        const isHashKnown = stream.chance(0.3);
        const hash = createHash("md5").update(file.bytes).digest("hex");
        mirrors.push(
          server.origin + path + (isHashKnown ? `#md5=${hash}` : ""),
        );
      }
      const place = join(folder, String(number));
      const fetchSet = async (from: string[], policy?: FetchPolicy) => {
        let used: string[] = [];
        const sets = new PublishedSets({
          sourceDirectory: "",
          mirrors: { liberty: from },
          pins: [{ contents: pinned ? { liberty: digest } : {}, from: "pins" }],
          offline: false,
          downloadsDirectory: join(place, "downloads"),
          scratchDirectory: join(place, "scratch"),
          onProgress() {},
          signal: new AbortController().signal,
          ...(policy === undefined ? {} : { policy }),
        });
        const found = await sets.use("liberty", async (directory) => {
          used = filesBelow(directory);
          equal(await digestSet("liberty", directory), digest);
        });
        equal(found, digest, `schedule ${number}`);
        equal(used.length, wanted.length);
      };
      const failed = await fetchSet(mirrors, hasty).then(
        () => false,
        (error) => {
          ok(error instanceof DataError, `schedule ${number}: ${error.stack}`);
          match(
            error.message,
            /^Cannot fetch liberty\.zip: found 127\.0\.0\.1:\d+: .+; put liberty\.zip or the unpacked liberty\/ into a folder .*, or add a URL to mirrors\.liberty$/,
          );
          equal(
            error.message.split("127.0.0.1").length - 1,
            mirrors.length,
            error.message,
          );
          return true;
        },
      );
      if (failed) {
        // What is left, if anything, is a beginning and is called one.
        for (const path of filesBelow(place)) {
          match(path, /liberty\.zip\.(lock|partial|partial\.json)$/);
        }
        const healthy = `/${number}/healthy/liberty.zip`;
        server.files.set(healthy, { bytes: packings[0], faults: [] });
        for (const [path, file] of server.files) {
          if (path.startsWith(`/${number}/`)) file.faults = [];
        }
        await fetchSet([...mirrors, server.origin + healthy]);
      } else successes++;
      deepEqual(
        filesBelow(place).map((path) => path.slice(place.length)).sort(),
        ["/downloads/liberty.zip", "/downloads/liberty.zip.lock"],
      );
      await Deno.remove(place, { recursive: true });
    }

    try {
      // Most of the time is spent waiting for servers that do not answer.
      const lanes = await Promise.allSettled(
        Array.from({ length: 8 }, async () => {
          while (nextSchedule < schedules) await runSchedule(nextSchedule++);
        }),
      );
      for (const lane of lanes) {
        if (lane.status === "rejected") throw lane.reason;
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    ok(
      successes >= schedules / 4 && successes <= schedules * 0.95,
      `${successes} of ${schedules} succeeded at once`,
    );
  });
});
