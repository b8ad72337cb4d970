import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { flopsOf } from "../../../gpu/costs/cost.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { readDeviceDescription } from "./device_description.ts";
import { modelStep } from "./model_step.ts";
import { modelTable, summaryTable } from "./model_table.ts";
import { predictDispatch } from "./predict_dispatch.ts";
import { recordDispatches } from "./recorded_dispatches.ts";

const device = readDeviceDescription("m2");
const patches = 48;
const { dispatches, submits } = recordDispatches({
  architecture: sdgmnet128,
  work: "step",
  patches,
  deviceClass: device.deviceClass,
});

describe("modelStep", () => {
  it("adds up every dispatch of a real step, by kernel and shape", () => {
    const step = modelStep(dispatches, patches, device);
    let [timeMs, flops, bytes] = [0, 0, 0];
    for (
      const { dispatch: { groups: [x, y = 1, z = 1] }, text, cost }
        of dispatches
    ) {
      const cut = { workgroups: x * y * z, groupThreads: text.groupThreads };
      timeMs += predictDispatch(cost!, cut, device).timeMs;
      flops += flopsOf(cost!);
      bytes += cost!.bytes;
    }
    const near = (found: number, wanted: number) =>
      assert.ok(Math.abs(found / wanted - 1) < 1e-9, `${found} ${wanted}`);
    near(step.predictedMs, timeMs);
    near(step.flops, flops);
    near(step.bytes, bytes);
    near(step.patchesPerSecond, patches / timeMs * 1000);
    near(step.shareOfPeak, flops / 1e6 / timeMs / device.fp32Gflops);
    const { kernels } = step;
    assert.equal(
      kernels.reduce((sum, { dispatches }) => sum + dispatches, 0),
      dispatches.length,
    );
    assert.ok(
      kernels.every(({ predictedMs }, at) =>
        at === 0 || predictedMs <= kernels[at - 1].predictedMs
      ),
    );
    assert.ok(kernels.some(({ measuredMs }) => measuredMs === undefined));
  });

  it("puts what was measured beside it", () => {
    const measured = dispatches.map((_, index) => index % 2);
    const step = modelStep(dispatches, patches, device, measured);
    assert.equal(
      step.kernels.reduce((sum, { measuredMs }) => sum + measuredMs!, 0),
      Math.floor(dispatches.length / 2),
    );
    const table = modelTable("A step", step, submits);
    assert.match(table, /predicted \/ measured \|\n/);
    assert.match(table, /measured \d+\.0 ms of kernels/);
  });

  it("is told as a table with a line for each", () => {
    const step = modelStep(dispatches, patches, device);
    const table = modelTable("A step", step, submits);
    assert.equal(table.split("\n").length, 3 + 1 + 2 + step.kernels.length);
    assert.match(table, /^A step, 48 patches, by calculation: Apple M2/);
    assert.doesNotMatch(table, /NaN|undefined|Infinity|measured/);
  });

  it("is told of several devices in a line each", () => {
    const rows = ["m2", "h100"].map((name) => {
      const step = modelStep(dispatches, patches, readDeviceDescription(name));
      return { step, forward: step };
    });
    const table = summaryTable(rows);
    assert.equal(table.split("\n").length, 2 + 2);
    assert.match(table, /\| Apple M2, 10 GPU cores \| 3\.6 \|/);
    assert.doesNotMatch(table, /NaN|undefined|Infinity/);
  });

  it("refuses a kernel that has no cost", () => {
    const unknown = dispatches.map((one) => ({ ...one, cost: undefined }));
    assert.throws(() => modelStep(unknown, patches, device), /has no cost/);
  });
});
