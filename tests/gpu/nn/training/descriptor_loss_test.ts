import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { clusteredDescriptors } from "../../../helpers/gpu/descriptor_batch.ts";
import {
  batch,
  boundAnnealing,
  classSizes,
  lossCases,
  referenceLoss,
  runLoss,
  selective,
  stage1,
  teacher,
  weightedTriplet,
} from "../../../helpers/gpu/descriptor_loss.ts";
import { openBench } from "../../../helpers/gpu/gpu_op.ts";
import { expTeacherLoss } from "../../../reference/descriptor_loss.ts";
import { lowerMedian } from "../../../reference/median.ts";
import { tensorOf } from "../../../reference/tensor.ts";

const { gpu } = await openBench();

describe("DescriptorLoss", () => {
  for (const [name, options] of lossCases) {
    it(`agrees with the float64 reference: ${name}`, async () => {
      const got = await runLoss(gpu, batch, teacher, options);
      const wanted = referenceLoss(batch, teacher, options);
      const { rounds } = wanted;
      assert.ok(
        Math.abs(got.statistics.loss - wanted.loss) <=
          1e-6 * Math.max(1, wanted.loss),
        `loss ${got.statistics.loss} against ${wanted.loss}`,
      );
      const largest = Math.max(...wanted.gradient.data.map(Math.abs));
      assert.ok(largest > 0);
      // Among small weights the rounding of the f32 level b_T − a_T shows.
      const tolerance =
        (options.threshold === selective.threshold ? 4e-6 : 1e-6) * largest;
      got.gradient.forEach((value, i) =>
        assert.ok(
          Math.abs(value - wanted.gradient.data[i]) <= tolerance,
          `gradient ${i}: ${value} against ${wanted.gradient.data[i]}`,
        )
      );
      const lastPairs = rounds[rounds.length - 1].pairs;
      assert.deepEqual(
        [...got.pairs],
        lastPairs.positives.flatMap((pair, c) => [
          ...pair,
          ...lastPairs.negatives[c],
        ]),
      );
      const weights = rounds.flatMap((round) => round.weights);
      const near = (value: number, exact: number) =>
        assert.ok(Math.abs(value - exact) < 2e-6, `${value} against ${exact}`);
      const mean = (values: number[]) =>
        values.reduce((sum, value) => sum + value, 0) / values.length;
      near(
        got.statistics.meanPositive,
        mean(rounds.flatMap((round) => round.positiveDistances)),
      );
      near(
        got.statistics.meanNegative,
        mean(rounds.flatMap((round) => round.negativeDistances)),
      );
      near(
        got.statistics.medianPositive,
        mean(rounds.map((round) => lowerMedian(round.positiveDistances))),
      );
      near(
        got.statistics.medianNegative,
        mean(rounds.map((round) => lowerMedian(round.negativeDistances))),
      );
      near(
        got.statistics.zeroWeightShare,
        mean(weights.map((weight) => weight === 0 ? 1 : 0)),
      );
      if (["tripletMargin_o", "tripletTeacher"].includes(options.kind)) {
        assert.equal(got.statistics.zeroPosition, undefined);
      } else {
        near(
          got.statistics.zeroPosition as number,
          mean(rounds.map((round) => round.negativeBound / 2)),
        );
      }
      const histogram = new Array<number>(16).fill(0);
      for (const weight of weights) {
        histogram[Math.min(15, Math.floor(weight * 16))]++;
      }
      assert.deepEqual(got.statistics.weightHistogram, histogram);
      assert.equal(got.statistics.pairCount, weights.length);
      assert.equal(
        got.statistics.levelHistogram.reduce((sum, count) => sum + count, 0),
        weights.length,
      );
    });
  }

  it("meets every part of the weight and of the clamp in these cases", () => {
    const { rounds: [round] } = referenceLoss(batch, teacher, selective);
    for (const part of [0, 1]) {
      assert.ok(round.weights.includes(part), `W = ${part}`);
    }
    assert.ok(round.weights.some((weight) => weight > 0 && weight < 1));
    assert.ok(round.negativeDistances.some((b) => b > selective.B / 2));
    assert.ok(round.negativeDistances.some((b) => b < selective.B / 2));
    const { rounds: [triplet] } = referenceLoss(
      batch,
      teacher,
      weightedTriplet,
    );
    assert.ok(triplet.weights.includes(0) && triplet.weights.includes(1));
    assert.ok(triplet.weights.some((weight) => weight > 0 && weight < 1));
    const { rounds: [annealed] } = referenceLoss(
      batch,
      teacher,
      boundAnnealing,
    );
    assert.ok(annealed.weights.includes(0) && annealed.weights.includes(1));
  });

  it("has the slope of the float64 loss, by central differences", async () => {
    const options = { ...selective, negNum: 2 };
    const got = await runLoss(gpu, batch, teacher, options);
    const step = 1e-6;
    for (let d = 0; d < 4; d++) {
      const direction = clusteredDescriptors(classSizes, 40 + d).rows;
      const lossAt = (shift: number) => {
        const rows = Float64Array.from(
          batch.rows,
          (value, i) => value + shift * direction[i],
        );
        return expTeacherLoss(
          tensorOf([batch.labels.length, 128], rows),
          tensorOf([batch.labels.length, 128], teacher),
          batch.labels,
          { ...options, use_stB: false, neg_num: options.negNum },
        ).loss;
      };
      const wanted = (lossAt(step) - lossAt(-step)) / (2 * step);
      const slope = got.gradient.reduce(
        (sum, value, i) => sum + value * direction[i],
        0,
      );
      assert.ok(
        Math.abs(slope - wanted) <= 1e-3 * Math.abs(wanted),
        `${slope} against ${wanted}`,
      );
    }
  });

  it("sorts levels into 64 parts of [-2, 2]", async () => {
    const { statistics } = await runLoss(gpu, batch, teacher, stage1);
    const { rounds: [{ pairs }] } = referenceLoss(batch, teacher, stage1);
    const distance = ([i, j]: [number, number]) =>
      Math.hypot(...Array.from(
        { length: 128 },
        (_, d) => teacher[i * 128 + d] - teacher[j * 128 + d],
      ));
    const histogram = new Array<number>(64).fill(0);
    pairs.positives.forEach((positive, c) => {
      const level = distance(pairs.negatives[c]) - distance(positive);
      histogram[Math.floor((level + 2) * 16)]++;
    });
    assert.deepEqual(statistics.levelHistogram, histogram);
  });
});
