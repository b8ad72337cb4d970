import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  batchStatistics,
  normalizeDescriptors,
  runningStatistics,
} from "../../../gpu/ops/batch_norm.ts";
import { normalizeDescriptorsBackward } from "../../../gpu/ops/batch_norm_backward.ts";
import { openBench } from "../../helpers/gpu/gpu_op.ts";

const { recorder, arena } = await openBench();

const tensor = (label: string, shape: number[]) => arena.tensor(label, shape);
const fitting = {
  z: tensor("z", [40, 16]),
  statistics: tensor("statistics", [2, 16]),
  running: tensor("running", [2, 16]),
  descriptors: tensor("descriptors", [2, 16, 32]),
  norm: tensor("norm", [40]),
  descriptorGradient: tensor("gradient", [2, 16, 32]),
  sums: tensor("sums", [2, 16]),
  dz: tensor("dz", [40, 16]),
};
const ops = {
  batchStatistics: (changed: object) =>
    batchStatistics(recorder, { ...fitting, ...changed }, 40),
  runningStatistics: (changed: object) =>
    runningStatistics(recorder, { ...fitting, ...changed }),
  normalizeDescriptors: (changed: object) =>
    normalizeDescriptors(recorder, { ...fitting, ...changed }),
  normalizeDescriptorsBackward: (changed: object) =>
    normalizeDescriptorsBackward(recorder, { ...fitting, ...changed }, 40),
};
const wrong = tensor("wrong", [3, 16]);

describe("BatchNorm's refusals", () => {
  const refusals: [keyof typeof ops, string, string][] = [
    ["batchStatistics", "statistics", "[2, 16]"],
    ["batchStatistics", "running", "[2, 16]"],
    ["runningStatistics", "statistics", "[2, 16]"],
    ["normalizeDescriptors", "descriptors", "[2, 16, 32]"],
    ["normalizeDescriptors", "norm", "[40]"],
    ["normalizeDescriptorsBackward", "descriptorGradient", "[2, 16, 32]"],
    ["normalizeDescriptorsBackward", "dz", "[40, 16]"],
    ["normalizeDescriptorsBackward", "sums", "[2, 16]"],
  ];
  for (const [op, name, wanted] of refusals) {
    it(`name ${op}'s ${name}`, () => {
      assert.throws(() => ops[op]({ [name]: wrong }), {
        name: "GpuError",
        message:
          `Cannot run ${op}: ${name}: found shape [3, 16], wanted ${wanted}`,
      });
    });
  }
});
