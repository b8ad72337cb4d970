import type { Command } from "../command.ts";
import { placeFlags, placesOf } from "./place_flags.ts";

/** Not `weights`: what is there is the network that `match` takes by default. */
const defaultFolder = "card";

/** `card`: a run's network with all that others need to know of it. */
export const card: Command = {
  name: "card",
  summary: "write a config's network with its model card, for others to use",
  positionals: ["config.toml"],
  flags: [
    {
      name: "out",
      value: "DIR",
      summary: `folder that takes the files; default ${defaultFolder}`,
    },
    {
      name: "measured",
      value: "FILE",
      summary:
        "config whose figures the card shows: the same training without the photographs held out",
    },
    ...placeFlags,
  ],
  example: "configs/published.toml",
  async run(call) {
    const { loadConfig } = await import("../../config.ts");
    const { writeModelCard } = await import(
      "../../sharing/write_model_card.ts"
    );
    const [file] = call.positionals;
    const config = await loadConfig(file);
    const directory = call.value("out") || defaultFolder;
    const other = call.value("measured");
    const measured = other ? await loadConfig(other) : undefined;
    const options = { measured, ...placesOf(call) };
    for (const path of await writeModelCard(config, directory, options)) {
      call.print(path);
    }
    return 0;
  },
};
