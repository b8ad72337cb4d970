/** The demo from an empty cache to its figures. */
import { listPhotographs } from "../../../data/mod.ts";
import { partOptions, report, skip } from "../report.ts";
import { digestOf, reproduce, resultFile } from "../reproduce.ts";

const { tiny, seconds } = partOptions();
try {
  await listPhotographs("", 3);
} catch {
  skip("the photographs are not here: make the bundle --with-photographs");
}
const name = tiny ? "smoke" : "demo";
// Interrupted before the part is cut, it can still say how far it came.
const run = await reproduce([`configs/${name}.toml`], seconds - 5);
report({
  config: name,
  seconds: run.seconds,
  models: {
    stage1: digestOf(`${name}/stage1/model.safetensors`),
    stage2: digestOf(`${name}/stage2/model.safetensors`),
  },
  results: resultFile(`${name}/results.json`),
});
if (run.code !== 0) throw new Error(run.output);
