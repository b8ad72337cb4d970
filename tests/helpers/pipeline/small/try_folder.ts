/** Tries a run folder again and again until it is killed: `try_folder.ts <folder>`. */
import { join } from "node:path";
import { RunDirectory } from "../../../../pipeline/engine/run_directory.ts";
import { Store } from "../../../../pipeline/store/store.ts";

const [root] = Deno.args;
const folder = new RunDirectory(
  join(root, "runs/tried"),
  join(root, "tried.json"),
  new Store(join(root, ".cache")).objects,
);
await folder.create();
console.log("begins");
while (true) await folder.create();
