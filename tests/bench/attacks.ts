/**
 * Tries the protocol of planner, runner and store with many random schedules, and every misdeed of a shared cache with the usual patience:
 * `attacks.ts [schedules]`.
 */
import { tryMisdeeds } from "../helpers/pipeline/small/hostile_trial.ts";
import { tryProtocol } from "../helpers/pipeline/protocol_model.ts";

const schedules = Number(Deno.args[0] ?? 1000);
const total = { runs: 0, stopped: 0, records: 0 };
let startMs = performance.now();
const seconds = () => Math.round((performance.now() - startMs) / 1000);
for (let seed = 0; seed < schedules; seed++) {
  const { runs, stopped, records } = await tryProtocol(1000 + seed);
  total.runs += runs;
  total.stopped += stopped;
  total.records += records;
}
console.log(
  `${schedules} schedules: ${total.runs} runs, ${total.stopped} stopped, ${total.records} results, each made by its key; ${seconds()} s`,
);
startMs = performance.now();
const misdeeds = await tryMisdeeds();
console.log(
  `${misdeeds} misdeeds of a shared cache: no result changed, nothing left; ${seconds()} s`,
);
