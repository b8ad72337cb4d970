/** Starts commands on threads of their own: with few permissions, before and after this process gives one up, and without a module. */
import { runOnThread } from "../../../../pipeline/commands/command_thread.ts";
import { readingPermissions } from "../../../../pipeline/commands/network_access.ts";
import { print, silentLog } from "../../../../pipeline/log.ts";

const module = new URL("./thread_command.ts", import.meta.url);
const { signal } = new AbortController();
const outlets = { print, log: silentLog, signal };

await runOnThread(module, ["permission"], outlets, readingPermissions);
await runOnThread(module, ["permission"], outlets);
await Deno.permissions.revoke({ name: "run" });
await runOnThread(module, ["permission"], outlets);

const missing = new URL("./no_command.ts", import.meta.url);
const end = await runOnThread(missing, [], outlets);
if (end.kind === "broken") print(end.stack);
Deno.exit(0);
