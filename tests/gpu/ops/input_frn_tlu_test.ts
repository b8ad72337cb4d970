import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { inputFrnTluBackward } from "../../../gpu/ops/input_frn_tlu_backward.ts";
import type { Recorder } from "../../../gpu/recorder.ts";
import { inputFrnTluForward } from "../../../gpu/ops/input_frn_tlu.ts";
import { fromBorderedPlanes } from "../../helpers/gpu/activation_layout.ts";
import { checkGradient, dot } from "../../helpers/gpu/gradient_check.ts";
import {
  assertNear,
  assertSameBits,
  assertZero,
  exactTensor,
  firstSamples,
  openBench,
  whole,
} from "../../helpers/gpu/gpu_op.ts";
import { frnBackward, frnForward } from "../../reference/frn.ts";
import { type Tensor, tensorOf } from "../../reference/tensor.ts";
import { tluBackward, tluForward } from "../../reference/tlu.ts";

const { recorder, otherTiles, arena } = await openBench();
const epsilon = 1e-6;
const capacity = 24;
/** Samples that stand before the micro-batch in the tensor of all patches. */
const before = 16;

const parameter = (value: number) => tensorOf([1], [Math.fround(value)]);
const gamma = parameter(1.1);
const beta = parameter(-0.2);
const tau = parameter(0.6);

function twin(x: Tensor): Tensor {
  return tluForward(frnForward(x, gamma, beta, epsilon), tau);
}

function onGpu({ data }: Tensor) {
  return whole(arena.tensorOf("parameter", [1], Float32Array.from(data)));
}
const parameters = {
  gamma: onGpu(gamma),
  beta: onGpu(beta),
  tau: onGpu(tau),
};

/** Patches in 0 … 1, of which one is black, and the tensors of the op. */
function problem(size: number) {
  const area = size * size;
  const x = exactTensor(`patches ${size}`, [capacity, 1, size, size], 0);
  x.data.fill(0, 3 * area, 4 * area);
  const dy = exactTensor(`dy ${size}`, [capacity, 1, size, size]);
  const patches = new Float32Array((before + capacity) * area).fill(9);
  patches.set(x.data, before * area);
  const tensor = arena.tensorOf("patches", [patches.length], patches);
  return {
    x,
    dy,
    gpu: {
      x: { tensor, offset: before * area, size: capacity * area },
      scale: arena.tensor("scale", [capacity]),
      y: arena.tensor("y", [capacity, size + 2, size + 2]),
      dy: arena.tensorOf(
        "dy",
        [capacity, size, size],
        Float32Array.from(dy.data),
      ),
      partial: whole(arena.tensor("partial", [capacity, 4])),
    },
  };
}

for (const size of [8, 32]) {
  const { x, dy, gpu } = problem(size);
  describe(`FRN and TLU of ${size}×${size} patches`, () => {
    it("are the twin's, for the samples asked for", async () => {
      inputFrnTluForward(recorder, parameters, gpu, 8);
      recorder.submit();
      const padded = (size + 2) ** 2;
      const some = await gpu.y.readFloats();
      assertZero("the rest", some.subarray(8 * padded));
      inputFrnTluForward(recorder, parameters, gpu, capacity);
      recorder.submit();
      const all = await gpu.y.readFloats();
      assertSameBits(
        "second run",
        all.subarray(0, 8 * padded),
        some.subarray(0, 8 * padded),
      );
      const { inner, nonzeroBorder } = fromBorderedPlanes(all, x.shape);
      assertNear("y", inner.data, twin(x).data);
      assert.equal(nonzeroBorder, 0);
    });

    it("are to the bit the same by a thread for each row as for each patch", async () => {
      const bits = async (on: Recorder) => {
        on.clear(gpu.y);
        on.clear(gpu.scale);
        inputFrnTluForward(on, parameters, gpu, capacity);
        on.submit();
        return [await gpu.y.readFloats(), await gpu.scale.readFloats()];
      };
      const [own, others] = [await bits(recorder), await bits(otherTiles)];
      assert.notEqual(recorder.gpu.tiles.mapRows, otherTiles.gpu.tiles.mapRows);
      assertSameBits("y", others[0], own[0]);
      assertSameBits("scale", others[1], own[1]);
    });

    it("have the twin's gradients", async () => {
      const run = async () => {
        inputFrnTluForward(recorder, parameters, gpu, capacity);
        inputFrnTluBackward(recorder, parameters, gpu, capacity);
        recorder.submit();
        return await gpu.partial.tensor.readFloats();
      };
      const partial = await run();
      assertSameBits("second run", await run(), partial);
      const sums = [0, 1, 2, 3].map((place) => {
        let sum = 0;
        for (let n = 0; n < capacity; n++) sum += partial[4 * n + place];
        return sum;
      });
      const u = frnForward(x, gamma, beta, epsilon);
      const { inputGradient, thresholdGradient } = tluBackward(dy, u, tau);
      const { scaleGradient, offsetGradient } = frnBackward(
        inputGradient,
        x,
        gamma,
        epsilon,
      );
      // Sums of terms of either sign: measured against what they could be, not against what is left.
      const most = capacity * size * size / 4;
      for (
        const [name, place, argument, expected] of [
          ["γ", 0, gamma, scaleGradient],
          ["β", 1, beta, offsetGradient],
          ["τ", 2, tau, thresholdGradient],
        ] as const
      ) {
        const error = Math.abs(sums[place] - expected.data[0]);
        assert.ok(error <= 1e-6 * most, `∂${name} is off by ${error}`);
        checkGradient(
          name,
          () => dot(twin(x), dy),
          argument,
          tensorOf([1], [sums[place]]),
          { step: 1e-6, tolerance: 1e-3 },
        );
      }
      assert.equal(sums[3], 0);
      const one = tensorOf([1], [
        tluBackward(firstSamples(dy, 1), firstSamples(u, 1), tau)
          .thresholdGradient.data[0],
      ]);
      assertNear("∂τ of one sample", partial.subarray(2, 3), one.data, 1e-4);
    });
  });
}

describe("inputFrnTlu's refusals", () => {
  it("names the scale", () => {
    const { gpu } = problem(8);
    const wrong = arena.tensor("wrong", [25]);
    for (const run of [inputFrnTluForward, inputFrnTluBackward]) {
      assert.throws(
        () => run(recorder, parameters, { ...gpu, scale: wrong }, 8),
        {
          name: "GpuError",
          message:
            `Cannot run ${run.name}: scale: found shape [25], wanted [24]`,
        },
      );
    }
  });
});
