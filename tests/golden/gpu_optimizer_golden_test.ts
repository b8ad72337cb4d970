import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../gpu/device.ts";
import {
  decayedSize,
  flatSize,
  parameterTable,
} from "../../gpu/nn/parameter_table.ts";
import { adamStep } from "../../gpu/ops/adam.ts";
import { flatCosine, oneCycle } from "../../pipeline/schedule.ts";
import {
  compareDecayExemption,
  compareOptimizer,
  compareScheduleChecks,
} from "../helpers/golden_optimizer.ts";
import { GoldenFigures } from "../helpers/network_golden.ts";

const gpu = await openGpu();

describe("adamStep and the schedules against PyTorch", () => {
  it("take the same ten steps under both schedules", async () => {
    const golden = await GoldenFigures.open("optimizer");
    await compareOptimizer(golden, { adamStep, oneCycle, flatCosine }, gpu);
  });

  it("have the rates of the authors' runs", () => {
    compareScheduleChecks({ oneCycle, flatCosine });
  });

  it("decay everything but the biases", () => {
    compareDecayExemption({ parameterTable, decayedSize, flatSize });
  });
});
