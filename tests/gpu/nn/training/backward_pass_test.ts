import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../../gpu/device.ts";
import { initialWeights } from "../../../../gpu/nn/initial_weights.ts";
import { Trainer } from "../../../../gpu/nn/training/trainer.ts";
import { observeDispatches } from "../../../../gpu/recorder.ts";
import { type Tiles, tilesOfClass } from "../../../../gpu/tiles.ts";
import { assertSameBits, withTiles } from "../../../helpers/gpu/gpu_op.ts";
import { deepNetwork } from "../../../helpers/gpu/small_network.ts";
import {
  stepOptions,
  stripedBatch,
} from "../../../helpers/gpu/training_batch.ts";

const gpu = await openGpu();
const card = tilesOfClass.discrete;
const initial = initialWeights(deepNetwork, 5);

/** What a step leaves, and how many kernels normalised gradients that another had computed. */
async function step(tiles: Tiles) {
  const on = withTiles(gpu, tiles);
  let apart = 0;
  observeDispatches(on, ({ kernel: { label } }) => {
    if (label.startsWith("frn_tlu_backward")) apart++;
    return undefined;
  });
  using trainer = new Trainer(on, {
    architecture: deepNetwork,
    initial,
    teacher: "self",
    samples: 16,
    classes: 8,
  });
  trainer.step(stripedBatch(8, 2, 0), stepOptions(0));
  return { state: await trainer.state(), apart };
}

describe("a backward pass that normalises gradients where they are computed", () => {
  it("leaves the bits of kernels apart, whatever the micro-batches", async () => {
    const conv3x3Alone = card.sharedKernels.filter((name) =>
      name !== "conv3x3"
    );
    const fused = await step(card);
    const apart = await step({ ...card, sharedKernels: conv3x3Alone });
    const cut = await step({ ...card, microBatchSamples: 8 });
    const counts = [fused, apart, cut].map(({ apart }) => apart);
    assert.deepEqual(counts, [1, 4, 2 * 1]);
    for (const { state } of [apart, cut]) {
      for (const part of ["values", "firstMoments", "running"] as const) {
        assertSameBits(part, state[part], fused.state[part]);
      }
    }
  });
});
