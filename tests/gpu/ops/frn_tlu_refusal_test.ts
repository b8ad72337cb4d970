import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { frnTluBackward } from "../../../gpu/ops/frn_tlu_backward.ts";
import { frnTluForward } from "../../../gpu/ops/frn_tlu.ts";
import { openBench, whole } from "../../helpers/gpu/gpu_op.ts";

const { recorder, arena } = await openBench();

describe("frnTlu's refusals", () => {
  const one = whole(arena.tensor("parameter", [16]));
  const parameters = { gamma: one, beta: one, tau: one };
  const gpu = {
    x: arena.tensor("x", [8, 4, 8, 8, 4]),
    scale: arena.tensor("scale", [8, 4, 4]),
    y: arena.tensor("y", [8, 4, 10, 10, 4]),
    dy: arena.tensor("dy", [8, 4, 8, 8, 4]),
    dx: arena.tensor("dx", [8, 4, 10, 10, 4]),
    partial: whole(arena.tensor("partial", [8, 4, 16])),
  };
  const wrong = arena.tensor("wrong", [8, 4, 8, 10, 4]);
  const found = "found shape [8, 4, 8, 10, 4], wanted";
  const count = 8;
  const refusals: [string, string, () => void, string][] = [
    [
      "frnTluForward",
      "y",
      () => frnTluForward(recorder, parameters, { ...gpu, y: wrong }, count),
      "[8, 4, 8, 8, 4]",
    ],
    [
      "frnTluForward",
      "scale",
      () =>
        frnTluForward(recorder, parameters, { ...gpu, scale: wrong }, count),
      "[8, 4, 4]",
    ],
    [
      "frnTluBackward",
      "dy",
      () => frnTluBackward(recorder, parameters, { ...gpu, dy: wrong }, count),
      "[8, 4, 8, 8, 4]",
    ],
    [
      "frnTluBackward",
      "dx",
      () => frnTluBackward(recorder, parameters, { ...gpu, dx: wrong }, count),
      "[8, 4, 10, 10, 4]",
    ],
  ];
  for (const [op, tensor, act, wanted] of refusals) {
    it(`names ${op}'s ${tensor}`, () => {
      assert.throws(act, {
        name: "GpuError",
        message: `Cannot run ${op}: ${tensor}: ${found} ${wanted}`,
      });
    });
  }
});
