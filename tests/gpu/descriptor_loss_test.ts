import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type Gpu, openGpu } from "../../gpu/device.ts";
import { DescriptorLoss } from "../../gpu/nn/descriptor_loss.ts";
import type { LossOptions } from "../../gpu/ops/descriptor_loss.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { Arena } from "../../gpu/tensor.ts";
import {
  batchOf,
  clusteredDescriptors,
  type DescriptorBatch,
  fromBlocks,
  toBlocks,
  unit,
  upload,
} from "../helpers/descriptor_batch.ts";
import {
  annealingLoss,
  balanceLoss,
  type DescriptorLoss as ReferenceLoss,
  expTeacherLoss,
  tripletMarginLoss,
} from "../reference/descriptor_loss.ts";
import { lowerMedian } from "../reference/median.ts";
import { tensorOf } from "../reference/tensor.ts";

const stage1: LossOptions = {
  kind: "ExpTeacher",
  R: 1,
  B: 3.7,
  A: 1.05,
  useStB: true,
  threshold: -0.55,
  upper: 0.1,
  marginpos: 1,
  negNum: 1,
};

describe("DescriptorLoss", () => {
  let gpu: Gpu;
  let arena: Arena;
  let recorder: Recorder;
  beforeEach(async () => {
    gpu = await openGpu();
    arena = new Arena(gpu);
    recorder = new Recorder(gpu);
  });
  afterEach(() => {
    recorder[Symbol.dispose]();
    arena[Symbol.dispose]();
    gpu[Symbol.dispose]();
  });

  async function run(
    batch: DescriptorBatch,
    teacher: Float32Array,
    options: LossOptions,
    padding = 0.5,
  ) {
    const samples = batch.labels.length;
    const inputs = upload(arena, batch, padding);
    const shape = inputs.descriptors.shape;
    using loss = new DescriptorLoss(gpu, {
      samples,
      classes: inputs.classCount,
    });
    const gradient = arena.tensorOf(
      "gradient",
      shape,
      new Float32Array(shape[0] * 4096).fill(7),
    );
    loss.record(
      recorder,
      {
        ...inputs,
        teacher: arena.tensorOf("teacher", shape, toBlocks(teacher, padding)),
      },
      options,
      gradient,
    );
    recorder.submit();
    const blocks = await gradient.readFloats();
    return {
      statistics: await loss.readStatistics(),
      pairs: await loss.readPairs(),
      blocks,
      gradient: fromBlocks(blocks, samples),
    };
  }

  function expected(
    batch: DescriptorBatch,
    teacherRows: Float32Array,
    o: LossOptions,
  ): ReferenceLoss {
    const shape = [batch.labels.length, 128];
    const rows = tensorOf(shape, batch.rows);
    const balance = {
      R: o.R,
      B: o.B,
      A: o.A,
      use_stB: o.useStB,
      neg_num: o.negNum,
    };
    switch (o.kind) {
      case "ExpTeacher":
        return expTeacherLoss(
          rows,
          tensorOf(shape, teacherRows),
          batch.labels,
          { ...balance, threshold: o.threshold, upper: o.upper },
        );
      case "balance":
        return balanceLoss(rows, batch.labels, balance);
      case "tripletMargin++":
        return annealingLoss(rows, batch.labels, o);
      case "tripletMargin_o":
        return tripletMarginLoss(rows, batch.labels, o.marginpos);
    }
  }

  const sizes = Array.from({ length: 37 }, (_, c) => 1 + (c * 7) % 4);
  const batch = clusteredDescriptors(sizes, 21, 1.3);
  const teacher = clusteredDescriptors(sizes, 21, 1.5).rows;
  const selective = {
    ...stage1,
    useStB: false,
    B: 2.45,
    threshold: -0.02,
    upper: 1,
  };
  const annealing: LossOptions = {
    ...stage1,
    kind: "tripletMargin++",
    B: 4.25,
    useStB: false,
    threshold: -0.1,
  };
  const cases: [string, LossOptions][] = [
    ["ExpTeacher with the data's zero position", stage1],
    ["ExpTeacher with constant B", { ...stage1, useStB: false, B: 2.1 }],
    ["ExpTeacher with weights of all kinds", selective],
    ["ExpTeacher with equal thresholds", { ...stage1, upper: -0.55 }],
    ["ExpTeacher in three rounds", { ...stage1, negNum: 3 }],
    ["balance", { ...stage1, kind: "balance", R: 1.5, A: 0.2 }],
    ["tripletMargin++", annealing],
    ["tripletMargin++ with a bound that acts", {
      ...annealing,
      B: 2.4,
      threshold: 0.02,
    }],
    ["tripletMargin_o", { ...stage1, kind: "tripletMargin_o", marginpos: 0.1 }],
  ];
  for (const [name, options] of cases) {
    it(`agrees with the float64 reference: ${name}`, async () => {
      const got = await run(batch, teacher, options);
      const wanted = expected(batch, teacher, options);
      const { rounds } = wanted;
      assert.ok(
        Math.abs(got.statistics.loss - wanted.loss) <=
          1e-6 * Math.max(1, wanted.loss),
        `loss ${got.statistics.loss} against ${wanted.loss}`,
      );
      const largest = Math.max(...wanted.gradient.data.map(Math.abs));
      assert.ok(largest > 0);
      // Among small weights the rounding of the f32 level b_T − a_T shows.
      const tolerance = (options === selective ? 4e-6 : 1e-6) * largest;
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
      if (options.kind === "tripletMargin_o") {
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
    const { rounds: [round] } = expected(batch, teacher, selective);
    for (const part of [0, 1]) {
      assert.ok(round.weights.includes(part), `W = ${part}`);
    }
    assert.ok(round.weights.some((weight) => weight > 0 && weight < 1));
    assert.ok(round.negativeDistances.some((b) => b > selective.B / 2));
    assert.ok(round.negativeDistances.some((b) => b < selective.B / 2));
    const { rounds: [annealed] } = expected(batch, teacher, {
      ...annealing,
      B: 2.4,
      threshold: 0.02,
    });
    assert.ok(annealed.weights.includes(0) && annealed.weights.includes(1));
  });

  it("has the slope of the float64 loss, by central differences", async () => {
    const options = { ...selective, negNum: 2 };
    const got = await run(batch, teacher, options);
    const step = 1e-6;
    for (let d = 0; d < 4; d++) {
      const direction = clusteredDescriptors(sizes, 40 + d).rows;
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
    const { statistics } = await run(batch, teacher, stage1);
    const { rounds: [{ pairs }] } = expected(batch, teacher, stage1);
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

  it("is zero in padding rows and blind to what they hold", async () => {
    assert.notEqual(batch.labels.length % 32, 0);
    const first = await run(batch, teacher, stage1, 0.5);
    const second = await run(batch, teacher, stage1, NaN);
    assert.deepEqual(second, first);
    const rows = fromBlocks(first.blocks, first.blocks.length / 128);
    const padding = rows.subarray(batch.labels.length * 128);
    assert.ok(padding.length > 0 && padding.every((value) => value === 0));
  });

  it("gives the same bits again", async () => {
    const options = { ...stage1, negNum: 2 };
    assert.deepEqual(
      await run(batch, teacher, options),
      await run(batch, teacher, options),
    );
  });

  it("has no gradient between equal rows", async () => {
    // The first class gives its only patch twice, as a batch does with a class of one.
    const axis = (k: number) =>
      unit(Array.from({ length: 128 }, (_, d) => d === k ? 1 : 0.01));
    const twins = batchOf(
      [axis(0), axis(0), axis(1), axis(1), axis(1)],
      [2, 3],
    );
    const options = {
      ...stage1,
      kind: "tripletMargin_o",
      marginpos: 2,
    } as const;
    const got = await run(twins, twins.rows, options);
    const wanted = expected(twins, twins.rows, options);
    assert.equal(got.statistics.meanPositive, 0);
    got.gradient.forEach((value, i) =>
      assert.ok(Math.abs(value - wanted.gradient.data[i]) <= 1e-6)
    );
  });

  it("shows in the loss that the descriptors are not numbers", async () => {
    for (const [, options] of cases) {
      // All of them: the batch's statistics spread one patch's failure.
      const broken = { ...batch, rows: batch.rows.map(() => NaN) };
      const { statistics } = await run(broken, teacher, options);
      assert.ok(Number.isNaN(statistics.loss), options.kind);
    }
  });

  it("refuses ExpTeacher without a teacher and no rounds", () => {
    using loss = new DescriptorLoss(gpu, { samples: 200, classes: 40 });
    const inputs = upload(arena, batch);
    const gradient = arena.tensor("gradient", inputs.descriptors.shape);
    assert.throws(() => loss.record(recorder, inputs, stage1, gradient), {
      name: "GpuError",
      message:
        "Cannot run descriptorLoss: ExpTeacher: found no teacher, wanted the teacher's descriptors",
    });
    assert.throws(
      () =>
        loss.record(
          recorder,
          inputs,
          { ...stage1, kind: "balance", negNum: 0 },
          gradient,
        ),
      /negNum: found 0, wanted an integer of at least 1/,
    );
  });
});
