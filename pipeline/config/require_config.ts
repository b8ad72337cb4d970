import { kindOf } from "./arguments.ts";
import { PipelineError } from "../errors.ts";
import { sectionNames } from "./sections.ts";

/**
 * Refuses what is no config: programs without a compiler hand over a path, or a promise that they did not wait for.
 *
 * @param attempt what the config is for, after "Cannot"
 * @throws {PipelineError}
 */
export function requireConfig(value: unknown, attempt: string): void {
  const parts = value as Partial<Record<string, unknown>> | null | undefined;
  if (
    typeof parts?.name === "string" &&
    sectionNames.every((name) => typeof parts[name] === "object")
  ) return;
  throw new PipelineError({
    attempt,
    where: "config",
    found: kindOf(value),
    wanted: "a config",
    remedy: typeof value === "string"
      ? `give what loadConfig(${JSON.stringify(value)}) resolves to`
      : "give what loadConfig() resolves to, after await",
  });
}

/**
 * {@linkcode requireConfig} of each of a list.
 *
 * @throws {PipelineError}
 */
export function requireConfigs(values: unknown, attempt: string): void {
  if (Array.isArray(values)) {
    for (const value of values) requireConfig(value, attempt);
    return;
  }
  throw new PipelineError({
    attempt,
    where: "configs",
    found: kindOf(values),
    wanted: "a list of configs",
  });
}
