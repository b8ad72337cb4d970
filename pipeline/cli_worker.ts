/**
 * The command line's worker: runs a command that the main thread has checked and found to use the GPU; or, with fewer permissions, reads a
 * command's configs for the hosts that it has to reach.
 *
 * @module
 */
import { serveCommand } from "./commands/command_thread.ts";
import type { Call } from "./commands/command.ts";
import { commands } from "./commands/commands.ts";
import { parseCall } from "./commands/arguments/parse_call.ts";
import { findCommand } from "./commands/arguments/usage.ts";

serveCommand(async ([order, name, ...args], { print, log, signal }) => {
  const command = findCommand(name, commands);
  // The main thread has the quiet log, if any, and has answered questions.
  const outlets = { print, log: () => log, signal };
  const call = parseCall(command, args, outlets) as Call;
  if (order === "run") return await command.run(call);
  for (const host of await command.hosts!(call)) print(host);
  return 0;
});
