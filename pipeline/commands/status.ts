import type { Config } from "../config.ts";
import type { TrainingOutline } from "../training/outline.ts";
import { type Call, type Command, type Flag, setFlag } from "./command.ts";
import { placeFlags, placesOf } from "./results/place_flags.ts";

/** `--json`, for commands that print a plan. */
export const jsonFlag: Flag = {
  name: "json",
  summary: "print the plan as JSON",
};

/** `status`: what training consists of, and what is fresh and what is stale. */
export const status: Command = {
  name: "status",
  summary: "say which stages are fresh; exit code 0 fresh, 1 stale, 2 error",
  positionals: ["config.toml"],
  flags: [setFlag, jsonFlag, ...placeFlags],
  example: "configs/demo.toml --json",
  async run(call) {
    const config = await configOf(call);
    const { formatTrainingOutline, trainingOutline } = await import(
      "../training/outline.ts"
    );
    const training = trainingOutline(config);
    if (call.has("json")) return await showPlan(call, config, { training });
    // Before the plan, which fails while data sets are missing: the config tells this much without them.
    for (const line of formatTrainingOutline(training)) call.print(line);
    call.print("");
    return await showPlan(call, config);
  },
};

/** `explain`: why a stage would run. */
export const explain: Command = {
  name: "explain",
  summary: "say why each stage would run: every field that changed",
  positionals: ["config.toml"],
  flags: [setFlag, jsonFlag, ...placeFlags],
  example: "configs/demo.toml --set stage1.lr=0.005",
  run: async (call) =>
    await showPlan(call, await configOf(call), { everyReason: true }),
};

async function configOf(call: Call): Promise<Config> {
  const { loadConfig } = await import("../config.ts");
  return await loadConfig(call.positionals[0], call.values("set"));
}

/** Prints the plan; as JSON it is one object, together with `training` if that is given. */
async function showPlan(
  call: Call,
  config: Config,
  { training, everyReason = false }: {
    training?: TrainingOutline;
    everyReason?: boolean;
  } = {},
): Promise<number> {
  const { plan, warnOfLacking } = await import("../reproduce.ts");
  const { formatPlan } = await import("../engine/plan_text.ts");
  const places = placesOf(call);
  const result = await plan(config, places);
  if (call.has("json")) {
    const whole = training === undefined ? result : { ...result, training };
    call.print(JSON.stringify(whole, null, 2));
  } else for (const line of formatPlan(result, everyReason)) call.print(line);
  await warnOfLacking(config, result, call.log, places);
  return result.fresh ? 0 : 1;
}
