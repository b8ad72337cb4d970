import { type Command, setFlag } from "./command.ts";
import { placeFlags, placesOf } from "./results/place_flags.ts";

/** `accept`: takes stored results for results of the present code. */
export const accept: Command = {
  name: "accept",
  summary: "keep a stage's result although its code changed; you vouch for it",
  positionals: ["config.toml", "stage…"],
  flags: [setFlag, ...placeFlags],
  example: "configs/demo.toml stage1 stage2",
  async run(call) {
    const { positionals: [path, ...names], values, print, signal } = call;
    const { loadConfig } = await import("../config.ts");
    const config = await loadConfig(path, values("set"));
    const { accept } = await import("../accept.ts");
    const { briefReasons, formatReason } = await import(
      "../engine/plan_text.ts"
    );
    for (
      const outcome of await accept(config, names, {
        signal,
        ...placesOf(call),
      })
    ) {
      const { stage, reasons } = outcome;
      print(
        reasons.length === 0
          ? `${stage}: fresh already`
          : `${stage}: accepted in spite of ${
            briefReasons(reasons.map(formatReason))
          }`,
      );
    }
    return 0;
  },
};
