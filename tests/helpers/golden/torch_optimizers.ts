import assert from "node:assert/strict";
import type { Gpu } from "../../../gpu/device.ts";
import type { OptimizerOperation } from "../../../gpu/ops/optimizers/optimizer.ts";
import type { Recorder } from "../../../gpu/recorder.ts";
import type { Arena } from "../../../gpu/tensor.ts";
import { schedules } from "../../../pipeline/training/schedule.ts";
import type { TorchStep } from "../../reference/torch_optimizers.ts";
import { goldenUniform } from "./golden_hash.ts";
import type { GoldenFigures } from "./network_golden.ts";

/** An optimizer of PyTorch that is compared. */
export type TorchOptimizerName = "torch_adam" | "sgd";

/** Takes one step and tells the parameters after it. */
type TakeStep = (
  gradient: Float32Array,
  step: TorchStep,
) => ArrayLike<number> | Promise<ArrayLike<number>>;

const count = 300;

function draw(name: string): Float32Array {
  return Float32Array.from(
    goldenUniform(name, count),
    (value) => 2 * value - 1,
  );
}

/** Fails unless twenty steps under each schedule are PyTorch's; `begin` makes what takes them, from the parameters at the start. */
export async function compareTorchOptimizer(
  golden: GoldenFigures,
  name: TorchOptimizerName,
  begin: (start: Float32Array) => TakeStep,
  entry: number,
  tested: Pick<typeof schedules, "constant" | "linear" | "halving"> = schedules,
): Promise<void> {
  const rule = golden.optionsOf<
    { steps: number; momentum: number; decay: number }
  >("rule");
  const maximum = golden.optionsOf<Record<string, number>>("rates")[name];
  for (const schedule of ["constant", "linear", "halving"] as const) {
    const take = begin(draw("start"));
    const rates = golden.exact(`${name}.${schedule}.rates`).data;
    for (let step = 0; step < rule.steps; step++) {
      const { learningRate, momentum } = tested[schedule](
        step,
        rule.steps,
        maximum,
        rule.momentum,
      );
      assert.equal(momentum, rule.momentum);
      assert.ok(
        Math.abs(learningRate - rates[step]) <= 1e-15,
        `${schedule}: rate of step ${step} is ${learningRate}, PyTorch has ${
          rates[step]
        }`,
      );
      const gradient = draw(`gradient.${step}`).map((value, at) =>
        value * 10 ** -(at % 9)
      );
      const values = await take(gradient, {
        step: step + 1,
        learningRate,
        momentum,
        weightDecay: rule.decay,
      });
      const key = `${name}.${schedule}.${step + 1}`;
      if (golden.has(key)) golden.compare(key, values, { entry });
    }
  }
}

/** Takes steps on the GPU. */
export function onGpu(
  gpu: Gpu,
  arena: Arena,
  recorder: Recorder,
  operation: OptimizerOperation,
): (start: Float32Array) => TakeStep {
  return (start) => {
    const tensors = {
      values: arena.tensorOf("values", [count], start),
      gradients: arena.tensor("gradients", [count]),
      firstMoments: arena.tensor("first moments", [count]),
      secondMoments: arena.tensor("second moments", [count]),
    };
    return async (gradient, step) => {
      tensors.gradients.write(Float32Array.from(gradient));
      operation(recorder, tensors, { ...step, decayedCount: 0 });
      recorder.submit();
      const values = await tensors.values.readFloats();
      gpu.assertHealthy();
      return values;
    };
  };
}
