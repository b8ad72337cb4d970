import { parseArgs } from "@std/cli/parse-args";
import { pathProblem } from "../../pipeline/config/paths.ts";
import { type ErrorParts, PipelineError } from "../../pipeline/errors.ts";

/** What is asked for on the command line. */
export interface PageArguments {
  model: string | undefined;
  /** takes the page, which is then not served */
  build: string | undefined;
  port: number | undefined;
}

/** What stands for the value of each flag. */
const values = { model: "FILE", build: "DIR", port: "N" };

type FlagName = keyof typeof values;

const flagNames = Object.keys(values) as FlagName[];

/**
 * Reads the command line.
 *
 * @throws {PipelineError} for unknown flags, surplus arguments, flags given twice or without a value, paths with a `~`, and no port
 */
export function parsePageArguments(
  args: readonly string[],
): PageArguments {
  const unknown: string[] = [];
  const { _: positionals, ...flags } = parseArgs(args, {
    string: ["_", ...flagNames],
    collect: flagNames,
    unknown: (argument, key) => {
      if (key !== undefined) unknown.push(argument);
      return key === undefined;
    },
  });
  const given = flags as Record<FlagName, string[]>;
  const problem = callProblem(positionals, unknown, given);
  if (problem !== undefined) {
    throw new PipelineError({
      attempt: "build the page",
      ...problem,
      remedy: "./run help page says how it is typed",
    });
  }
  const [model] = given.model;
  const [build] = given.build;
  refuseNoPath("model", model);
  refuseNoPath("build", build);
  return { model, build, port: portOf(given.port[0]) };
}

function callProblem(
  positionals: readonly string[],
  unknown: readonly string[],
  given: Record<FlagName, string[]>,
): Pick<ErrorParts, "found" | "wanted"> | undefined {
  if (unknown.length > 0) {
    return {
      found: `an unknown flag ${unknown[0]}`,
      wanted: "flags that are known",
    };
  }
  if (positionals.length > 0) {
    return {
      found: JSON.stringify(positionals.join(" ")),
      wanted: "flags that are known",
    };
  }
  for (const name of flagNames) {
    if (given[name].includes("")) {
      return {
        found: `--${name} without a value`,
        wanted: `--${name} ${values[name]}`,
      };
    }
    if (given[name].length > 1) {
      return {
        found: `--${name} given ${given[name].length} times`,
        wanted: "it once",
      };
    }
  }
  return undefined;
}

/** Refuses `~`, which would make a folder of that name, and a URL. */
function refuseNoPath(name: FlagName, path: string | undefined): void {
  const problem = path === undefined ? undefined : pathProblem(path);
  if (problem === undefined) return;
  throw new PipelineError({
    attempt: "build the page",
    where: `--${name}`,
    ...problem,
  });
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65536) return port;
  throw new PipelineError({
    attempt: "serve the page",
    found: `--port ${text}`,
    wanted: "a number from 0 to 65535",
  });
}
