import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { flatCosine, oneCycle } from "../../pipeline/training/schedule.ts";
import { GoldenFigures, unordered } from "../helpers/golden/network_golden.ts";
import {
  adamStep,
  freshAdamState,
  isExemptFromDecay,
} from "../reference/adam.ts";
import {
  annealingLoss,
  type AnnealingOptions,
  balanceLoss,
  type DescriptorLoss,
  expTeacherLoss,
  type ExpTeacherOptions,
  tripletMarginLoss,
  tripletTeacherLoss,
} from "../reference/descriptor_loss.ts";
import { compareSchedules } from "../helpers/golden/golden_optimizer.ts";
import { goldenUniform } from "../helpers/golden/golden_hash.ts";
import type { Tensor } from "../reference/tensor.ts";

/** A case of the golden losses: which loss, and its options. */
type LossCase =
  | { kind: "expTeacher" | "balance" } & ExpTeacherOptions
  | { kind: "annealing" } & AnnealingOptions
  | { kind: "triplet"; marginpos: number }
  | {
    kind: "tripletTeacher";
    marginpos: number;
    threshold: number;
    upper: number;
  };

const golden = await GoldenFigures.open("losses");
const labels = golden.exact("labels").data;
const teacher = golden.exact("teacher");

function lossOf(options: LossCase, descriptors: Tensor): DescriptorLoss {
  switch (options.kind) {
    case "expTeacher":
      return expTeacherLoss(descriptors, teacher, labels, options);
    case "balance":
      return balanceLoss(descriptors, labels, options);
    case "annealing":
      return annealingLoss(descriptors, labels, options);
    case "triplet":
      return tripletMarginLoss(descriptors, labels, options.marginpos);
    case "tripletTeacher":
      return tripletTeacherLoss(descriptors, teacher, labels, options);
  }
}

describe("reference losses against PyTorch", () => {
  for (const batch of ["generic", "tied", "near"]) {
    for (const name of Object.keys(golden.options)) {
      if (!golden.has(`${batch}.${name}.loss`)) continue;
      it(`agree on ${name} of the ${batch} batch`, () => {
        const options = golden.optionsOf<LossCase>(name);
        const { loss, gradient, rounds } = lossOf(options, golden.exact(batch));
        golden.compare(`${batch}.${name}.loss`, [loss], { entry: 1e-12 });
        golden.compare(`${batch}.${name}.gradient`, gradient.data, {
          entry: 1e-7,
        });
        const wantedRounds = options.kind === "expTeacher"
          ? options.neg_num
          : 1;
        assert.equal(rounds.length, wantedRounds);
        rounds.forEach((round, turn) => {
          const at = `${batch}.${name}.round${turn}`;
          const { positives, negatives } = round.pairs;
          assert.deepEqual(
            unordered(positives),
            golden.unorderedPairs(`${at}.positives`),
          );
          assert.deepEqual(
            unordered(negatives),
            golden.unorderedPairs(`${at}.negatives`),
          );
          golden.compare(`${at}.a`, round.positiveDistances, { entry: 1e-12 });
          golden.compare(`${at}.b`, round.negativeDistances, { entry: 1e-12 });
          golden.compare(`${at}.W`, round.weights, { entry: 1e-12 });
          const bound = golden.scalar(`${at}.B`);
          if (Number.isFinite(bound)) {
            golden.compare(`${at}.B`, [round.negativeBound], { entry: 1e-12 });
          } else assert.equal(round.negativeBound, bound);
        });
      });
    }
  }

  it("meet all three regimes of the weight, clamped and free negatives", () => {
    const weights = [...golden.exact("generic.expTeacher.round0.W").data];
    assert.ok(weights.includes(0) && weights.includes(1));
    assert.ok(weights.some((weight) => weight > 0 && weight < 1));
    const { B } = golden.optionsOf<ExpTeacherOptions>("balance");
    const clamped = [...golden.exact("generic.balance.round0.b").data].map((
      b,
    ) => b > B / 2);
    assert.deepEqual(new Set(clamped), new Set([true, false]));
  });

  it("meet pairs on both sides of the nearest that counts", () => {
    const pairs = golden.unorderedPairs("near.expTeacher.round0.negatives");
    const met = (row: number, other: number) =>
      pairs.some(([first, second]) => first === row && second === other);
    assert.ok(!met(0, 4), "0.00789 is too near");
    assert.ok(met(9, 16), "0.00803 is not");
  });
});

describe("the schedules against PyTorch", () => {
  it("have the same rates", async () => {
    const figures = await GoldenFigures.open("optimizer");
    compareSchedules(figures, { oneCycle, flatCosine });
  });
});

describe("reference optimizer against PyTorch", () => {
  it("takes the same ten steps under both schedules", async () => {
    const figures = await GoldenFigures.open("optimizer");
    const shapes = figures.optionsOf<Record<string, number[]>>("shapes");
    const rule = figures.optionsOf<
      { steps: number; decay: number; oneCycle: number; flatCosine: number }
    >("rule");
    for (const [title, schedule] of Object.entries({ oneCycle, flatCosine })) {
      const maximum = rule[title as "oneCycle" | "flatCosine"];
      Object.entries(shapes).forEach(([name, shape], index) => {
        const count = shape.reduce((product, extent) => product * extent, 1);
        const parameter = goldenUniform(name, count).map((u) =>
          Math.fround(2 * u - 1)
        );
        const state = freshAdamState(count);
        for (let step = 0; step < rule.steps; step++) {
          const gradient = goldenUniform(`gradient.${step}.${name}`, count)
            .map((u) => Math.fround((2 * u - 1) * 10 ** (-2 * index)));
          const rates = schedule(step, rule.steps, maximum);
          adamStep(parameter, gradient, state, {
            step: step + 1,
            ...rates,
            weightDecay: isExemptFromDecay(name) ? 0 : rule.decay,
          });
          figures.compare(`${title}.${step + 1}.${name}`, parameter, {
            entry: 1e-12,
          });
        }
      });
    }
  });
});
