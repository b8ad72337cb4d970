import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import { parameterTable } from "../../gpu/nn/parameter_table.ts";
import { adamStep } from "../../gpu/ops/optimizers/adam.ts";
import { flatCosine, oneCycle } from "../../pipeline/training/schedule.ts";
import {
  compareDecayExemption,
  compareOptimizer,
  compareSchedules,
} from "../helpers/golden/golden_optimizer.ts";
import { GoldenFigures } from "../helpers/golden/network_golden.ts";

const gpu = await openGpu();
const golden = await GoldenFigures.open("optimizer");

describe("adamStep and the schedules against PyTorch", () => {
  it("take the same ten steps under both schedules", async () => {
    await compareOptimizer(golden, { adamStep, oneCycle, flatCosine }, gpu);
  });

  it("have the same rates at every step, and those of the authors' runs", () => {
    compareSchedules(golden, { oneCycle, flatCosine });
  });

  it("decay everything but the biases", () => {
    compareDecayExemption({ parameterTable });
  });
});
