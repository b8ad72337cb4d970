/**
 * Lock files: what the results of a config were made of, and what they were, beside the config, to be committed with it.
 *
 * One value a line, sorted, without dates and paths of a machine: two branches that change different things merge.
 *
 * @module
 */
import type {
  ActionRecord,
  OutputFile,
  StageFacts,
} from "../store/action_record.ts";
import { errorMessage, type ErrorParts, PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { sha256Json } from "../files/hash.ts";
import { compareFacts, flatParameters } from "./reasons.ts";
import { externalDigest } from "../store/stage_key.ts";
import { formatReason } from "./plan_text.ts";
import type { Json } from "../files/json.ts";
import type { Store } from "../store/store.ts";

/** What is pinned of one stage. Type aliases, so that they are {@linkcode Json}. */
export type PinnedStage = {
  /** name of the adapter it ran on; null when it used none */
  adapter: string | null;
  /** digest of its code, file by file */
  code: string;
  /** digest of the files outside the store; null when it reads none */
  files: string | null;
  key: string;
  /** output → sha-256; of a folder, of all that lies below it */
  outputs: { [path: string]: string };
  packages: { [name: string]: string };
  /** parameter path → value */
  parameters: { [path: string]: Json };
};

/** The content of a lock file. */
export type PinnedResults = {
  /** data set → digest of its contents */
  datasets: { [name: string]: string };
  stages: { [name: string]: PinnedStage };
  version: number;
};

const version = 1;

/** Every way in which results differ, or would differ, from a lock file; one line each. */
export class PinError extends PipelineError {
  override name = "PinError";

  constructor(problems: readonly Omit<ErrorParts, "attempt">[]) {
    const attempt = "reproduce the pinned results";
    super({ attempt, ...problems[0] });
    this.message = problems.map((parts) => errorMessage({ attempt, ...parts }))
      .join("\n");
  }
}

/** `configs/lib.toml` → `configs/lib.lock.json`. */
export function lockFilePath(configFile: string): string {
  return `${configFile.replace(/\.toml$/, "")}.lock.json`;
}

/**
 * The lock file of a config; undefined when it has none.
 *
 * @throws {PipelineError} when it is none of this program's
 */
export async function readPins(
  configFile: string,
): Promise<PinnedResults | undefined> {
  const path = lockFilePath(configFile);
  const attempt = "read the lock file";
  const text = await withFileErrors(attempt, path, async () => {
    try {
      return await Deno.readTextFile(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  });
  if (text === undefined) return undefined;
  let content: Partial<PinnedResults> | null;
  try {
    content = JSON.parse(text);
  } catch {
    content = null; // a merge conflict, most likely
  }
  if (content?.version === version && content.stages && content.datasets) {
    return content as PinnedResults;
  }
  throw new PipelineError({
    attempt,
    where: path,
    found: content === null
      ? "text that is not JSON"
      : `version ${content.version}`,
    wanted: `version ${version}`,
    remedy: "restore it, or write it again with `./run lock`",
  });
}

/** The text of a lock file: keys sorted, one value a line. */
export function pinsText(pins: PinnedResults): string {
  const sorted = (value: Json): Json =>
    value === null || typeof value !== "object" || Array.isArray(value)
      ? value
      : Object.fromEntries(
        Object.keys(value).sort().map((key) => [key, sorted(value[key])]),
      );
  return `${JSON.stringify(sorted(pins), null, 2)}\n`;
}

/** What there is to pin of results. */
export async function pinsOf(
  records: Iterable<ActionRecord>,
  store: Store,
): Promise<PinnedResults> {
  const pins: PinnedResults = { datasets: {}, stages: {}, version };
  for (const { key, facts, outputs, provenance } of records) {
    const adapter = provenance.adapter?.description;
    pins.stages[facts.stage] = {
      adapter: typeof adapter === "string" ? adapter : null,
      code: sha256Json(facts.code),
      files: externalDigest(facts),
      key,
      outputs: summarise(outputs),
      packages: facts.packages,
      parameters: flatParameters(facts),
    };
    Object.assign(pins.datasets, await contentsOf(outputs, store));
  }
  return pins;
}

/** What a stage's `manifest.json` says of the contents of its data sets. */
async function contentsOf(
  outputs: readonly OutputFile[],
  store: Store,
): Promise<Record<string, string>> {
  const manifest = outputs.find(({ path }) => path === "manifest.json");
  if (manifest === undefined) return {};
  const path = store.objects.path(manifest.digest);
  const text = await withFileErrors(
    "read the manifest",
    path,
    () => Deno.readTextFile(path),
  );
  return JSON.parse(text).contents ?? {};
}

/** Files by their digests; folders by one digest each, since a benchmark has thousands of files. */
function summarise(outputs: readonly OutputFile[]): PinnedStage["outputs"] {
  const folders = new Map<string, [string, string][]>();
  const result: PinnedStage["outputs"] = {};
  for (const { path, digest } of outputs) {
    const slash = path.indexOf("/");
    if (slash < 0) result[path] = digest;
    else {
      const folder = path.slice(0, slash + 1);
      const files = folders.get(folder) ?? [];
      folders.set(folder, files);
      files.push([path, digest]);
    }
  }
  for (const [folder, files] of folders) {
    result[folder] = sha256Json(files.sort(([a], [b]) => a < b ? -1 : 1));
  }
  return result;
}

/** How a result differs from what is pinned of its stage. */
export function resultDifferences(
  pinned: PinnedStage | undefined,
  record: ActionRecord,
): Omit<ErrorParts, "attempt">[] {
  const { stage } = record.facts;
  if (pinned === undefined) return [unpinned(stage)];
  const { description } = record.provenance.adapter ?? {};
  const isElsewhere = pinned.adapter !== null && pinned.adapter !== description;
  return differences(pinned.outputs, summarise(record.outputs)).map((
    { field, old, now },
  ) => ({
    where: `${stage}: ${field}`,
    found: short(now) + (isElsewhere ? ` (computed on ${description})` : ""),
    wanted: short(old) + (isElsewhere ? ` (on ${pinned.adapter})` : ""),
  }));
}

/**
 * How a stage that has no result yet differs from what is pinned in what it is made of. Inputs do not count: they are the
 * results of earlier stages, which are compared themselves.
 */
export function factDifferences(
  pinned: PinnedStage | undefined,
  facts: StageFacts,
  store: Store,
): Omit<ErrorParts, "attempt">[] {
  const { stage } = facts;
  if (pinned === undefined) return [unpinned(stage)];
  const known = store.readRecord(pinned.key)?.facts;
  const detail = (kind: string) => {
    const reasons = known === undefined ? [] : compareFacts(known, facts)
      .filter((reason) => reason.kind === kind).map(formatReason);
    return reasons.length === 0 ? "" : ` (${reasons.slice(0, 3).join(", ")})`;
  };
  const code = sha256Json(facts.code);
  const files = externalDigest(facts);
  return [
    ...differences(pinned.parameters, flatParameters(facts)).map((
      { field, old, now },
    ) => ({
      where: `${stage}: params.${field}`,
      found: JSON.stringify(now),
      wanted: JSON.stringify(old),
    })),
    ...differences(pinned.packages, facts.packages).map((
      { field, old, now },
    ) => ({
      where: `${stage}: package ${field}`,
      found: String(now),
      wanted: String(old),
    })),
    ...(code === pinned.code ? [] : [{
      where: `${stage}: code`,
      found: short(code) + detail("code"),
      wanted: short(pinned.code),
    }]),
    ...(files === pinned.files ? [] : [{
      where: `${stage}: files outside the store`,
      found: short(files) + detail("external"),
      wanted: short(pinned.files),
    }]),
  ];
}

/** Pinned stages that the config no longer has. */
export function missingStages(
  pins: PinnedResults,
  stages: readonly string[],
): Omit<ErrorParts, "attempt">[] {
  return Object.keys(pins.stages).filter((name) => !stages.includes(name))
    .map((name) => ({
      where: name,
      found: "no such stage in this config",
      wanted: "the pinned one",
    }));
}

function unpinned(stage: string): Omit<ErrorParts, "attempt"> {
  return {
    where: stage,
    found: "a stage that is not pinned",
    remedy: "write the lock file again with `./run lock`",
  };
}

function differences(
  old: Record<string, Json>,
  now: Record<string, Json>,
): { field: string; old: Json; now: Json }[] {
  const fields = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return fields.sort().map((field) => ({
    field,
    old: Object.hasOwn(old, field) ? old[field] : null,
    now: Object.hasOwn(now, field) ? now[field] : null,
  })).filter(({ old, now }) => sha256Json(old) !== sha256Json(now));
}

/** The first digits of a digest. */
function short(digest: Json): string {
  return typeof digest === "string" ? digest.slice(0, 12) : "nothing";
}
