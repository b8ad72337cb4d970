/** `figures.ts FILE`: describes patches and takes a training step with each loss, by whatever WebGPU runs it; writes what comes out. */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { openGpu } from "../../gpu/device.ts";
import { DescriptorNetwork } from "../../gpu/nn/descriptor_network.ts";
import { initialWeights } from "../../gpu/nn/initial_weights.ts";
import { losses, lossNames, lossOf } from "../../gpu/nn/losses.ts";
import { sdgmnet128 } from "../../gpu/nn/sdgmnet128.ts";
import { Trainer } from "../../gpu/nn/training/trainer.ts";
import { stage1 } from "../helpers/gpu/descriptor_loss.ts";
import { stepOptions, stripedBatch } from "../helpers/gpu/training_batch.ts";
import { figuresText } from "./figures_file.ts";

// Thirty patches, or twenty where a class has two views: one block of the layout, and not a whole one.
const classes = 10;
const samples = 3 * classes;
const batch = stripedBatch(classes, 3, 0);
const paired = stripedBatch(classes, 2, 0);
const initial = initialWeights(sdgmnet128, 211);

using gpu = await openGpu();
using network = DescriptorNetwork.create(gpu, sdgmnet128, initial, {
  batchSize: samples,
});
const figures: Record<string, Float32Array> = {
  descriptors: await network.describe(batch.patches, "phototour64"),
};
for (const kind of lossNames) {
  using trainer = new Trainer(gpu, {
    architecture: sdgmnet128,
    initial,
    samples,
    classes,
    ...(losses[kind].needsTeacher ? { teacher: "self" as const } : {}),
  });
  const loss = { ...stage1, kind, threshold: -2, upper: 2 };
  const { pairedViews } = lossOf(kind);
  trainer.step(pairedViews ? paired : batch, stepOptions(0, { loss }));
  const statistics = await trainer.readStatistics();
  // After one step the first moments are the gradient, times a constant.
  const { firstMoments, running } = await trainer.state();
  figures[`loss of ${kind}`] = Float32Array.of(statistics.loss);
  figures[`gradient of ${kind}`] = firstMoments;
  figures[`running statistics of ${kind}`] = running;
}
writeFileSync(
  process.argv[2],
  figuresText(gpu.adapter.description || gpu.adapter.vendor, figures),
);
