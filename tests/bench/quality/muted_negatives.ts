/**
 * What the self-teacher makes of dubious negatives: batches as stage 1 has them, in which some keypoints' views are split among two
 * labels, so that a class's hardest negative is the same place on the same photograph.
 *
 *     DENO_WEBGPU_BACKEND=vulkan,metal,dx12 deno run --allow-read --allow-env tests/bench/quality/muted_negatives.ts CONFIG NAME=MODEL…
 *
 * Takes the training patches of the config's run. Prints, for each network, how often the split classes' hardest negative is their twin, and
 * the weights W that the loss gives these pairs and all others. Views are reduced to 32×32 as they are, without augmentation.
 */
import { parseArgs } from "@std/cli/parse-args";
import { join } from "@std/path";
import { PackedPatches } from "../../../data/mod.ts";
import { chooseDistinct, RandomStream } from "../../../data/random.ts";
import { openGpu } from "../../../gpu/device.ts";
import { BackwardPass } from "../../../gpu/nn/training/backward_pass.ts";
import { DescriptorLoss } from "../../../gpu/nn/training/descriptor_loss.ts";
import { packedWords } from "../../../gpu/nn/descriptor_network.ts";
import { Network } from "../../../gpu/nn/network.ts";
import { NetworkParameters } from "../../../gpu/nn/parameters.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { resizePatch64 } from "../../../gpu/ops/resize_patch.ts";
import { randomPurpose, randomStream } from "../../../gpu/random_bits.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import { loadConfig } from "../../../mod.ts";
import { readNetwork } from "../../../pipeline/descriptors/network_file.ts";
import { stage1Plan } from "../../../pipeline/training/stage1_plan.ts";
import { patchesByLabel } from "./planted_batch.ts";

const seed = 211;
const batches = 20;
const splitKeypoints = 6;

interface Batch {
  /** numbers of the patches in the set, [rows] */
  patches: number[];
  /** class of each row, [rows] */
  classes: number[];
  /** first row of each class, and the number of rows */
  starts: number[];
  /** the class that shows the same keypoint; −1 where there is none, [classes] */
  twins: number[];
}

function drawBatch(
  keypoints: readonly number[][],
  number: number,
  { batchSize, views }: { batchSize: number; views: number },
): Batch {
  const stream = new RandomStream(seed, "muted negatives", number);
  const identity = Uint32Array.from(keypoints, (_, at) => at);
  const drawn = chooseDistinct(batchSize - splitKeypoints, identity, stream);
  const batch: Batch = { patches: [], classes: [], starts: [], twins: [] };
  const add = (patches: readonly number[], twin: number) => {
    batch.starts.push(batch.patches.length);
    batch.classes.push(...patches.map(() => batch.twins.length));
    batch.patches.push(...patches);
    batch.twins.push(twin);
  };
  drawn.forEach((keypoint, at) => {
    const patches = keypoints[keypoint];
    const isSplit = at < splitKeypoints;
    const first = batch.twins.length;
    add(patches.slice(0, views), isSplit ? first + 1 : -1);
    if (isSplit) add(patches.slice(views, 2 * views), first);
  });
  batch.starts.push(batch.patches.length);
  return batch;
}

/** Weights of classes of one kind. */
function summary(weights: readonly number[]): string {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) /
    weights.length;
  const below = weights.filter((weight) => weight < 0.9).length /
    weights.length;
  return `${mean.toFixed(3)} | ${(100 * below).toFixed(1)}`;
}

const { _: [configPath = "", ...models] } = parseArgs(Deno.args, {
  string: ["_"],
});
const config = await loadConfig(configPath);
const plan = stage1Plan(config);
const [{ batchSize, loss: options }] = plan.cycles;
const views = plan.positives;
using set = await PackedPatches.open(
  join("runs", config.name, "download", "training", "patches.bin"),
);
// Those with views enough to be split.
const keypoints = patchesByLabel(set.labels)
  .filter((patches) => patches.length >= 2 * views);
using gpu = await openGpu();
const samples = batchSize * views;
console.log(
  `${batches} batches of ${batchSize} classes with ${views} views, ${
    2 * splitKeypoints
  } of them twins; ${options.kind}, threshold ${options.threshold}, upper ${options.upper}\n\n` +
    "| network | twin is the hardest negative % | mean W, twins | W < 0.9 % | mean W, others | W < 0.9 % |\n" +
    "| --- | ---: | ---: | ---: | ---: | ---: |",
);
for (const named of models) {
  const [name, modelPath] = named.split("=");
  using parameters = new NetworkParameters(gpu, sdgmnet128);
  parameters.load(await readNetwork(modelPath));
  using network = new Network(gpu, parameters, {
    samples,
    backward: BackwardPass,
  });
  using loss = new DescriptorLoss(gpu, { samples, classes: batchSize });
  using arena = new Arena(gpu);
  using recorder = new Recorder(gpu);
  const u32 = { type: "u32" } as const;
  const bytes = arena.tensor("patch bytes", [samples * 1024], u32);
  const classOfRow = arena.tensor("classes of rows", [samples], u32);
  const firstRowOfClass = arena.tensor(
    "rows of classes",
    [batchSize + 1],
    u32,
  );
  const ofTwins: number[] = [], ofOthers: number[] = [];
  let found = 0;
  for (let number = 0; number < batches; number++) {
    const batch = drawBatch(keypoints, number, { batchSize, views });
    bytes.write(packedWords(set.read(batch.patches)));
    classOfRow.write(Uint32Array.from(batch.classes));
    firstRowOfClass.write(Uint32Array.from(batch.starts));
    resizePatch64(recorder, bytes, network.patches, { count: samples });
    const teacher = network.teacherDescriptors!;
    network.forward(recorder, samples, {
      training: true,
      dropoutRate: plan.dropoutRate,
      stream: randomStream(seed, randomPurpose.dropout, 1, 0, number),
    }, teacher);
    const { descriptors, descriptorGradient } = network;
    loss.record(
      recorder,
      {
        descriptors,
        teacher,
        classOfRow,
        firstRowOfClass,
        sampleCount: samples,
        classCount: batchSize,
      },
      options,
      descriptorGradient,
    );
    recorder.submit();
    const pairs = await loss.readPairs();
    const figures = await loss.readPairFigures();
    batch.twins.forEach((twin, class_) => {
      const { weight } = figures[class_];
      if (twin < 0) return ofOthers.push(weight);
      ofTwins.push(weight);
      if (batch.classes[pairs[4 * class_ + 3]] === twin) found++;
    });
  }
  console.log(
    `| ${name} | ${(100 * found / ofTwins.length).toFixed(1)} | ${
      summary(ofTwins)
    } | ${summary(ofOthers)} |`,
  );
}
