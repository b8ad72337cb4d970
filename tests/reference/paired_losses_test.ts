import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  checkGradient,
  randomDescriptors,
  randomTensor,
} from "../helpers/gpu/gradient_check.ts";
import {
  pairedLossNames,
  pairedOptions,
  referencePairedLoss,
} from "../helpers/golden/paired_losses.ts";
import { hardestNegatives } from "./losses/paired_views.ts";
import { initialRunning, sdgmNetLoss } from "./losses/sdgmnet.ts";
import { neighbours } from "./losses/second_order.ts";
import { tensorOf, zeros } from "./tensor.ts";

const classes = 13;
const dimension = 5;
const rows = randomDescriptors("paired", 2 * classes, dimension);
const norms = randomTensor("norms", [2 * classes], 9, 13).data;

/** Rows in the plane at the given angles, in degrees. */
function planar(...degrees: number[]) {
  return tensorOf(
    [degrees.length, 2],
    degrees.flatMap((angle) => [
      Math.cos(angle * Math.PI / 180),
      Math.sin(angle * Math.PI / 180),
    ]),
  );
}

describe("the reference losses of two views a class", () => {
  for (const kind of pairedLossNames) {
    it(`have the gradient of ${kind}`, () => {
      // SDGMNet's weights are constants, so only their first step, where all are 1, has a gradient by differences.
      const step = { options: pairedOptions(kind), progress: 0 };
      const lossOf = () => referencePairedLoss(rows, norms, step);
      const { gradient, normGradient, weights } = lossOf();
      assert.ok(weights.some((weight) => weight > 0));
      checkGradient(kind, () => lossOf().loss, rows, gradient);
      if (normGradient === undefined) return;
      const lengths = tensorOf([norms.length], norms);
      const evaluateNorms = () =>
        referencePairedLoss(rows, lengths.data, step).loss;
      checkGradient(
        `${kind} by lengths`,
        evaluateNorms,
        lengths,
        tensorOf([norms.length], normGradient),
      );
    });
  }

  it("mine the other view only, or both", () => {
    // Left views at 0 and 20 degrees, right ones at 50 and 75.
    const views = planar(0, 50, 20, 75);
    assert.deepEqual(hardestNegatives(views), [[0, 2], [2, 0]]);
    assert.deepEqual(hardestNegatives(views, { otherView: true }), [
      [1, 2],
      [2, 1],
    ]);
  });

  it("have no negative where all are too near", () => {
    const views = planar(0, 50, 0, 50);
    const found = hardestNegatives(views, { beyond: 1 });
    assert.deepEqual(found, [undefined, undefined]);
    const { loss, gradient } = referencePairedLoss(
      planar(0, 0.1, 0.2, 0.3),
      [],
      { options: pairedOptions("HardNet"), progress: 0 },
    );
    assert.equal(loss, 0);
    assert.deepEqual(gradient, zeros(4, 2));
  });

  it("choose eight neighbours in each of four lists, both ways round", () => {
    const chosen = neighbours(rows);
    for (let i = 0; i < classes; i++) {
      assert.equal(chosen[i * classes + i], 0);
      let count = 0;
      for (let j = 0; j < classes; j++) {
        assert.equal(chosen[i * classes + j], chosen[j * classes + i]);
        count += chosen[i * classes + j];
      }
      assert.ok(count >= 8 && count < classes);
    }
  });

  it("move SDGMNet's figures by a thousandth, but for those the first batch sets", () => {
    const first = sdgmNetLoss(rows, 0, initialRunning).running;
    const other = randomDescriptors("other", 2 * classes, dimension);
    const fresh = sdgmNetLoss(other, 0, initialRunning).running;
    const second = sdgmNetLoss(other, 0, first).running;
    assert.equal(first[4], -1);
    assert.equal(first[6], 0.999 * 10000 + 0.001 * classes);
    for (const at of [0, 1, 2, 3, 5]) {
      const wanted = 0.999 * first[at] + 0.001 * fresh[at];
      assert.ok(Math.abs(second[at] - wanted) < 1e-12, `figure ${at}`);
    }
    assert.ok(second[4] > -1);
  });

  it("weigh SDGMNet's triplets by their hardness after a tenth of the steps", () => {
    const running = [...initialRunning] as typeof initialRunning;
    [0.5, 0.2, 0.4, 0.2, 1.1, 0.3].forEach((figure, at) =>
      running[at] = figure
    );
    const early = sdgmNetLoss(rows, 0.0999, running);
    assert.deepEqual(new Set(early.weights), new Set([1]));
    const late = sdgmNetLoss(rows, 0.1, running);
    assert.ok(late.weights.some((weight) => weight === 0));
    assert.ok(late.weights.some((weight) => weight > 0 && weight < 1));
  });
});
