/**
 * Whether a network ends up better with the self-teacher's weights where negatives are wrong: the same training from batches in which a
 * share of the classes are twins, two labels of one keypoint, by each of several losses.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-write=OUT --allow-sys=systemMemoryInfo \
 *       tests/bench/quality/planted_negatives.ts CONFIG --out OUT [--seeds 1,2,3] [--twins 0,50] [--losses ExpTeacher,balance]
 *
 * Takes the data of the config's run of each seed (`./run reproduce CONFIG --seeds 1,2,3`). Batches are those of stage 1
 * but for the twins, so without any the networks are stage 1's, byte for byte. Networks and figures that OUT has are not made again.
 * Prints Markdown tables: figures by loss and share, and the differences from the first loss seed by seed.
 */
import { parseArgs } from "@std/cli/parse-args";
import { dirname, join } from "@std/path";
import { type Config, loadConfig } from "../../../mod.ts";
import { isFile } from "../../../pipeline/files/file_tree.ts";
import { consoleLog } from "../../../pipeline/log.ts";
import { markdownTable } from "../../../pipeline/report/render_tables.ts";
import {
  joinedSeedTable,
  type SeededConfig,
  seedFigures,
} from "../../../pipeline/report/seed_tables.ts";
import { evaluate } from "../../../pipeline/stages/evaluate.ts";
import { extract } from "../../../pipeline/stages/extract.ts";
import { stageContext } from "../../pipeline/stages/context.ts";
import { trainPlanted } from "./planted_training.ts";

const log = consoleLog();

/** The config's own extraction and evaluation, whole images left out, of the network in a folder. */
async function measure(
  config: Config,
  download: string,
  folder: string,
): Promise<void> {
  for (const stage of [extract, evaluate]) {
    const outputDirectory = join(folder, stage.name);
    await Deno.mkdir(outputDirectory, { recursive: true });
    await stage.run({
      ...stageContext(folder, config),
      input: (name) => name === "download" ? download : join(folder, name),
      outputDirectory,
      log,
    });
  }
}

const args = parseArgs(Deno.args, {
  string: ["out", "runs", "seeds", "twins", "losses"],
});
const [configPath = ""] = args._;
const out = String(args.out ?? "");
if (configPath === "" || out === "") {
  throw new TypeError("a config and --out are wanted");
}
const runsDirectory = String(args.runs ?? "runs");
const seeds = String(args.seeds ?? "1,2,3").split(",").map(Number);
const shares = String(args.twins ?? "0,50").split(",").map(Number);
const losses = String(args.losses ?? "ExpTeacher,balance").split(",");
const { name } = await loadConfig(configPath);
const variants: SeededConfig[] = [];
for (const share of shares) {
  for (const loss of losses) {
    const title = `${share} % twins, ${loss}`;
    const runs: SeededConfig["runs"][number][] = [];
    for (const seed of seeds) {
      const config = await loadConfig(configPath, [
        `seed=${seed}`,
        `stage1.loss=${JSON.stringify(loss)}`,
        'extract.descriptors=["trained"]',
        'evaluate.tasks=["phototour", "verification", "matching", "retrieval"]',
        "evaluate.bootstrap=0",
      ]);
      const download = join(
        runsDirectory,
        `${name}-seed${seed}`,
        "download",
      );
      const folder = join(out, `${loss}-twins${share}-seed${seed}`);
      const modelPath = join(folder, "stage1", "model.safetensors");
      if (!isFile(modelPath)) {
        await Deno.mkdir(dirname(modelPath), { recursive: true });
        await trainPlanted(config, {
          download,
          splitKeypoints: share / 200 * config.stage1.batch_size,
          modelPath,
          label: `${title}, seed ${seed}`,
          log,
        });
      }
      const measured = join(folder, "evaluate", "measures.json");
      if (!isFile(measured)) await measure(config, download, folder);
      const measures = JSON.parse(await Deno.readTextFile(measured));
      runs.push({ seed, measures });
    }
    variants.push({ name: title, runs });
  }
}
console.log(markdownTable(joinedSeedTable(variants)));

console.log(
  "\nDifferences from the first loss, seed by seed, points of a %:\n",
);
variants.forEach(({ name: title, runs }, number) => {
  const first = variants[number - number % losses.length];
  if (first.runs === runs) return;
  const before = seedFigures(first.runs);
  for (const [at, { figure, values }] of seedFigures(runs).entries()) {
    const differences = values.map((value, seed) =>
      (100 * (value - before[at].values[seed])).toFixed(2)
    );
    console.log(`- ${title}, ${figure}: ${differences.join(", ")}`);
  }
});
