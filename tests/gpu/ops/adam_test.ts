import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { adamStep } from "../../../gpu/ops/optimizers/adam.ts";
import {
  randomBits,
  randomStream,
  randomUnit,
} from "../../../gpu/random_bits.ts";
import { openBench } from "../../helpers/gpu/gpu_op.ts";
import {
  adamStep as referenceStep,
  freshAdamState,
} from "../../reference/adam.ts";

const { arena, recorder } = await openBench();

const count = 1003;
const decayedCount = 611;

function draw(purpose: number, scale: number): Float32Array {
  const stream = randomStream(7, purpose);
  return Float32Array.from(
    { length: count },
    (_, i) => scale * (2 * randomUnit(randomBits(stream, i)) - 1),
  );
}

describe("adamStep", () => {
  function tensors(values: Float32Array) {
    return {
      values: arena.tensorOf("values", [count], values),
      gradients: arena.tensor("gradients", [count]),
      firstMoments: arena.tensor("firstMoments", [count]),
      secondMoments: arena.tensor("secondMoments", [count]),
    };
  }

  it("follows the float64 rule to 1e-6 through ten scheduled steps", async () => {
    const start = draw(1, 1);
    const state = tensors(start);
    const decayed = Float64Array.from(start.subarray(0, decayedCount));
    const exempt = Float64Array.from(start.subarray(decayedCount));
    const decayedState = freshAdamState(decayedCount);
    const exemptState = freshAdamState(count - decayedCount);
    for (let step = 1; step <= 10; step++) {
      // From gradients far below ε to large ones, so that every term of the rule matters.
      const gradients = draw(100 + step, 1).map((value, i) =>
        value * 10 ** (i % 9 - 7)
      );
      const options = {
        learningRate: 0.0033 * step / 10,
        momentum: 0.95 - 0.01 * step,
        step,
      };
      state.gradients.write(gradients);
      adamStep(recorder, state, { ...options, weightDecay: 0.1, decayedCount });
      recorder.submit();
      const exact = Float64Array.from(gradients);
      referenceStep(decayed, exact.subarray(0, decayedCount), decayedState, {
        ...options,
        weightDecay: 0.1,
      });
      referenceStep(exempt, exact.subarray(decayedCount), exemptState, {
        ...options,
        weightDecay: 0,
      });
      const got = await state.values.readFloats();
      for (let i = 0; i < count; i++) {
        const wanted = i < decayedCount ? decayed[i] : exempt[i - decayedCount];
        assert.ok(
          Math.abs(got[i] - wanted) <= 1e-6,
          `step ${step}, element ${i}: ${got[i]} against ${wanted}`,
        );
      }
    }
  });

  it("without a gradient decays what is not exempt and nothing else", async () => {
    const start = new Float32Array(count).fill(1);
    const state = tensors(start);
    adamStep(recorder, state, {
      learningRate: 0.5,
      momentum: 0.9,
      weightDecay: 0.1,
      step: 1,
      decayedCount,
    });
    recorder.submit();
    const got = await state.values.readFloats();
    const decayed = Math.fround(0.95);
    got.forEach((value, i) =>
      assert.equal(value, i < decayedCount ? decayed : 1)
    );
  });

  it("refuses tensors of different sizes", () => {
    const state = tensors(new Float32Array(count));
    assert.throws(
      () =>
        adamStep(recorder, {
          ...state,
          gradients: arena.tensor("gradients", [count + 1]),
        }, {
          learningRate: 1,
          momentum: 0.9,
          weightDecay: 0,
          step: 1,
          decayedCount: 0,
        }),
      {
        name: "GpuError",
        message: `Cannot run adamStep: gradients: found shape [${
          count + 1
        }], wanted [${count}]`,
      },
    );
  });
});
