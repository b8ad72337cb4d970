import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  checkGradient,
  randomDescriptors,
} from "../helpers/gpu/gradient_check.ts";
import {
  annealingLoss,
  balanceLoss,
  balanceWeight,
  expTeacherLoss,
  tripletMarginLoss,
  tripletTeacherLoss,
} from "./descriptor_loss.ts";
import { distanceMatrix, mineHardest } from "./hardest_in_batch.ts";
import { lowerMedian } from "./median.ts";
import { tensorOf } from "./tensor.ts";

/** Unit vectors in the plane at the given angles, in degrees. */
function planar(angles: number[]) {
  const radians = angles.map((angle) => angle * Math.PI / 180);
  return tensorOf(
    [angles.length, 2],
    radians.flatMap((x) => [Math.cos(x), Math.sin(x)]),
  );
}

describe("reference mining", () => {
  it("takes the farthest of the own label and the nearest of another, once per class", () => {
    const descriptors = planar([0, 10, 25, 31, 90, 95]);
    const pairs = mineHardest(descriptors, [7, 7, 7, 3, 3, 3]);
    assert.deepEqual(pairs.positives, [[3, 5], [0, 2]]); // class 3 first: ascending labels
    assert.deepEqual(pairs.negatives, [[3, 2], [2, 3]]);
  });

  it("never takes a negative as near as 0.008, and excludes what earlier rounds used", () => {
    const descriptors = planar([0, 20, 0.4, 50]); // row 2 is 0.007 from row 0
    const labels = [0, 0, 1, 1];
    const used = new Uint8Array(16);
    assert.deepEqual(mineHardest(descriptors, labels, used).negatives, [
      [1, 2],
      [2, 1],
    ]);
    assert.deepEqual(mineHardest(planar([0, 20, 0.6, 50]), labels).negatives, [[
      0,
      2,
    ], [2, 0]]);
    assert.equal([...used].reduce((sum, flag) => sum + flag, 0), 4);
    assert.throws(
      () => mineHardest(descriptors, labels, used),
      /row 0 has no negative left/,
    );
  });

  it("lets the first index win a tie", () => {
    const descriptors = planar([0, 90, 180, 270]);
    const pairs = mineHardest(descriptors, [0, 1, 0, 1]);
    assert.deepEqual(pairs.positives, [[0, 2], [1, 3]]);
    assert.deepEqual(pairs.negatives, [[0, 1], [1, 0]]);
  });

  it("adds 1e-6 under the root", () => {
    assert.equal(distanceMatrix(planar([0, 0])).data[1], 1e-3);
  });

  it("takes the lower of two middle values as the median", () => {
    assert.equal(lowerMedian([4, 1, 3, 2]), 2);
    assert.equal(lowerMedian([5, 1, 3]), 3);
  });
});

describe("reference losses", () => {
  const labels = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4];
  const descriptors = randomDescriptors("student", labels.length, 5);
  const teacher = randomDescriptors("teacher", labels.length, 5);
  const balance = { R: 1.1, B: 1.9, A: 1.05, use_stB: false, neg_num: 1 };
  const weighting = { threshold: -0.6, upper: 0.4 };

  it("weight levels in three regimes", () => {
    assert.equal(balanceWeight(-0.55, -0.55, 0.1), 0);
    assert.equal(balanceWeight(0.1, -0.55, 0.1), 1);
    assert.equal(balanceWeight(-0.225, -0.55, 0.1), 0.75);
    assert.equal(balanceWeight(-9, 0.1, 0.1), 1);
  });

  it("have the gradient of ExpTeacher with a constant bound, in one round and in two", () => {
    for (const neg_num of [1, 2]) {
      const options = { ...balance, ...weighting, neg_num };
      const result = expTeacherLoss(descriptors, teacher, labels, options);
      const [{ negativeDistances, weights }] = result.rounds;
      const clamped = negativeDistances.map((b) => b > balance.B / 2);
      assert.deepEqual(new Set(clamped), new Set([true, false]));
      assert.ok(weights.some((weight) => weight > 0 && weight < 1));
      assert.ok(weights.includes(0) && weights.includes(1), `${weights}`);
      const evaluate = () =>
        expTeacherLoss(descriptors, teacher, labels, options).loss;
      checkGradient("descriptors", evaluate, descriptors, result.gradient, {
        step: 1e-6,
      });
    }
  });

  it("clamp a far negative, which then pulls no more", () => {
    const result = balanceLoss(planar([0, 10, 180, 190]), [0, 0, 1, 1], {
      ...balance,
      R: 0,
    });
    assert.deepEqual([...result.gradient.data], new Array(8).fill(0));
    assert.ok(Math.abs(result.loss - (5 - (1.9 / 2) ** 2)) < 1e-12);
  });

  it("take the data-driven bound as a constant in the gradient", () => {
    const options = { ...balance, ...weighting, use_stB: true };
    const driven = expTeacherLoss(descriptors, teacher, labels, options);
    const round = driven.rounds[0];
    const bound = 2 *
      (lowerMedian(round.negativeDistances) +
        1.05 * lowerMedian(round.positiveDistances));
    assert.equal(round.negativeBound, bound);
    const constant = expTeacherLoss(descriptors, teacher, labels, {
      ...options,
      use_stB: false,
      B: bound,
    });
    assert.deepEqual(driven.gradient, constant.gradient);
    assert.equal(driven.loss, constant.loss);
  });

  it("have the gradient of the unweighted balance loss", () => {
    const evaluate = () => balanceLoss(descriptors, labels, balance).loss;
    checkGradient(
      "descriptors",
      evaluate,
      descriptors,
      balanceLoss(descriptors, labels, balance).gradient,
    );
  });

  it("have the gradient of the annealing loss, with some classes out", () => {
    const options = { R: 1, B: 4.25, threshold: -1.1 };
    const result = annealingLoss(descriptors, labels, options);
    assert.deepEqual(new Set(result.rounds[0].weights), new Set([0, 1]));
    const evaluate = () => annealingLoss(descriptors, labels, options).loss;
    checkGradient("descriptors", evaluate, descriptors, result.gradient);
  });

  it("judge the annealing weight by the clamped distance", () => {
    const angles = [0, 10, 180, 190]; // a = 0.174, b = 1.97 clamped to 0.5
    const weights = annealingLoss(planar(angles), [0, 0, 1, 1], {
      R: 1,
      B: 1,
      threshold: 0.4,
    });
    assert.deepEqual(weights.rounds[0].weights, [0, 0]);
  });

  it("have the gradient of the triplet loss", () => {
    const result = tripletMarginLoss(descriptors, labels, 0.2);
    assert.deepEqual(new Set(result.rounds[0].weights), new Set([1]));
    const evaluate = () => tripletMarginLoss(descriptors, labels, 0.2).loss;
    checkGradient("descriptors", evaluate, descriptors, result.gradient);
    const satisfied = tripletMarginLoss(
      planar([0, 10, 180, 190]),
      [0, 0, 1, 1],
      0.2,
    );
    assert.equal(satisfied.loss, 0);
  });

  it("have the gradient of the triplet loss under the teacher's weights", () => {
    const options = { marginpos: 0.6, threshold: -0.6, upper: 0.4 };
    const lossOf = () =>
      tripletTeacherLoss(descriptors, teacher, labels, options);
    const { weights } = lossOf().rounds[0];
    assert.ok(weights.some((weight) => weight > 0 && weight < 1), `${weights}`);
    const evaluate = () => lossOf().loss;
    checkGradient("descriptors", evaluate, descriptors, lossOf().gradient);
    const plain = tripletMarginLoss(descriptors, labels, 0.6);
    const unweighted = tripletTeacherLoss(descriptors, teacher, labels, {
      ...options,
      upper: options.threshold,
    });
    assert.deepEqual(unweighted.gradient, plain.gradient);
    assert.ok(lossOf().loss < plain.loss);
  });
});
