/**
 * Whether what claims to be the record of a stage key can be one.
 *
 * A record decides which files are written where, and everything that lists results reads it, so that one of another shape
 * would make every later run fail. Records from a server and those on this disk pass the same check.
 *
 * @module
 */
import type { ActionRecord, OutputFile } from "./action_record.ts";
import { stageKey } from "./stage_key.ts";

/** A stage writes some thousand files at the benchmark's size. */
const mostOutputs = 100_000;

/** Names of files end here on every system; paths, too, below a run folder. */
const mostNameBytes = 255;
const mostPathBytes = 1024;

/** 1 TiB, ten times all published sets together. */
const mostFileBytes = 2 ** 40;

/** What stages record is flat; deeper values would end the recursion that reads them. */
const mostDepth = 16;

/** Code files, packages, parameters: hundreds; outside files: thousands. */
const mostEntries = 100_000;

/** Lines such as reasons and names. */
const mostTextLength = 10_000;

type Check = (value: unknown) => boolean;

const digestPattern = /^[0-9a-f]{64}$/;

/** Whether a text is a stage key: 64 hexadecimal digits in lower case. */
export function isKey(name: string): boolean {
  return digestPattern.test(name);
}

/**
 * The record of `key` that `content` holds, without anything else that it holds; undefined when it is none, or of another
 * key, or its key does not follow from what it says that the result was made of.
 */
export function checkedRecord(
  content: { [name: string]: unknown } | undefined,
  key: string,
): ActionRecord | undefined {
  if (content === undefined || content.key !== key || !isKey(key)) {
    return undefined;
  }
  const { facts, outputs, provenance } = content;
  if (!isFacts(facts) || !isOutputs(outputs) || !isProvenance(provenance)) {
    return undefined;
  }
  const record = { key, facts, outputs, provenance } as ActionRecord;
  return stageKey(record.facts) === key ? record : undefined;
}

/** Whether these are files below a folder, each named once, none where another one needs a folder. */
function isOutputs(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > mostOutputs) return false;
  const isFile = shape({
    path: isOutputPath,
    digest: isDigest,
    sizeBytes: (size) =>
      Number.isSafeInteger(size) && (size as number) >= 0 &&
      (size as number) <= mostFileBytes,
  });
  return value.every(isFile) &&
    arePlaces(value as OutputFile[]);
}

function arePlaces(outputs: readonly OutputFile[]): boolean {
  const files = new Set(outputs.map(({ path }) => path));
  return files.size === outputs.length && [...files].every((path) => {
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) {
      if (files.has(path.slice(0, at))) return false;
    }
    return true;
  });
}

/** `a/b.txt`: relative, made of names that every file system can hold and every terminal can show. */
export function isOutputPath(value: unknown): boolean {
  return isText(value) && byteLength(value) <= mostPathBytes &&
    value.isWellFormed() && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(value) &&
    value.split("/").every((name) =>
      name !== "" && name !== "." && name !== ".." &&
      byteLength(name) <= mostNameBytes
    );
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.length <= mostTextLength;
const isDigest: Check = (value) => isText(value) && isKey(value);
const isSeconds: Check = (value) =>
  Number.isFinite(value) && Number(value) >= 0;
const isTime: Check = (value) => isText(value) && !isNaN(Date.parse(value));
const isTexts = listOf(isText);
const isNamedValues: Check = (value) => isNamed(value) && isJson(value);
const isSource = orNull(shape({ commit: isText, dirty: orNull(isBoolean) }));

const isFacts = shape({
  schema: Number.isSafeInteger,
  stage: isText,
  parameters: isNamedValues,
  inputs: named(named(isDigest)),
  external: listOf(shape({ path: isText, digest: isDigest })),
  code: named(isDigest),
  packages: named(isText),
});

const isProvenance = shape({
  config: isText,
  reasons: isTexts,
  startedAt: isTime,
  wallTimeSeconds: isSeconds,
  host: isText,
  deno: isText,
  codeDigest: isDigest,
  source: orAbsent(isSource),
  adapter: orNull(isNamedValues),
  timing: orAbsent(isNamedValues),
  accepted: orAbsent(listOf(shape({
    from: isDigest,
    at: isTime,
    host: isText,
    source: isSource,
    reasons: isTexts,
  }))),
}, isJson);

/** An object with these members; `others` says of any other whether it may be there, too. */
function shape(
  members: Record<string, Check>,
  others: Check = () => false,
): Check {
  return (value) =>
    isNamed(value) &&
    Object.keys(value).every((name) =>
      Object.hasOwn(members, name) || others(value[name])
    ) &&
    Object.entries(members).every(([name, check]) =>
      check(Object.hasOwn(value, name) ? value[name] : undefined)
    );
}

/** An object whose members are all of one kind. */
function named(check: Check): Check {
  return (value) => isNamed(value) && Object.values(value).every(check);
}

function listOf(check: Check): Check {
  return (value) =>
    Array.isArray(value) && value.length <= mostEntries && value.every(check);
}

function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

function orAbsent(check: Check): Check {
  return (value) => value === undefined || check(value);
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isNamed(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && Object.keys(value).length <= mostEntries &&
    Object.keys(value).every(isText);
}

/** Whether this is JSON of bounded depth and breadth. */
function isJson(value: unknown, depth = 0): boolean {
  if (depth > mostDepth) return false;
  switch (typeof value) {
    case "string":
      return isText(value);
    case "number":
      return Number.isFinite(value);
    case "boolean":
      return true;
  }
  if (value === null) return true;
  const parts = Array.isArray(value)
    ? value
    : isNamed(value)
    ? Object.values(value)
    : undefined;
  return parts !== undefined && parts.length <= mostEntries &&
    parts.every((part) => isJson(part, depth + 1));
}
