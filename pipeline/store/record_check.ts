/**
 * Whether what claims to be the record of a stage key can be one.
 *
 * A record decides which files are written where, and everything that lists results reads it, so that one of another shape
 * would make every later run fail. Records from a server and those on this disk pass the same check.
 *
 * @module
 */
import type { ActionRecord, OutputFile } from "./action_record.ts";
import {
  type Check,
  isBoolean,
  isJson,
  isNamedValues,
  isText,
  listOf,
  named,
  orAbsent,
  orNull,
  shape,
} from "../files/json_shape.ts";
import { stageKey } from "./stage_key.ts";

/** A stage writes some thousand files at the benchmark's size. */
export const mostOutputs = 100_000;

/** Names of files end here on every system; paths, too, below a run folder. */
const mostNameBytes = 255;
const mostPathBytes = 1024;

/** 1 TiB, ten times all published sets together. */
const mostFileBytes = 2 ** 40;

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

const isDigest: Check = (value) => isText(value) && isKey(value);
const isSeconds: Check = (value) =>
  Number.isFinite(value) && Number(value) >= 0;
const isTime: Check = (value) => isText(value) && !isNaN(Date.parse(value));
const isTexts = listOf(isText);
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
