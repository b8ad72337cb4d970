/** The demo from an empty cache to its figures. */
import { listPhotographs } from "../../../data/mod.ts";
import { partOptions, report, skip } from "../report.ts";
import {
  digestOf,
  endLike,
  reproduce,
  resultFile,
  secondsToReproduce,
} from "../reproduce.ts";

const { tiny, seconds } = partOptions();
try {
  await listPhotographs("", 3);
} catch {
  skip("the photographs are not here: make the bundle --with-photographs");
}
const name = tiny ? "smoke" : "demo";
const run = await reproduce(
  [`configs/${name}.toml`],
  secondsToReproduce(seconds),
);
report({
  config: name,
  seconds: run.seconds,
  ...(run.interrupted ? { output: run.output } : {}),
  models: {
    stage1: digestOf(`${name}/stage1/model.safetensors`),
    stage2: digestOf(`${name}/stage2/model.safetensors`),
  },
  results: resultFile(`${name}/results.json`),
});
endLike(run);
