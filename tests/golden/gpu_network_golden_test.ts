import assert from "node:assert/strict";
import { BackwardPass } from "../../gpu/nn/training/backward_pass.ts";
import { describe, it } from "@std/testing/bdd";
import type { Gpu } from "../../gpu/device.ts";
import { openGpu } from "../../gpu/device.ts";
import type { NetworkMode } from "../../gpu/nn/forward_pass.ts";
import { unflatten } from "../../gpu/nn/parameters.ts";
import { Network } from "../../gpu/nn/network.ts";
import { Recorder } from "../../gpu/recorder.ts";
import { toBlocks } from "../helpers/gpu/descriptor_batch.ts";
import { withOtherTiles } from "../helpers/gpu/gpu_op.ts";
import { activationFigures } from "../helpers/gpu/network_figures.ts";
import {
  goldenDropoutRate,
  goldenDropoutStream,
  GoldenFigures,
  goldenState,
} from "../helpers/golden/network_golden.ts";
import { parametersOf } from "../helpers/gpu/network_on_gpu.ts";

const golden = await GoldenFigures.open("activations");
const patches = Float32Array.from(golden.exact("input").data);
const samples = golden.exact("labels").data.length;
const state = goldenState();
const training: NetworkMode & { training: true } = {
  training: true,
  dropoutRate: goldenDropoutRate,
  stream: goldenDropoutStream("keep_mask"),
};

/** Single precision through seven layers. */
const activationTolerance = { entry: 1e-5 };
/** Activations within rounding of τ flip the gradient there. */
const gradientTolerance = { entry: 5e-3, norm: 1e-4 };

const ownGpu = await openGpu();
const gpus: Record<string, Gpu> = {
  "the adapter's own tiles": ownGpu,
  "the other device class's tiles": withOtherTiles(ownGpu),
};

for (const [title, gpu] of Object.entries(gpus)) {
  describe(`SDGMNet128 with ${title} against PyTorch`, () => {
    const recorder = new Recorder(gpu);
    const parameters = parametersOf(gpu, state);
    const network = new Network(gpu, parameters, {
      samples,
      backward: BackwardPass,
    });
    network.patches.write(patches);

    for (const mode of [{ training: false } as const, training]) {
      const pass = mode.training ? "training" : "inference";
      it(`has every activation in ${pass}`, async () => {
        network.forward(recorder, samples, mode);
        recorder.submit();
        const figures = await activationFigures(
          network,
          state,
          patches,
          samples,
        );
        for (const [name, values] of figures) {
          golden.compare(`${pass}.${name}`, values, activationTolerance);
        }
        assert.equal(figures.size, 2 + 6 * 3 + 3);
      });
    }

    it("moves the running statistics alike", async () => {
      const running = await parameters.running.readFloats();
      const mean = running.subarray(0, 128);
      const variance = running.subarray(128);
      golden.compare("training.running_mean", mean, activationTolerance);
      golden.compare("training.running_var", variance, activationTolerance);
    });

    for (const loss of ["expTeacher", "annealing"]) {
      it(`carries the gradient of ${loss} to every parameter`, async () => {
        const gradient = golden.exact(`${loss}.gradient.descriptors`).data;
        network.descriptorGradient.write(
          toBlocks(Float32Array.from(gradient)),
        );
        network.backward(recorder, samples, training);
        recorder.submit();
        const gradients = unflatten(parameters.table, await network.gradients.readFloats());
        for (const [name, { data }] of gradients) {
          golden.compare(`${loss}.gradient.${name}`, data, gradientTolerance);
        }
        assert.equal(gradients.size, 7 + 6 + 7 * 2 + 7);
      });
    }
  });
}
