/**
 * Checks of the shape of JSON that others may have written. They end early and never run deep, so that no file is too large or nested too
 * deeply for them.
 *
 * @module
 */

/** Whether a value is as it should be. */
export type Check = (value: unknown) => boolean;

/** What this program writes is flat; deeper values would end the recursion that reads them. */
const mostDepth = 16;

/** Code files, packages, parameters: hundreds; outside files: thousands. */
const mostEntries = 100_000;

/** Lines such as reasons and names. */
const mostTextLength = 10_000;

/** Whether this is a text of the length of a line. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= mostTextLength;
}

/** Whether this is an object of bounded depth and breadth. */
export function isNamedValues(value: unknown): boolean {
  return isNamed(value) && isJson(value);
}

/** An object with these members; `others` says of any other whether it may be there, too. */
export function shape(
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
export function named(check: Check): Check {
  return (value) => isNamed(value) && Object.values(value).every(check);
}

/** A list of bounded length whose items are all of one kind. */
export function listOf(check: Check): Check {
  return (value) =>
    Array.isArray(value) && value.length <= mostEntries && value.every(check);
}

/** What passes, or null. */
export function orNull(check: Check): Check {
  return (value) => value === null || check(value);
}

/** What passes, or nothing. */
export function orAbsent(check: Check): Check {
  return (value) => value === undefined || check(value);
}

/** Whether this is true or false. */
export function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isNamed(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && Object.keys(value).length <= mostEntries &&
    Object.keys(value).every(isText);
}

/** Whether this is JSON of bounded depth and breadth. */
export function isJson(value: unknown, depth = 0): boolean {
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
