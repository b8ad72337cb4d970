/**
 * What a program without a compiler hands over in place of what is wanted: told in a line, not as an error of JavaScript's own.
 *
 * @module
 */
import { PipelineError } from "../errors.ts";

/** What kind of thing a value is, for `found`. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = value.constructor?.name ?? "Object";
  if (name === "Object") return "a plain object";
  return `${/^[AEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/**
 * Refuses what is no object with these parts.
 *
 * @param attempt what it is for, after "Cannot"
 * @param where the name of the argument
 * @param wanted what it should be
 * @param isPart tells of each part, by its name, whether a value can be one
 * @throws {PipelineError}
 */
export function requireParts(
  value: unknown,
  { attempt, where, wanted }: {
    attempt: string;
    where: string;
    wanted: string;
  },
  isPart: Readonly<Record<string, (part: unknown) => boolean>>,
): void {
  const isObject = typeof value === "object" && value !== null;
  const wrong = isObject
    ? Object.keys(isPart).find((name) =>
      !isPart[name]((value as Record<string, unknown>)[name])
    )
    : undefined;
  if (isObject && wrong === undefined) return;
  const part = wrong === undefined
    ? ""
    : ` with ${kindOf((value as Record<string, unknown>)[wrong])} as ${wrong}`;
  throw new PipelineError({
    attempt,
    where,
    found: kindOf(value) + part,
    wanted,
  });
}

const isAbsentOr = (is: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || is(value);

/** Whether a value can be called. */
export const isFunction = (value: unknown): boolean =>
  typeof value === "function";

/**
 * Refuses options that are no object, and among them signals and listeners that are none.
 *
 * @param attempt what they are for, after "Cannot"
 * @throws {PipelineError}
 */
export function requireOptions(value: unknown, attempt: string): void {
  requireParts(value, {
    attempt,
    where: "options",
    wanted: "an object with the options, or nothing",
  }, {
    signal: isAbsentOr((signal) => signal instanceof AbortSignal),
    onProgress: isAbsentOr(isFunction),
    onPart: isAbsentOr(isFunction),
  });
}
