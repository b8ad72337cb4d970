import { parseArgs } from "@std/cli/parse-args";
import { pathProblem } from "../../config/paths.ts";
import { PipelineError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Call, Command, Outlets } from "../command.ts";
import { checkArguments, unknownFlag } from "./usage.ts";

/** Outlets whose log depends on what was typed. */
export interface OutletMaker extends Omit<Outlets, "log"> {
  /** @param quiet whether `--quiet` was given */
  log(quiet: boolean): Log;
}

/** What may be asked of every command in place of its work. */
export type Question = "help" | "version";

/**
 * What was typed after a command's name, checked; the question when one was asked.
 *
 * @throws {PipelineError} for unknown flags, for missing, surplus and empty arguments, for a value of a switch, and for a path with a `~` that no
 * shell replaced
 */
export function parseCall(
  command: Command,
  args: readonly string[],
  { print, log, signal }: OutletMaker,
): Call | Question {
  const valued = command.flags.filter((flag) => flag.value !== undefined)
    .map((flag) => flag.name);
  const switches = command.flags.filter((flag) => flag.value === undefined)
    .map((flag) => flag.name);
  refuseValuesOfSwitches(command, args, switches);
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    boolean: ["help", "version", ...switches],
    string: ["_", ...valued],
    collect: valued,
    alias: { h: "help", V: "version" },
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (parsed.help) return "help";
  if (parsed.version) return "version";
  if (unknown.length > 0) throw unknownFlag(unknown[0], command);
  const values = new Map(
    valued.map((flag) => [flag, parsed[flag] as string[]]),
  );
  checkArguments(command, parsed._, values);
  refuseNoPaths(command, parsed._, values);
  return {
    positionals: parsed._,
    has: (flag) => parsed[flag] === true,
    value: (flag) => values.get(flag)?.[0] ?? "",
    values: (flag) => values.get(flag) ?? [],
    environment,
    print,
    log: log(parsed.quiet === true),
    signal,
  };
}

/** The parser takes `--upright=no` for `--upright`. */
function refuseValuesOfSwitches(
  command: Command,
  args: readonly string[],
  switches: readonly string[],
): void {
  const end = args.indexOf("--");
  for (const typed of end < 0 ? args : args.slice(0, end)) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(typed) ?? [];
    if (!switches.includes(name) || ["true", "false"].includes(value)) continue;
    throw new PipelineError({
      attempt: `run ${command.name}`,
      found: typed,
      wanted: `--${name} alone, or nothing`,
    });
  }
}

/** `--out=~/x` reaches the program as it was typed, and would make a folder named `~`; and `https://x/y`, one named `https:`. */
function refuseNoPaths(
  command: Command,
  positionals: readonly string[],
  values: ReadonlyMap<string, readonly string[]>,
): void {
  const typed = [
    ...positionals.map((path) => ({ where: "", path })),
    ...[...values].filter(([flag]) => !takesUrl(command, flag))
      .flatMap(([flag, paths]) =>
        paths.map((path) => ({ where: `--${flag}`, path }))
      ),
  ];
  for (const { where, path } of typed) {
    const problem = pathProblem(path);
    if (problem !== undefined) {
      throw new PipelineError({
        attempt: `run ${command.name}`,
        where,
        ...problem,
      });
    }
  }
}

function takesUrl({ flags }: Command, name: string): boolean {
  return flags.some((flag) => flag.name === name && flag.value === "URL");
}

function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
