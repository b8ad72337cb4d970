/**
 * The command line: arguments → command → exit code (0 done, 1 stale or a problem found, 2 an error that the user can
 * mend, 70 a bug of this program, 130 interrupted).
 *
 * @module
 */
import {
  type CommandEnd,
  endOf,
  runOnThread,
} from "./commands/command_thread.ts";
import type { Call } from "./commands/command.ts";
import { commands } from "./commands/commands.ts";
import { placesTyped } from "./commands/results/place_flags.ts";
import { parseCall } from "./commands/arguments/parse_call.ts";
import {
  commandHelp,
  findCommand,
  programHelp,
  programVersion,
  taskHelp,
} from "./commands/arguments/usage.ts";
import { consoleLog, print, printError } from "./log.ts";
import {
  readingPermissions,
  withNetworkAccess,
} from "./commands/network_access.ts";

const exitCodes = { userError: 2, bug: 70, interrupted: 130 };

/** Interrupts closer together than this are one press of Ctrl-C. */
const sameKeypressMs = 300;

const workerModule = new URL("./cli_worker.ts", import.meta.url);

/** Runs the command that `args` ask for and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const controller = new AbortController();
  const { signal } = controller;
  let firstMs = 0;
  const interrupt = () => {
    if (signal.aborted) {
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
    return tell(
      await endOf(signal, () => runCommand(args, signal, ignoreInterrupts)),
    );
  } finally {
    ignoreInterrupts();
  }
}

/** Prints why a command did not get to its end, if so; returns the exit code. */
function tell(end: CommandEnd): number {
  switch (end.kind) {
    case "done":
      return end.code;
    case "interrupted":
      printError(
        "interrupted: the same command resumes from the last checkpoint",
      );
      return exitCodes.interrupted;
    case "refused":
      printError(end.message);
      return exitCodes.userError;
    case "broken":
      printError("This is a bug of the program; please report it:");
      printError(end.stack);
      return exitCodes.bug;
  }
}

async function runCommand(
  args: readonly string[],
  signal: AbortSignal,
  handOver: () => void,
): Promise<number | CommandEnd> {
  const [name, ...rest] = args;
  const [topic = "--help"] = name === "help" ? rest : args;
  if (/^(--help|-h)$/.test(topic)) {
    print(programHelp(commands));
    return 0;
  }
  if (/^(--version|-V)$/.test(topic)) {
    print(programVersion());
    return 0;
  }
  if (name === "help") {
    print(helpOn(topic));
    return 0;
  }
  const command = findCommand(name, commands);
  const log = (quiet: boolean) => consoleLog({ quiet });
  const call = parseCall(command, rest, { print, log, signal });
  if (typeof call === "string") {
    print(call === "help" ? commandHelp(command) : programVersion());
    return 0;
  }
  if (command.hosts !== undefined) {
    const hosts = await hostsOf(args, call);
    if (!Array.isArray(hosts)) return hosts;
    const programs = command.programs?.(call) ?? [];
    const places = placesTyped(call);
    const options = { handOver, programs, places };
    const code = await withNetworkAccess(hosts, args, options);
    if (code !== undefined) return code;
  }
  // Only now: a worker has the permissions that are left when it starts.
  return command.usesGpu?.(call)
    ? await runOnThread(workerModule, ["run", ...args], call)
    : await command.run(call);
}

/**
 * The hosts that a command which declares some has to reach. They stand in configs, which may come from anywhere: a thread reads them that
 * can neither start a program nor write.
 *
 * @returns how reading them ended, when not well
 */
async function hostsOf(
  args: readonly string[],
  { log, signal }: Call,
): Promise<string[] | CommandEnd> {
  const hosts: string[] = [];
  const outlets = {
    print: (host: string) => void hosts.push(host),
    log,
    signal,
  };
  const end = await runOnThread(
    workerModule,
    ["hosts", ...args],
    outlets,
    readingPermissions,
  );
  return end.kind === "done" ? hosts : end;
}

function helpOn(topic: string): string {
  const isCommand = commands.some(({ name }) => name === topic);
  return (isCommand ? undefined : taskHelp(topic)) ??
    commandHelp(findCommand(topic, commands));
}

if (import.meta.main) Deno.exit(await main(Deno.args));
