/** Asks a command on a thread of its own what it may start, before and after this process gives that up. */
import { runOnThread } from "../../../pipeline/command_thread.ts";
import { print, silentLog } from "../../../pipeline/log.ts";

const module = new URL("./thread_command.ts", import.meta.url);
const { signal } = new AbortController();
const outlets = { print, log: silentLog, signal };

await runOnThread(module, ["permission"], outlets);
await Deno.permissions.revoke({ name: "run" });
await runOnThread(module, ["permission"], outlets);
Deno.exit(0);
