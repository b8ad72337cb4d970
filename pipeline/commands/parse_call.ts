import { parseArgs } from "@std/cli/parse-args";
import type { Log } from "../log.ts";
import type { Call, Command, Outlets } from "./command.ts";
import { checkArguments, unknownFlag } from "./usage.ts";

/** Outlets whose log depends on what was typed. */
export interface OutletMaker extends Omit<Outlets, "log"> {
  /** @param quiet whether `--quiet` was given */
  log(quiet: boolean): Log;
}

/**
 * What was typed after a command's name, checked; undefined when help was asked for.
 *
 * @throws {PipelineError} for unknown flags and for missing, surplus and empty arguments
 */
export function parseCall(
  command: Command,
  args: readonly string[],
  { print, log, signal }: OutletMaker,
): Call | undefined {
  const valued = command.flags.filter((flag) => flag.value !== undefined)
    .map((flag) => flag.name);
  const switches = command.flags.filter((flag) => flag.value === undefined)
    .map((flag) => flag.name);
  const unknown: string[] = [];
  const parsed = parseArgs(args, {
    boolean: ["help", ...switches],
    string: ["_", ...valued],
    collect: valued,
    alias: { h: "help" },
    unknown: (argument, key) => {
      if (key === undefined) return true;
      unknown.push(argument);
      return false;
    },
  });
  if (parsed.help) return undefined;
  if (unknown.length > 0) throw unknownFlag(unknown[0], command);
  const values = new Map(
    valued.map((flag) => [flag, parsed[flag] as string[]]),
  );
  checkArguments(command, parsed._, values);
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

function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
