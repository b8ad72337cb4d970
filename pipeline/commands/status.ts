import { type Call, type Command, type Flag, setFlag } from "./command.ts";

const jsonFlag: Flag = { name: "json", summary: "print the plan as JSON" };

/** `status`: what is fresh and what is stale. */
export const status: Command = {
  name: "status",
  summary: "say which stages are fresh; exit code 0 fresh, 1 stale, 2 error",
  positionals: ["config.toml"],
  flags: [setFlag, jsonFlag],
  example: "configs/demo.toml --json",
  run: (call) => showPlan(call, false),
};

/** `explain`: why a stage would run. */
export const explain: Command = {
  name: "explain",
  summary: "say why each stage would run: every field that changed",
  positionals: ["config.toml"],
  flags: [setFlag, jsonFlag],
  example: "configs/demo.toml --set stage1.lr=0.005",
  run: (call) => showPlan(call, true),
};

async function showPlan(call: Call, everyReason: boolean): Promise<number> {
  const { loadConfig } = await import("../config.ts");
  const config = await loadConfig(call.positionals[0], call.values("set"));
  const { plan } = await import("../reproduce.ts");
  const { formatPlan } = await import("../plan_text.ts");
  const result = await plan(config);
  if (call.has("json")) call.print(JSON.stringify(result, null, 2));
  else for (const line of formatPlan(result, everyReason)) call.print(line);
  return result.fresh ? 0 : 1;
}
