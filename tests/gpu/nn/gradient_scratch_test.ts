import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  architecture,
  type ArchitectureDescription,
} from "../../../gpu/nn/architecture.ts";
import { GradientScratch } from "../../../gpu/nn/gradient_scratch.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import type { Tensor } from "../../../gpu/tensor.ts";
import { idleGpu } from "../../helpers/gpu/idle_device.ts";

const samples = 8;

/** Layers of one shape after each other, 3 at 16×16 and 2 at 8×8. */
const deep: ArchitectureDescription = {
  ...sdgmnet128,
  name: "Deep",
  body: ([[32, 1], [64, 2], [64, 1], [64, 1], [64, 2], [64, 1]] as const).map(
    ([outputChannels, stride], layer) => ({
      ...sdgmnet128.body[layer],
      outputChannels,
      stride,
    }),
  ),
};

function places(tensors: readonly (Tensor | undefined)[]): number[] {
  const seen: (Tensor | undefined)[] = [undefined];
  return tensors.map((tensor) => {
    if (!seen.includes(tensor)) seen.push(tensor);
    return seen.indexOf(tensor);
  });
}

describe("GradientScratch", () => {
  it("has a place of its own for a ∂x that is made of the ∂x above, and no ∂y there", () => {
    const card = idleGpu("discrete");
    using scratch = new GradientScratch(card, architecture(deep), samples);
    const { layers } = scratch;
    const from = places(layers.map(({ dx }) => dx));
    assert.deepEqual(from, [1, 2, 3, 2, 4, 5]);
    const dy = layers.map(({ dy }) => dy !== undefined);
    assert.deepEqual(dy, [true, false, false, true, false, true]);
    for (const [layer, { dx }] of layers.entries()) {
      assert.notEqual(dx, layers[layer + 1]?.dx);
      const { outputChannels, size } = architecture(deep).body[layer];
      const side = size + 2;
      const shape = [samples, outputChannels / 4, side, side, 4];
      assert.deepEqual(dx.shape, shape);
    }
  });

  it("shares both among layers of equal shape where kernels normalise apart", () => {
    for (const deviceClass of ["software", "integrated"] as const) {
      const gpu = idleGpu(deviceClass);
      using scratch = new GradientScratch(gpu, architecture(deep), samples);
      const { layers } = scratch;
      const from = [1, 2, 2, 2, 3, 3];
      assert.deepEqual(places(layers.map(({ dx }) => dx)), from);
      assert.deepEqual(places(layers.map(({ dy }) => dy)), from);
    }
  });
});
