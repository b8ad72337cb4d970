import assert from "node:assert/strict";
import type { Gpu } from "../../../gpu/device.ts";
import type { Network as NetworkOnGpu } from "../../../gpu/nn/network.ts";
import { oneCycle } from "../../../pipeline/training/schedule.ts";
import { goldenBatch, lossOptionsOf } from "./golden_losses.ts";
import {
  goldenDropoutRate,
  goldenDropoutStream,
  GoldenFigures,
  goldenState,
} from "./network_golden.ts";
import { ComposedTraining } from "../gpu/training_steps.ts";

/** The golden training run: its batch, its settings and its figures. */
export async function openGoldenTraining() {
  const golden = await GoldenFigures.open("training");
  const activations = await GoldenFigures.open("activations");
  const labels = activations.exact("labels").data;
  const { steps, maximum, decay } = golden.optionsOf<
    { steps: number; maximum: number; decay: number }
  >("rule");
  return {
    golden,
    batch: goldenBatch(activations, "input", labels).batch,
    loss: lossOptionsOf(golden, "expTeacher"),
    steps,
    maximum,
    weightDecay: decay,
  };
}

/**
 * Fails unless `count` whole steps on the GPU have PyTorch's losses, and move every tensor alike: to 5 % of how far it
 * moved.
 *
 * @param Network the network's class, or a changed copy of it
 */
export async function compareTraining(
  run: Awaited<ReturnType<typeof openGoldenTraining>>,
  gpu: Gpu,
  count: number,
  Network?: typeof NetworkOnGpu,
): Promise<void> {
  const { golden, batch, loss, steps, maximum, weightDecay } = run;
  const start = goldenState();
  using training = new ComposedTraining(gpu, start, batch, Network);
  training.patches.write(batch.rows);
  for (let step = 0; step < count; step++) {
    const found = await training.step({
      stream: goldenDropoutStream(`keep_mask.${step}`),
      dropoutRate: goldenDropoutRate,
      loss,
      ...oneCycle(step, steps, maximum),
      weightDecay,
    });
    const wanted = golden.exact("losses").data[step];
    assert.ok(
      Math.abs(found - wanted) <= 1e-4 * wanted,
      `loss of step ${step} is ${found}, PyTorch has ${wanted}`,
    );
    if (!golden.has(`moved.${step + 1}.features.0.2.weight`)) continue;
    const state = await training.parameters.state();
    let compared = 0;
    for (const [name, { data: before }] of start) {
      if (name.endsWith(".eps")) continue;
      const { data } = state.get(name)!;
      const moved = before.map((value, at) => Number(data[at]) - value);
      const figure = `moved.${step + 1}.${name}`;
      const distance = golden.distance(figure, moved);
      assert.ok(
        distance <= 0.05,
        `${figure}: ${distance} of the way from PyTorch's`,
      );
      compared++;
    }
    assert.equal(compared, 34 + 2);
  }
}
