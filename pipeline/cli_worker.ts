/**
 * The command line's worker: runs a command that the main thread has checked and found to use the GPU.
 *
 * @module
 */
import { serveCommand } from "./commands/command_thread.ts";
import { commands } from "./commands/commands.ts";
import { parseCall } from "./commands/parse_call.ts";
import { findCommand } from "./commands/usage.ts";

serveCommand(async ([name, ...args], { print, log, signal }) => {
  const command = findCommand(name, commands);
  // The main thread has the quiet log, if any. Calls for help never come here.
  const call = parseCall(command, args, { print, log: () => log, signal })!;
  return await command.run(call);
});
