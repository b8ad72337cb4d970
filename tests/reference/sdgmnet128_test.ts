import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { dot, randomTensor } from "../helpers/gpu/gradient_check.ts";
import { goldenState } from "../helpers/golden/network_golden.ts";
import {
  networkBackward,
  networkForward,
  type NetworkMode,
} from "./sdgmnet128.ts";

describe("reference SDGMNet128", () => {
  it("has the gradient of all its parameters and of its input along a random direction", () => {
    const state = goldenState();
    const patches = randomTensor("patches", [3, 1, 32, 32], 0, 1);
    const keepMask = randomTensor("mask", [3 * 128 * 8 * 8]).data.map((value) =>
      value > -0.4 ? 1 : 0
    );
    const mode = {
      training: true,
      keepMask,
      dropoutRate: 0.3,
    } satisfies NetworkMode;
    const activations = networkForward(state, patches, mode);
    const probe = randomTensor("probe", [3, 128]);
    const gradients = networkBackward(state, activations, probe, mode);

    const moved = new Map([["gradient of input", patches]]);
    for (const [name, tensor] of state) {
      if (gradients.has(name)) moved.set(name, tensor);
    }
    assert.equal(moved.size, 1 + 7 + 6 + 7 * 2 + 7);
    for (const [name, tensor] of moved) {
      assert.deepEqual(
        gradients.get(name)!.shape.join().replaceAll(",1,1", ""),
        tensor.shape.join().replaceAll(",1,1", ""),
        name,
      );
    }

    const step = 1e-9; // so short that hardly any activation crosses its threshold on the way
    const directions = [...moved].map(([name, tensor]) => ({
      tensor,
      name,
      direction: randomTensor(name, [...tensor.shape]),
    }));
    const derivative = directions.reduce(
      (sum, { name, direction }) => sum + dot(gradients.get(name)!, direction),
      0,
    );
    const lossAfter = (move: number) => {
      for (const { tensor, direction } of directions) {
        tensor.data.forEach((_, at) =>
          tensor.data[at] += move * direction.data[at]
        );
      }
      return dot(
        networkForward(state, patches, mode).get("descriptors")!,
        probe,
      );
    };
    const above = lossAfter(step);
    const below = lossAfter(-2 * step);
    const difference = (above - below) / (2 * step);
    assert.ok(Math.abs(derivative) > 1);
    assert.ok(
      Math.abs(difference - derivative) < 1e-4 * Math.abs(derivative),
      `${difference}, not ${derivative}`,
    );
  });
});
