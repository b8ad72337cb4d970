import { join } from "@std/path";
import { projectDirectory } from "./command_line.ts";

/** The permission flags of a task in deno.json, as when no folder is named on the command line. */
export function permissionsOfTask(name: string): string[] {
  const { tasks } = JSON.parse(
    Deno.readTextFileSync(join(projectDirectory, "deno.json")),
  );
  const command: string = tasks[name].command;
  return command.replaceAll(/\$SELF_TNET_\w+/g, "")
    .match(/--(allow|no)-[^ "]+/g) ?? [];
}
