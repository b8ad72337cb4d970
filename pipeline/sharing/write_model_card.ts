/**
 * Writing a trained network with its model card.
 *
 * @module
 */
import { requireOptions } from "../config/arguments.ts";
import { requireConfig } from "../config/require_config.ts";
import { basename, join, relative, resolve } from "@std/path";
import { type Manifest, readCheckpoint } from "../../data/mod.ts";
import { descriptorSize, type NetworkState } from "../../gpu/mod.ts";
import type { Config } from "../config.ts";
import { networkOf } from "../descriptors/network_tensors.ts";
import { defaultRunsDirectory } from "../engine/open_planner.ts";
import { freshRecords } from "./fresh_records.ts";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import { stages } from "../graph.ts";
import type { CardStage } from "./card_facts.ts";
import { modelCardFiles } from "./model_card.ts";
import { photographsOfRun } from "./photographs_of_run.ts";
import { readFindings } from "../report/read_findings.ts";
import type { PlaceOptions } from "../reproduce.ts";
import type { ActionRecord } from "../store/action_record.ts";
import { Store } from "../store/store.ts";

const attempt = "write the model card";
const modelFile = "model.safetensors";

/**
 * Writes a config's trained network into a folder in Hugging Face's layout: `model.safetensors`, `README.md` (the model card),
 * `config.json` and `.eval_results/`. All stages have to be fresh, as with a lock file: the card tells what made these very bytes.
 *
 * @param options.measured the config whose figures the card shows, where its own photographs held out trained
 * @returns the files that were written
 * @throws {PipelineError} when a stage is stale, the config trains nothing, or the folder cannot be written to
 */
export async function writeModelCard(
  config: Config,
  directory: string,
  options: PlaceOptions & { measured?: Config | undefined } = {},
): Promise<string[]> {
  requireConfig(config, attempt);
  requireOptions(options, attempt);
  const store = new Store(options.storeDirectory);
  const { runsDirectory = defaultRunsDirectory, measured } = options;
  const wanted = {
    attempt,
    where: config.file,
    runsDirectory,
    inRunFolder: true,
  };
  const records = await freshRecords(stages, config, store, wanted);
  const model = [...records.values()].reverse()
    .flatMap(({ outputs }) => outputs)
    .find(({ path }) => path === modelFile);
  const download = records.get("download");
  if (model === undefined || download === undefined) {
    throw refusal(config.file, "no stage that trains a network");
  }
  const modelPath = store.objects.path(model.digest);
  const network = networkOf(await readCheckpoint(modelPath), modelPath);
  if (measured !== undefined) {
    requireUnseen(measured);
    await freshRecords(stages, measured, store, {
      ...wanted,
      where: measured.file,
    });
  }
  const runDirectory = join(runsDirectory, (measured ?? config).name);
  const { measures } = await readFindings(join(runDirectory, "evaluate"));
  const manifest = await manifestOf(download, store);
  const texts = modelCardFiles({
    config,
    configPath: shownPath(config.file),
    network: {
      sha256: model.digest,
      sizeBytes: model.sizeBytes,
      parameters: trainedNumbers(network),
      dimension: descriptorSize,
    },
    training: {
      labels: manifest.training_labels,
      patches: manifest.training_patches,
    },
    photographs: (await photographsOfRun(download, config)).map((
      photograph,
    ) => ({
      ...photograph,
      labels: manifest.photographs?.training[photograph.name],
      heldOut: manifest.photographs!.held_out.includes(photograph.name),
    })),
    measures,
    measured: measured &&
      { config: measured, configPath: shownPath(measured.file) },
    stages: [...records].map(([name, record]) => stageOf(name, record)),
  });
  const target = join(directory, modelFile);
  await withFileErrors(attempt, target, async () => {
    await Deno.mkdir(directory, { recursive: true });
    if (await store.objects.copyTo(model.digest, target, directory)) return;
    throw refusal(modelPath, "a missing or damaged object");
  });
  for (const [path, text] of Object.entries(texts)) {
    await writeFileAtomically(attempt, join(directory, path), text);
  }
  return [target, ...Object.keys(texts).map((path) => join(directory, path))];
}

function requireUnseen({ file, download }: Config): void {
  if (!download.held_out_train) return;
  throw new PipelineError({
    attempt,
    where: file,
    found: "held_out_train = true",
    wanted: "a config whose photographs held out do not train",
  });
}

function refusal(where: string, found: string): PipelineError {
  return new PipelineError({
    attempt,
    where,
    found,
    wanted: "results of the present code and config",
    remedy: "run `./run reproduce` first",
  });
}

/** A config's path as others can type it: from the working directory, else its name. */
function shownPath(file: string): string {
  const path = relative(Deno.cwd(), resolve(file));
  return path.startsWith("..") ? basename(path) : path;
}

/** How many numbers training changes: not the statistics that the network gathers beside, nor constants. */
function trainedNumbers(network: NetworkState): number {
  let count = 0;
  for (const [name, { data }] of network) {
    const isTrained = !/running_|num_batches_tracked|\.eps$/.test(name);
    if (isTrained) count += data.length;
  }
  return count;
}

async function manifestOf(
  { outputs }: ActionRecord,
  store: Store,
): Promise<Manifest> {
  const manifest = outputs.find(({ path }) => path === "manifest.json")!;
  const path = store.objects.path(manifest.digest);
  const text = await withFileErrors(
    attempt,
    path,
    () => Deno.readTextFile(path),
  );
  return JSON.parse(text);
}

function stageOf(name: string, { key, provenance }: ActionRecord): CardStage {
  const adapter = provenance.adapter?.description;
  return {
    name,
    key,
    wallTimeSeconds: provenance.wallTimeSeconds,
    startedAt: provenance.startedAt,
    deno: provenance.deno,
    commit: provenance.source?.commit ?? "",
    adapter: typeof adapter === "string" ? adapter : "",
  };
}
