/** Tries the protocol of planner, runner and store with many random schedules: `attacks.ts [schedules]`. */
import { tryProtocol } from "../helpers/pipeline/protocol_model.ts";

const schedules = Number(Deno.args[0] ?? 1000);
const total = { runs: 0, stopped: 0, records: 0 };
const startMs = performance.now();
for (let seed = 0; seed < schedules; seed++) {
  const { runs, stopped, records } = await tryProtocol(1000 + seed);
  total.runs += runs;
  total.stopped += stopped;
  total.records += records;
}
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(
  `${schedules} schedules: ${total.runs} runs, ${total.stopped} stopped, ${total.records} results, each made by its key; ${seconds} s`,
);
