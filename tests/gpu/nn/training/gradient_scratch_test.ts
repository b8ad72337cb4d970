import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { GradientScratch } from "../../../../gpu/nn/training/gradient_scratch.ts";
import type { Tensor } from "../../../../gpu/tensor.ts";
import { idleGpu } from "../../../helpers/gpu/idle_device.ts";
import { deepNetwork } from "../../../helpers/gpu/small_network.ts";

const samples = 8;

/** Numbers in place of tensors, the same for the same one; 0 for none. */
function places(tensors: readonly (Tensor | undefined)[]): number[] {
  const seen: (Tensor | undefined)[] = [undefined];
  return tensors.map((tensor) => {
    if (!seen.includes(tensor)) seen.push(tensor);
    return seen.indexOf(tensor);
  });
}

describe("GradientScratch", () => {
  it("has a place of its own for a ∂x that is made of the ∂x above, and no ∂y there", () => {
    for (const deviceClass of ["discrete", "integrated"] as const) {
      const card = idleGpu(deviceClass);
      using scratch = new GradientScratch(card, deepNetwork, samples);
      const { layers } = scratch;
      const from = places(layers.map(({ dx }) => dx));
      assert.deepEqual(from, [1, 2, 3, 2, 4, 5]);
      const dy = layers.map(({ dy }) => dy !== undefined);
      assert.deepEqual(dy, [false, false, false, false, false, true]);
      for (const [layer, { dx }] of layers.entries()) {
        assert.notEqual(dx, layers[layer + 1]?.dx);
        const { outputChannels, size } = deepNetwork.body[layer];
        const side = size + 2;
        const shape = [samples, outputChannels / 4, side, side, 4];
        assert.deepEqual(dx.shape, shape);
      }
    }
  });

  it("shares both among layers of equal shape where kernels normalise apart", () => {
    const gpu = idleGpu("software");
    using scratch = new GradientScratch(gpu, deepNetwork, samples);
    const { layers } = scratch;
    const from = [1, 2, 2, 2, 3, 3];
    assert.deepEqual(places(layers.map(({ dx }) => dx)), from);
    assert.deepEqual(places(layers.map(({ dy }) => dy)), from);
  });
});
