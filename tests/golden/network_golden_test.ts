import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { oneCycle } from "../../pipeline/training/schedule.ts";
import {
  goldenDropoutRate,
  GoldenFigures,
  goldenKeepMask,
  goldenState,
} from "../helpers/golden/network_golden.ts";
import {
  adamStep,
  freshAdamState,
  isExemptFromDecay,
} from "../reference/adam.ts";
import {
  annealingLoss,
  type AnnealingOptions,
  expTeacherLoss,
  type ExpTeacherOptions,
} from "../reference/descriptor_loss.ts";
import {
  networkBackward,
  networkForward,
  type NetworkMode,
  runningStatisticsAfter,
} from "../reference/sdgmnet128.ts";

/** Both sides compute in float64; what remains is the order of sums. */
const rounding = { entry: 1e-9 };

const golden = await GoldenFigures.open("activations");
const patches = golden.exact("input");
const labels = golden.exact("labels").data;

function trainingMode(maskName: string): NetworkMode & { training: true } {
  const keepMask = goldenKeepMask(maskName, labels.length);
  return { training: true, keepMask, dropoutRate: goldenDropoutRate };
}

describe("reference network against PyTorch", () => {
  const state = goldenState();
  const mode = trainingMode("keep_mask");
  const inference = networkForward(state, patches, { training: false });
  const training = networkForward(state, patches, mode);
  const teacher = inference.get("descriptors")!;
  const descriptors = training.get("descriptors")!;

  it("has every activation in inference and in training", () => {
    let compared = 0;
    for (
      const [title, activations] of Object.entries({ inference, training })
    ) {
      for (const [name, tensor] of activations) {
        if (name === "input") continue;
        golden.compare(`${title}.${name}`, tensor.data, rounding);
        compared++;
      }
    }
    assert.equal(compared, 2 * 24);
  });

  it("leaves the same running statistics", () => {
    const { mean, variance } = runningStatisticsAfter(state, training);
    golden.compare("training.running_mean", mean.data, rounding);
    golden.compare("training.running_var", variance.data, rounding);
  });

  it("has the gradient of every parameter under both stages' losses", () => {
    const losses = {
      expTeacher: expTeacherLoss(
        descriptors,
        teacher,
        labels,
        golden.optionsOf<ExpTeacherOptions>("expTeacher"),
      ),
      annealing: annealingLoss(
        descriptors,
        labels,
        golden.optionsOf<AnnealingOptions>("annealing"),
      ),
    };
    for (const [kind, { loss, gradient }] of Object.entries(losses)) {
      golden.compare(`${kind}.loss`, [loss], rounding);
      golden.compare(`${kind}.gradient.descriptors`, gradient.data, rounding);
      const gradients = networkBackward(state, training, gradient, mode);
      let compared = 0;
      for (const [name, tensor] of gradients) {
        if (name.startsWith("gradient of ")) continue;
        golden.compare(`${kind}.gradient.${name}`, tensor.data, rounding);
        compared++;
      }
      assert.equal(compared, 7 + 6 + 7 * 2 + 7);
      const input = gradients.get("gradient of input")!;
      golden.compare(`${kind}.gradient.input`, input.data, rounding);
    }
  });
});

describe("reference training step against PyTorch", () => {
  it("moves every tensor alike over the first two of the ten steps", async () => {
    const figures = await GoldenFigures.open("training");
    const options = figures.optionsOf<ExpTeacherOptions>("expTeacher");
    const { steps, maximum, decay } = figures.optionsOf<
      { steps: number; maximum: number; decay: number }
    >("rule");
    const start = goldenState();
    const state = goldenState();
    const moments = new Map(
      [...state].map(([name, { data }]) => [name, freshAdamState(data.length)]),
    );
    for (let step = 0; step < 2; step++) {
      const mode = trainingMode(`keep_mask.${step}`);
      const teacher = networkForward(state, patches, { training: false });
      const activations = networkForward(state, patches, mode);
      const { loss, gradient } = expTeacherLoss(
        activations.get("descriptors")!,
        teacher.get("descriptors")!,
        labels,
        options,
      );
      const wanted = figures.exact("losses").data[step];
      assert.ok(
        Math.abs(loss - wanted) < 1e-8,
        `step ${step}: ${loss}, not ${wanted}`,
      );
      const gradients = networkBackward(state, activations, gradient, mode);
      const { mean, variance } = runningStatisticsAfter(state, activations);
      state.set("features.6.2.running_mean", mean);
      state.set("features.6.2.running_var", variance);
      for (const [name, { data }] of state) {
        const parameterGradient = gradients.get(name);
        if (!parameterGradient) continue;
        adamStep(data, parameterGradient.data, moments.get(name)!, {
          step: step + 1,
          ...oneCycle(step, steps, maximum),
          weightDecay: isExemptFromDecay(name) ? 0 : decay,
        });
      }
    }
    for (const [name, { data }] of state) {
      if (name.endsWith(".eps")) continue;
      const moved = data.map((value, at) => value - start.get(name)!.data[at]);
      figures.compare(`moved.2.${name}`, moved, { entry: 1e-6 });
    }
  });
});
