import type { Command } from "./command.ts";
import { placeFlags, placesOf } from "./results/place_flags.ts";

/** `lock`: writes down, to be committed, what a config's results were made of and what they were. */
export const lock: Command = {
  name: "lock",
  summary: "pin a config's results in CONFIG.lock.json, for --frozen",
  positionals: ["config.toml…"],
  flags: placeFlags,
  example: "configs/demo.toml",
  async run(call) {
    const { positionals, print } = call;
    const places = placesOf(call);
    const { loadConfig } = await import("../config.ts");
    const { lockResults } = await import("../sharing/lock_results.ts");
    for (const file of positionals) {
      const { path, changed } = await lockResults(
        await loadConfig(file),
        places,
      );
      print(`${path}: ${changed ? "written" : "as before"}`);
    }
    return 0;
  },
};
