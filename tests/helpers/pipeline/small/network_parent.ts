/** Asks for hosts and says what came of it: `network_parent.ts <hosts> <arguments of the child…>`. */
import { withNetworkAccess } from "../../../../pipeline/commands/network_access.ts";

const [hosts, ...args] = Deno.args;
const code = await withNetworkAccess(
  hosts === "" ? [] : hosts.split(","),
  args,
  { program: new URL("./network_child.ts", import.meta.url).pathname },
);
if (code !== undefined) Deno.exit(code);
const { state } = await Deno.permissions.query({ name: "run" });
console.log(`went on, run: ${state}`);
