import type { Command } from "../command.ts";
import { placeFlags, placesOf } from "./place_flags.ts";

/** `crate`: where a run's results come from, for other programs. */
export const crate: Command = {
  name: "crate",
  summary:
    "write ro-crate-metadata.json into a run folder: what ran, on what, what came of it",
  positionals: ["config.toml…"],
  flags: placeFlags,
  example: "configs/demo.toml",
  async run(call) {
    const { positionals, print } = call;
    const places = placesOf(call);
    const { loadConfig } = await import("../../config.ts");
    const { writeCrate } = await import("../../sharing/write_crate.ts");
    for (const file of positionals) {
      print(await writeCrate(await loadConfig(file), places));
    }
    return 0;
  },
};
