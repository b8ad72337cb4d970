/**
 * What there is to pin of results, and how results differ from what is pinned.
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
import { isText, named } from "../files/json_shape.ts";
import { readJsonFile } from "../files/regular_file.ts";
import {
  lockFileVersion,
  type PinnedResults,
  type PinnedStage,
} from "./lock_file.ts";
import type { Store } from "../store/store.ts";

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

/** What there is to pin of results. */
export async function pinsOf(
  records: Iterable<ActionRecord>,
  store: Store,
): Promise<PinnedResults> {
  const pins: PinnedResults = {
    datasets: {},
    stages: {},
    version: lockFileVersion,
  };
  for (const { key, facts, outputs, provenance } of records) {
    const adapter = provenance.adapter?.description;
    pins.stages[facts.stage] = {
      adapter: typeof adapter === "string" ? adapter : null,
      code: sha256Json(facts.code),
      files: externalDigest(facts),
      key,
      outputs: summarise(outputs),
      packages: facts.packages,
      parameters: flatParameters(facts.parameters),
    };
    Object.assign(pins.datasets, await contentsOf(outputs, store));
  }
  return pins;
}

const isContents = named(isText) as (
  value: unknown,
) => value is Record<string, string>;

/** What a stage's `manifest.json` says of the contents of its data sets. */
async function contentsOf(
  outputs: readonly OutputFile[],
  store: Store,
): Promise<Record<string, string>> {
  const manifest = outputs.find(({ path }) => path === "manifest.json");
  if (manifest === undefined) return {};
  const path = store.objects.path(manifest.digest);
  const { contents = {} } = await withFileErrors(
    "read the manifest",
    path,
    () => readJsonFile(path) as { contents?: unknown },
  );
  if (isContents(contents)) return contents;
  throw new PipelineError({
    attempt: "pin the data sets",
    where: path,
    found: "contents of another shape",
    wanted: "a digest of each set",
    remedy: "run download again",
  });
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
    ...differences(pinned.parameters, flatParameters(facts.parameters)).map((
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
