import { join } from "@std/path";
import {
  listSequences,
  PackedPatches,
  writeSafetensors,
} from "../../data/mod.ts";
import { type Gpu, openGpu } from "../../gpu/mod.ts";
import type { Config } from "../config.ts";
import { describeSequences } from "../descriptors/describe_sequences.ts";
import { describePairImages } from "../descriptors/describe_pair_images.ts";
import {
  outsidePairSets,
  pairRoles,
  readPairSet,
  watchedPairFiles,
} from "../descriptors/pair_sets.ts";
import {
  type Describer,
  type DescriberNeed,
  type DescriberOptions,
  describers,
  openDescriber,
} from "../descriptors/describers.ts";
import type { Json } from "../files/json.ts";
import type { Stage, StageContext, StageInput } from "../stage.ts";
import { listTestSets } from "../descriptors/list_test_sets.ts";

/** Side in pixels of the test pairs' patches. */
const phototourSidePixels = 64;

/** Test patches that are read and described at once: 16 MiB. */
const chunkPatches = 4096;

/**
 * Describes the test patches with every configured descriptor: `<descriptor>/<sequence>/<type>.csv` for the HPatches
 * sequences, `test/<set>/<descriptor>.safetensors` (tensor `descriptors`, F32 [patches, dimension]) for the
 * PhotoTour-style sets, `pairs/{test,validation}/<image>.safetensors` with keypoints and descriptors of the images of image pairs.
 */
export const extract: Stage = {
  name: "extract",
  summary:
    "descriptors of the HPatches sequences, the test pairs and the image pairs",
  module: new URL(import.meta.url),
  outputs: ({ extract: { descriptors } }) => [
    "test/",
    "pairs/",
    ...descriptors.map((name) => `${name}/`),
  ],
  inputs,
  parameters,
  async externalFiles(config) {
    const outside = needs(config, "model") && config.extract.checkpoint !== "";
    const sets = await outsidePairSets(config);
    return [
      ...(outside ? [config.extract.checkpoint] : []),
      ...sets.flatMap(({ images }) => images),
    ];
  },
  watched: watchedPairFiles,
  usesGpu: (config) => needs(config, "gpu"),
  run,
};

/** Whether some configured descriptor needs it. */
function needs({ extract }: Config, need: DescriberNeed): boolean {
  return extract.descriptors.some((name) =>
    describers[name].needs.includes(need)
  );
}

/** The stage whose model is described with; nothing when the config names a checkpoint or wants no trained network. */
function modelStage(config: Config): string | undefined {
  if (!needs(config, "model") || config.extract.checkpoint !== "") {
    return undefined;
  }
  return config.stage2.enabled ? "stage2" : "stage1";
}

function inputs(config: Config): StageInput[] {
  const stage = modelStage(config);
  const pairs = wantsPairs(config) ? ["pairs"] : [];
  return [
    { stage: "download", paths: ["hpatches", "test", ...pairs] },
    ...(stage === undefined ? [] : [{ stage, paths: ["model.safetensors"] }]),
  ];
}

function wantsPairs({ evaluate }: Config): boolean {
  return evaluate.tasks.includes("image_pairs");
}

/** The batch size is not among them: every patch is described on its own, whatever it shares a batch with. */
function parameters(config: Config): Record<string, Json> {
  return {
    descriptors: [...config.extract.descriptors].sort(),
    ...(needs(config, "seed") ? untrained(config) : {}),
    ...(wantsPairs(config)
      ? { pair_keypoints: config.extract.pair_keypoints }
      : {}),
  };
}

/** What the untrained network follows from; not named where it is the first that there was, whose keys never named it. */
function untrained({ seed, stage1 }: Config): Record<string, Json> {
  const { arch } = stage1;
  const network: Record<string, Json> = arch === "SDGMNet128" ? {} : { arch };
  return { seed, ...network };
}

async function run(context: StageContext): Promise<void> {
  const { config, log, signal } = context;
  const stage = modelStage(config);
  const modelPath = stage === undefined
    ? config.extract.checkpoint
    : join(context.input(stage), "model.safetensors");
  const { descriptors } = config.extract;
  using owned = new DisposableStack();
  let opened: Gpu | undefined;
  // One GPU for both networks, and none for the baselines.
  const gpu = async () => {
    if (opened !== undefined) return opened;
    const { memory_mib: memoryMib } = config.gpu;
    opened = owned.use(await openGpu({ memoryMib }));
    await context.prepareGpu(opened);
    return opened;
  };
  const opening: DescriberOptions = {
    modelPath,
    network: config.stage1.arch,
    seed: config.seed,
    batchSize: config.extract.batch_size,
    gpu,
  };
  for (const name of descriptors) {
    using describer = await openDescriber(name, {
      ...opening,
      onNote: (line) => log.info(line),
    });
    const source = join(context.input("download"), "hpatches");
    await describeSequences(describer, {
      source,
      sequences: await listSequences(source),
      target: join(context.outputDirectory, name),
      label: `describe with ${name}`,
      log,
      signal,
    });
    await describeTestSets(context, name, describer);
  }
  if (wantsPairs(config)) await describePairs(context, opening);
}

/** Describes the images of image pairs; all descriptors share what was detected and cut. */
async function describePairs(
  { config, input, outputDirectory, log, signal }: StageContext,
  opening: DescriberOptions,
): Promise<void> {
  using owned = new DisposableStack();
  const describers = new Map<string, Describer>();
  for (const role of pairRoles) {
    const pairs = await readPairSet(config, role, input("download"));
    if (pairs === undefined) continue;
    if (describers.size === 0) {
      for (const name of config.extract.descriptors) {
        describers.set(name, owned.use(await openDescriber(name, opening)));
      }
    }
    await describePairImages(describers, {
      images: pairs.set.images,
      most: config.extract.pair_keypoints,
      target: join(outputDirectory, "pairs", role),
      label: `describe ${role} image pairs`,
      log,
      signal,
    });
  }
}

async function describeTestSets(
  { input, outputDirectory, log, signal }: StageContext,
  name: string,
  describer: Describer,
): Promise<void> {
  const source = join(input("download"), "test");
  for (const set of await listTestSets(input("download"))) {
    using patches = await PackedPatches.open(join(source, set, "patches.bin"));
    const { dimension } = describer;
    const values = new Float32Array(patches.count * dimension);
    const progress = log.progress(
      `describe ${set} with ${name}`,
      patches.count,
      "patches",
    );
    progress.update(0);
    for (let start = 0; start < patches.count; start += chunkPatches) {
      signal.throwIfAborted();
      const count = Math.min(chunkPatches, patches.count - start);
      const indices = Uint32Array.from({ length: count }, (_, i) => start + i);
      values.set(
        await describer.describe(patches.read(indices), phototourSidePixels),
        start * dimension,
      );
      progress.update(start + count);
    }
    progress.finish();
    const folder = join(outputDirectory, "test", set);
    await Deno.mkdir(folder, { recursive: true });
    await writeSafetensors(
      join(folder, `${name}.safetensors`),
      new Map([["descriptors", {
        dtype: "F32",
        shape: [patches.count, dimension],
        data: values,
      }]]),
    );
  }
}
