/** A process from nothing to the end of its first step, with an empty cache of compiled shaders and with a filled one. */
import { measureStartUp } from "../../bench/start_up.ts";
import { partOptions, report } from "../report.ts";

const { tiny } = partOptions();
const classes = tiny ? 2 : 256;
const { cold, warm, each } = await measureStartUp(classes);
const dearest = each.pipelines
  .toSorted((a, b) => b.createMs + b.firstRunMs - (a.createMs + a.firstRunMs))
  .slice(0, 10);
report({
  classes,
  openMs: cold.openMs,
  coldMs: cold.firstStepMs,
  warmMs: warm.firstStepMs,
  oneAfterTheOtherMs: each.firstStepMs,
  pipelines: each.pipelines.length,
  dearest,
});
