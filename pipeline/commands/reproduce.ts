import { join } from "@std/path";
import type { Config } from "../config.ts";
import { type Call, type Command, quietFlag, setFlag } from "./command.ts";

/** `reproduce`: runs what is stale of a config's pipeline and prints the table of results. */
export const reproduce: Command = {
  name: "reproduce",
  summary: "train and measure: run every stage that is not fresh",
  positionals: ["config.toml"],
  flags: [setFlag, quietFlag],
  example: "configs/demo.toml",
  async hosts(call) {
    const { datasetHosts } = await import("../dataset_hosts.ts");
    return datasetHosts(await configOf(call));
  },
  async run(call) {
    const { print, log, signal } = call;
    const config = await configOf(call);
    const { reproduce } = await import("../reproduce.ts");
    const { runDirectory } = await reproduce(config, { log, signal });
    const { resultsText } = await import("../report/results.ts");
    const measures = join(runDirectory, "evaluate", "measures.json");
    print(resultsText(JSON.parse(await Deno.readTextFile(measures))));
    print(`results: ${join(runDirectory, "results.md")}`);
    return 0;
  },
};

async function configOf({ positionals, values }: Call): Promise<Config> {
  const { loadConfig } = await import("../config.ts");
  return await loadConfig(positionals[0], values("set"));
}
