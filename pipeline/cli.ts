/**
 * The command line: arguments → command → exit code (0 done, 1 stale or a problem found, 2 an error that the user can
 * mend, 70 a bug of this program, 130 interrupted).
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Call, Command } from "./commands/command.ts";
import { commands } from "./commands/commands.ts";
import {
  checkArguments,
  commandHelp,
  findCommand,
  programHelp,
  unknownFlag,
} from "./commands/usage.ts";
import { isUserError } from "./errors.ts";
import { consoleLog, print, printError } from "./log.ts";
import { withNetworkAccess } from "./network_access.ts";

const exitCodes = { userError: 2, bug: 70, interrupted: 130 };

/** Interrupts closer together than this are one press of Ctrl-C. */
const sameKeypressMs = 300;

/** Runs the command that `args` ask for and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const controller = new AbortController();
  let firstMs = 0;
  const interrupt = () => {
    if (controller.signal.aborted) {
      // One press can arrive twice: from the terminal, and passed on by the task runner.
      if (performance.now() - firstMs < sameKeypressMs) return;
      Deno.exit(exitCodes.interrupted);
    }
    firstMs = performance.now();
    controller.abort(new DOMException("interrupted", "AbortError"));
    printError(
      "stopping at the next safe point; press Ctrl-C again to stop at once",
    );
  };
  const ignoreInterrupts = () => Deno.removeSignalListener("SIGINT", interrupt);
  Deno.addSignalListener("SIGINT", interrupt);
  try {
    return await runCommand(args, controller.signal, ignoreInterrupts);
  } catch (error) {
    if (controller.signal.aborted && error === controller.signal.reason) {
      printError(
        "interrupted: the same command resumes from the last checkpoint",
      );
      return exitCodes.interrupted;
    }
    if (isUserError(error)) {
      printError(error.message);
      return exitCodes.userError;
    }
    printError("This is a bug of the program; please report it:");
    printError(error instanceof Error && error.stack || String(error));
    return exitCodes.bug;
  } finally {
    ignoreInterrupts();
  }
}

async function runCommand(
  args: readonly string[],
  signal: AbortSignal,
  handOver: () => void,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    print(programHelp(commands));
    return 0;
  }
  if (name === "help") {
    const [topic] = rest;
    print(
      topic === undefined
        ? programHelp(commands)
        : commandHelp(findCommand(topic, commands)),
    );
    return 0;
  }
  const command = findCommand(name, commands);
  const call = parseCall(command, rest, signal);
  if (call === undefined) {
    print(commandHelp(command));
    return 0;
  }
  if (command.hosts !== undefined) {
    const hosts = await command.hosts(call);
    const programs = command.programs?.(call) ?? [];
    const code = await withNetworkAccess(hosts, args, { handOver, programs });
    if (code !== undefined) return code;
  }
  return await command.run(call);
}

/** What was typed, checked; undefined when help was asked for. */
function parseCall(
  command: Command,
  args: readonly string[],
  signal: AbortSignal,
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
    log: consoleLog({ quiet: parsed.quiet === true }),
    signal,
  };
}

function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
