import { PipelineError } from "../errors.ts";
import { closest } from "../suggest.ts";
import { type Call, type Command, quietFlag } from "./command.ts";
import { cacheFlag, placesOf } from "./results/place_flags.ts";
import { formatSize } from "../files/size_text.ts";
import { formatAge, parseAge, parseSize } from "./arguments/quantities.ts";

const actions: Record<string, (call: Call) => Promise<number>> = {
  ls: list,
  du: usage,
  show,
  verify,
  gc: collect,
  key: makeKeys,
};

/** `cache`: what is stored, what it takes, whether it is whole, and making it smaller. */
export const cache: Command = {
  name: "cache",
  summary:
    "list (ls), measure (du), show, verify or shrink (gc) the store; make keys for a shared one (key)",
  positionals: [`${Object.keys(actions).join("|")}`, "key?"],
  flags: [
    {
      name: "max-size",
      value: "SIZE",
      summary:
        "gc: until the store takes no more, drop what was used longest ago",
    },
    {
      name: "max-age",
      value: "AGE",
      summary: "gc: drop what was not used for this long, 30d",
    },
    { name: "dry-run", summary: "gc: say what would go, and leave it" },
    { name: "json", summary: "print the answer as JSON" },
    cacheFlag,
    quietFlag,
  ],
  example: "gc --max-size 20GB --max-age 30d --dry-run",
  async run(call) {
    const [action, key] = call.positionals;
    if (!Object.hasOwn(actions, action)) {
      const guess = closest(action, Object.keys(actions));
      throw new PipelineError({
        attempt: "run cache",
        found: JSON.stringify(action),
        wanted: `one of ${Object.keys(actions).join(", ")}`,
        ...(guess === undefined ? {} : { remedy: `did you mean ${guess}?` }),
      });
    }
    if ((key !== undefined) !== (action === "show")) {
      throw new PipelineError({
        attempt: `run cache ${action}`,
        found: key === undefined ? "no key" : `a surplus argument ${key}`,
        wanted: action === "show" ? "the first digits of a key" : "none",
      });
    }
    return await actions[action](call);
  },
};

/** Makes a pair of keys for records of a shared cache. */
async function makeKeys(call: Call): Promise<number> {
  const { newKeyPair } = await import("../remote/record_signature.ts");
  const pair = await newKeyPair();
  tell(call, pair, () => [
    `for those who write, a secret: SELF_TNET_REMOTE_SIGNING_KEY=${pair.privateKey}`,
    `for those who read: --remote-trust ${pair.publicKey}`,
  ]);
  return 0;
}

/** Prints lines, or `answer` as JSON when that was asked for. */
function tell(call: Call, answer: unknown, lines: () => string[]): void {
  if (call.has("json")) call.print(JSON.stringify(answer, null, 2));
  else for (const line of lines()) call.print(line);
}

async function list(call: Call): Promise<number> {
  const { listResults } = await import("../cache.ts");
  const results = listResults(placesOf(call));
  const nowMs = Date.now();
  tell(
    call,
    results,
    () =>
      results.map(({ key, stage, config, sizeBytes, files, usedMs }) =>
        [
          key.slice(0, 12),
          stage.padEnd(9),
          config.padEnd(16),
          formatSize(sizeBytes).padStart(8),
          `${files} files`.padStart(10),
          `used ${formatAge(nowMs - usedMs)} ago`,
        ].join("  ")
      ),
  );
  return 0;
}

async function usage(call: Call): Promise<number> {
  const { usageOf } = await import("../cache.ts");
  const answer = usageOf(placesOf(call));
  const { objects, scratch, quarantine, stages } = answer;
  const line = (name: string, sizeBytes: number, count: number, of: string) =>
    `${name.padEnd(14)} ${formatSize(sizeBytes).padStart(8)}  ${count} ${of}`;
  tell(call, answer, () => [
    line("objects", objects.sizeBytes, objects.count, "files"),
    ...Object.entries(stages).map(([stage, { sizeBytes, results }]) =>
      line(`  ${stage}`, sizeBytes, results, "results")
    ),
    line("partial work", scratch.sizeBytes, scratch.count, "stages"),
    line("quarantine", quarantine.sizeBytes, quarantine.count, "files"),
  ]);
  return 0;
}

async function show(call: Call): Promise<number> {
  const { showResult } = await import("../cache.ts");
  call.print(
    JSON.stringify(showResult(call.positionals[1], placesOf(call)), null, 2),
  );
  return 0;
}

/** Exit code 1 when something was damaged. */
async function verify(call: Call): Promise<number> {
  const { verifyAll } = await import("../cache.ts");
  const check = await verifyAll({
    ...placesOf(call),
    log: call.log,
    signal: call.signal,
  });
  const { damagedObjects, damagedRecords, seconds } = check;
  tell(call, check, () => [
    ...damagedObjects.map((digest) => `damaged, set aside: object ${digest}`),
    ...damagedRecords.map((key) => `damaged, removed: record ${key}`),
    `${check.objects} objects (${
      formatSize(check.sizeBytes)
    }) and ${check.records} records in ${seconds.toFixed(1)} s: ${
      formatSize(check.sizeBytes / seconds)
    }/s, ${Math.round(check.objects / seconds)} objects/s`,
    damagedObjects.length + damagedRecords.length === 0
      ? "nothing is damaged"
      : "the next run computes again what is needed of it",
  ]);
  return damagedObjects.length + damagedRecords.length === 0 ? 0 : 1;
}

async function collect(call: Call): Promise<number> {
  const maxSize = call.value("max-size");
  const maxAge = call.value("max-age");
  const request = {
    ...placesOf(call),
    dryRun: call.has("dry-run"),
    log: call.log,
    signal: call.signal,
    ...(maxSize ? { maxSizeBytes: parseSize(maxSize, "max-size") } : {}),
    ...(maxAge ? { maxAgeMs: parseAge(maxAge, "max-age") } : {}),
  };
  const { collect } = await import("../cache.ts");
  const gone = await collect(request);
  const nowMs = Date.now();
  const verb = request.dryRun ? "would remove" : "removed";
  tell(call, gone, () => [
    ...gone.results.map(({ key, stage, config, usedMs }) =>
      `${verb} ${key.slice(0, 12)}  ${
        stage === "" ? "a damaged record" : `${stage} of ${config}`
      }, used ${formatAge(nowMs - usedMs)} ago`
    ),
    `${verb} ${gone.results.length} results, ${gone.objects} objects (${
      formatSize(gone.objectBytes)
    }), ${gone.quarantined} quarantined files (${
      formatSize(gone.quarantinedBytes)
    }), partial work of ${gone.scratch.length} stages; ${
      formatSize(gone.keptBytes)
    } stay`,
    ...(gone.keptBytes > (request.maxSizeBytes ?? Infinity)
      ? [
        `more than ${maxSize}: the present configs and running processes need ${
          formatSize(gone.neededBytes)
        }`,
      ]
      : []),
  ]);
  return 0;
}
