import type { Command } from "../command.ts";

/** `crate`: where a run's results come from, for other programs. */
export const crate: Command = {
  name: "crate",
  summary:
    "write ro-crate-metadata.json into a run folder: what ran, on what, what came of it",
  positionals: ["config.toml…"],
  flags: [],
  example: "configs/demo.toml",
  async run({ positionals, print }) {
    const { loadConfig } = await import("../../config.ts");
    const { writeCrate } = await import("../../sharing/write_crate.ts");
    for (const file of positionals) {
      print(await writeCrate(await loadConfig(file)));
    }
    return 0;
  },
};
