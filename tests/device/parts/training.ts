/** A longer training in batches of 1,024 × 3 for the time that is left, and its figures. */
import { join } from "@std/path";
import { listPhotographs } from "../../../data/mod.ts";
import { partOptions, report, skip } from "../report.ts";
import {
  endLike,
  lastLine,
  reproduce,
  resultFile,
  secondsToReproduce,
} from "../reproduce.ts";

const { tiny, seconds, out } = partOptions();
try {
  await listPhotographs("", 3);
} catch {
  skip("the photographs are not here: make the bundle --with-photographs");
}
const classes = tiny ? 8 : 1024;
/** Share of the time that training gets; starting, describing and evaluating take the rest. */
const share = 0.6;
const steps = tiny
  ? 3
  : Math.max(20, Math.floor(share * seconds * 1000 / stepMs()));
const config = tiny ? "smoke" : "comparison/balance_unbiased";
const name = tiny ? "smoke" : "comparison_balance_unbiased";
report({ classes, steps });
const run = await reproduce([
  `configs/${config}.toml`,
  `--set=stage1.batch_size=${classes}`,
  `--set=stage1.tuples=${steps * classes}`,
  "--set=stage1.epochs=1",
], secondsToReproduce(seconds));
report({
  seconds: run.seconds,
  interrupted: run.interrupted,
  ...(run.interrupted ? { output: run.output } : {}),
  lastMetrics: lastLine(`${name}/stage1/metrics.jsonl`),
  results: run.code === 0 ? resultFile(`${name}/results.json`) : undefined,
});
endLike(run);

/** Milliseconds of a step as the part `speed` measured them; a cautious guess when it was cut. */
function stepMs(): number {
  for (const { name } of Deno.readDirSync(out)) {
    if (!name.endsWith("-speed.json")) continue;
    const { figures } = JSON.parse(Deno.readTextFileSync(join(out, name)));
    const measured = figures.step1024x3?.repeatedMs;
    if (measured > 0) return measured;
  }
  return 1000;
}
