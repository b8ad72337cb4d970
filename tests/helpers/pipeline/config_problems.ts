import assert from "node:assert/strict";
import { parseConfig } from "../../../pipeline/config.ts";
import { ConfigError } from "../../../pipeline/errors.ts";

/** The one-line message of each problem in a text, without the common beginning. */
export function problemsOf(text: string, overrides: string[] = []): string[] {
  try {
    parseConfig(text, "x.toml", overrides);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").map((line) => {
      const attempt = "Cannot read the config: ";
      assert.ok(line.startsWith(attempt), line);
      return line.slice(attempt.length);
    });
  }
  return [];
}

/** The same of a text with exactly one problem. */
export function onlyProblemOf(text: string, overrides: string[] = []): string {
  const problems = problemsOf(text, overrides);
  assert.equal(problems.length, 1, problems.join("\n"));
  return problems[0];
}
