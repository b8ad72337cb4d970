/** One training on made-up patches, `train_once.ts CLASSES STEPS`: prints the digest of what it leaves. */
import { createHash } from "node:crypto";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { openGpu } from "../../../gpu/device.ts";
import { initialWeights } from "../../../gpu/nn/initial_weights.ts";
import { stage1Step, stage1Trainer } from "../../bench/stage1_step.ts";
import { stripedBatch } from "../../helpers/gpu/training_batch.ts";

const [classes, steps] = Deno.args.map(Number);
using gpu = await openGpu();
using trainer = stage1Trainer(gpu, initialWeights(sdgmnet128, 211), classes);
for (let step = 0; step < steps; step++) {
  trainer.step(stripedBatch(classes, 3, step), stage1Step(step));
}
const { loss } = await trainer.readStatistics();
const { values, firstMoments, secondMoments, running } = await trainer.state();
const hash = createHash("sha256");
for (const array of [values, firstMoments, secondMoments, running]) {
  hash.update(new Uint8Array(array.buffer));
}
console.log(
  JSON.stringify({ classes, steps, loss, sha256: hash.digest("hex") }),
);
