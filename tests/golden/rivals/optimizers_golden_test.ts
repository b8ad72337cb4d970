import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { stepOfOptimizer } from "../../../gpu/nn/training/optimizer_operations.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { Arena } from "../../../gpu/tensor.ts";
import { importMutated, type Mutation } from "../../helpers/mutated_modules.ts";
import { GoldenFigures } from "../../helpers/golden/network_golden.ts";
import {
  compareTorchOptimizer,
  onGpu,
  type TorchOptimizerName,
} from "../../helpers/golden/torch_optimizers.ts";
import type { schedules } from "../../../pipeline/training/schedule.ts";
import { sgdStep, torchAdamStep } from "../../reference/torch_optimizers.ts";

const gpu = await openGpu();
const golden = await GoldenFigures.open("optimizers", "rivals");
const arena = new Arena(gpu);
const recorder = new Recorder(gpu);
const twins = { torch_adam: torchAdamStep, sgd: sgdStep };

for (const name of ["torch_adam", "sgd"] as const) {
  describe(`${name} against PyTorch`, () => {
    it("takes the same twenty steps under each schedule, as a float64 twin", async () => {
      await compareTorchOptimizer(golden, name, (start) => {
        const parameter = Float64Array.from(start);
        const state = {
          firstMoment: new Float64Array(start.length),
          secondMoment: new Float64Array(start.length),
        };
        return (gradient, step) => {
          twins[name](parameter, Float64Array.from(gradient), state, step);
          return parameter;
        };
      }, 1e-12);
    });

    it("takes the same on the GPU", async () => {
      const begin = onGpu(gpu, arena, recorder, stepOfOptimizer[name]);
      await compareTorchOptimizer(golden, name, begin, 1e-6);
    });
  });
}

/** Changes of the rules, each by little. */
const mutations: [TorchOptimizerName, Mutation["file"], string, string][] = [
  ["torch_adam", "gpu/ops/optimizers/torch_adam.ts", "= 0.999;", "= 0.9991;"],
  ["torch_adam", "gpu/ops/optimizers/torch_adam.ts", "= 1e-8;", "= 1e-7;"],
  [
    "torch_adam",
    "gpu/ops/optimizers/torch_adam.ts",
    "1 / (1 - secondDecay ** step)",
    "1",
  ],
  [
    "torch_adam",
    "gpu/ops/optimizers/torch_adam.ts",
    "(1 - momentum ** step)",
    "1",
  ],
  [
    "torch_adam",
    "gpu/wgsl/optimizer/torch_adam.wgsl",
    "fma(params.decay, p, gradients[i])",
    "gradients[i] + 0.0 * params.decay",
  ],
  [
    "torch_adam",
    "gpu/wgsl/optimizer/torch_adam.wgsl",
    "sqrt(v * params.unbias) + EPSILON",
    "sqrt(v * params.unbias + EPSILON)",
  ],
  [
    "sgd",
    "gpu/wgsl/optimizer/sgd.wgsl",
    "fma(params.decay, p, gradients[i])",
    "gradients[i] + 0.0 * params.decay",
  ],
  ["sgd", "gpu/wgsl/optimizer/sgd.wgsl", "fma(params.momentum,", "fma(0.89,"],
  [
    "sgd",
    "pipeline/training/schedule.ts",
    "rate * (1 - step / steps)",
    "rate * (1 - (step + 1) / steps)",
  ],
  [
    "sgd",
    "pipeline/training/schedule.ts",
    "rate * 0.5 ** tenths",
    "rate * 0.49 ** tenths",
  ],
  ["sgd", "pipeline/training/schedule.ts", "10 * step / steps", "step / steps"],
];

describe("the comparison of optimizers", () => {
  for (const [name, file, from, to] of mutations) {
    it(`notices ${to} for ${from} (${file})`, async () => {
      const folder = await Deno.makeTempDir();
      try {
        const mutation = { file, from, to };
        const isSchedule = file.startsWith("pipeline");
        const entry = isSchedule ? file : "gpu/nn/training/optimizer_operations.ts";
        const module = await importMutated<
          Partial<
            {
              schedules: typeof schedules;
              stepOfOptimizer: typeof stepOfOptimizer;
            }
          >
        >(entry, mutation, folder);
        const steps = module.stepOfOptimizer ?? stepOfOptimizer;
        const begin = onGpu(gpu, arena, recorder, steps[name]);
        await assert.rejects(
          compareTorchOptimizer(golden, name, begin, 1e-6, module.schedules),
          assert.AssertionError,
        );
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});
