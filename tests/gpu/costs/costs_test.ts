import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { flopsOf } from "../../../gpu/costs/cost.ts";
import { kernelCosts } from "../../../gpu/costs/costs.ts";
import { readKernelText } from "../../../gpu/costs/kernel_texts.ts";
import { sampleGroup } from "../../../gpu/convolution.ts";
import type { DeviceClass } from "../../../gpu/device_class.ts";
import { usesWinograd } from "../../../gpu/nn/architecture.ts";
import {
  inferenceHeadChannels,
  inferenceShapes,
} from "../../../gpu/nn/inference/inference_network.ts";
import { inferenceNetworks } from "../../../gpu/nn/inference/inference_networks.ts";
import { networks } from "../../../gpu/nn/networks.ts";
import { sdgmnet128 } from "../../../gpu/nn/sdgmnet128.ts";
import { tilesOfClass } from "../../../gpu/tiles.ts";
import { expandShader } from "../../../gpu/wgsl.ts";
import {
  recordDispatches,
  type RecordedDispatch,
} from "../../bench/model/recorded_dispatches.ts";
import { forwardMultiplyAdds } from "../../bench/network_flops.ts";
import { views } from "../../bench/stage1_step.ts";

const folders = [...Deno.readDirSync("gpu/wgsl")].map(({ name }) => name)
  .filter((name) => name !== "lib");
const files = new Map(
  folders.map((folder) => [
    folder,
    [...Deno.readDirSync(`gpu/wgsl/${folder}`)].map(({ name }) => name),
  ]),
);
const stems = [...files.values()].flat()
  .map((name) => name.replace(".wgsl", ""));

/** The file of a kernel. */
function kernelText(stem: string): string {
  const folder = folders.find((folder) =>
    files.get(folder)!.includes(`${stem}.wgsl`)
  );
  return Deno.readTextFileSync(`gpu/wgsl/${folder}/${stem}.wgsl`);
}

const classes = Object.keys(tilesOfClass) as DeviceClass[];
/** Two whole micro-batches and one sample group. */
const patches = 2 * 256 + 8;

function multiplyAddsOf(
  dispatches: readonly RecordedDispatch[],
  ...kernels: string[]
): number {
  return dispatches.filter(({ stem }) => kernels.includes(stem))
    .reduce((sum, { cost }) => sum + cost!.multiplyAdds, 0);
}

describe("kernelCosts", () => {
  it("has a cost for every kernel's file, and no other", () => {
    assert.deepEqual(Object.keys(kernelCosts).sort(), stems.sort());
  });
});

for (const deviceClass of classes) {
  describe(`the costs of what is recorded for the class ${deviceClass}`, () => {
    it("cover every dispatch, with figures that can be, and add up to the multiplications of the forward pass", () => {
      for (const architecture of Object.values(networks)) {
        const { dispatches } = recordDispatches({
          architecture,
          work: "forward",
          patches,
          deviceClass,
        });
        assertPossible(dispatches);
        assert.equal(
          multiplyAddsOf(
            dispatches,
            "conv3x3_first",
            "conv3x3_first_frn_tlu",
            "conv3x3",
            "conv3x3_shared",
            "conv3x3_square",
            "dense",
            "dense_shared",
          ),
          patches * forwardMultiplyAdds(architecture),
        );
      }
    });

    it("cover every dispatch of the networks for inference, with their multiplications", () => {
      for (const architecture of inferenceNetworks) {
        const work = "forward";
        const batch = { architecture, work, patches, deviceClass } as const;
        const { dispatches } = recordDispatches(batch);
        assertPossible(dispatches);
        const body = inferenceShapes(architecture, 32).reduce(
          (sum, layer) =>
            sum +
            layer.inputChannels * layer.outputChannels * layer.kernelSize ** 2 *
              layer.outputSize ** 2,
          0,
        );
        const head = inferenceHeadChannels(architecture) * 64 * 128;
        assert.equal(
          multiplyAddsOf(
            dispatches,
            "conv3x3_first",
            "conv3x3",
            "conv3x3_shared",
            "conv3x3_square",
            "conv_valid",
            "dense",
            "dense_shared",
          ),
          patches * (body + head),
        );
      }
    });

    it("add up to those of the forward pass and both gradients, of which Winograd's method takes a quarter at stride 1", () => {
      const classes = 90;
      const { dispatches } = recordDispatches({
        architecture: sdgmnet128,
        work: "step",
        patches: views * classes,
        deviceClass,
      });
      assertPossible(dispatches);
      // Rows that pad the last sample group are computed as well.
      const samples = Math.ceil(views * classes / sampleGroup) * sampleGroup;
      const layers = sdgmnet128.body.map((layer) => ({
        ...layer,
        sum: samples * 9 * layer.inputChannels * layer.outputChannels *
          layer.size ** 2,
      }));
      const sumOf = (some: { sum: number }[]) =>
        some.reduce((total, { sum }) => total + sum, 0);
      const strided = sumOf(layers.filter(({ stride }) => stride === 2));
      const { software } = tilesOfClass;
      const unstrided = sumOf(
        layers.filter((layer) => usesWinograd(layer, software)),
      );
      const { winograd } = tilesOfClass[deviceClass];
      const direct = winograd ? 0 : unstrided;
      const quarter = winograd ? unstrided / 4 : 0;
      const head = samples * 64 * 128 * 128;
      const of = (...kernels: string[]) =>
        multiplyAddsOf(dispatches, ...kernels);
      assert.equal(
        of(
          "conv3x3_transposed",
          "conv3x3_transposed_square",
        ),
        strided,
      );
      assert.equal(
        of(
          "conv3x3_weight_gradient",
          "conv3x3_weight_gradient_shared",
          "conv3x3_weight_gradient_window",
        ),
        strided + direct,
      );
      assert.equal(
        of("conv3x3", "conv3x3_shared", "conv3x3_square"),
        strided + unstrided + direct,
      );
      assert.equal(of("winograd_product"), quarter);
      assert.equal(of("winograd_weight_product"), quarter);
      assert.equal(
        of(
          "conv3x3_first_input_gradient",
          "conv3x3_first_weight_gradient",
          "conv3x3_first_backward",
        ),
        2 * layers[0].sum,
      );
      // The first gives forward passes as well: the self-teacher's, and its own.
      assert.equal(
        of("dense_shared", "dense", "dense_input_gradient"),
        3 * head,
      );
      assert.equal(
        of("dense_weight_gradient", "dense_weight_gradient_shared"),
        head,
      );
    });
  });
}

function assertPossible(dispatches: readonly RecordedDispatch[]): void {
  for (const { stem, cost, text } of dispatches) {
    assert.ok(cost !== undefined, `${stem} has no cost`);
    const { work, bytes, access, registers, waits, workgroupBytes } = cost;
    const name = `${stem} ${work}`;
    assert.ok(!/NaN|undefined/.test(name), name);
    const positive = access.flatMap(({ count, bytes, reuse = 1 }) => [
      count,
      bytes,
      reuse,
    ]);
    for (const value of [bytes, registers, waits, ...positive]) {
      assert.ok(value > 0 && value < Infinity, name);
    }
    assert.ok(access.every(({ strideBytes }) => strideBytes >= 0), name);
    assert.ok(flopsOf(cost) >= 0, name);
    assert.ok(text.groupThreads > 0, name);
    const takesMemory = kernelText(stem).includes("var<workgroup>");
    assert.equal((workgroupBytes ?? 0) > 0, takesMemory, name);
  }
}

describe("readKernelText", () => {
  it("reads what a text was specialised with, and threads of every dimension", () => {
    const text = expandShader(
      "@compute @workgroup_size(GROUP, 2u)\nfn main() {}",
      { GROUP: 64, K4: 4, RATE: { f32: 0.25 }, SMALL: { f32: 1e-12 } },
    );
    const { constants, groupThreads } = readKernelText(text);
    assert.equal(groupThreads, 128);
    assert.deepEqual(constants, {
      GROUP: 64,
      K4: 4,
      RATE: 0.25,
      SMALL: Math.fround(1e-12),
    });
  });

  it("refuses a workgroup whose size it cannot tell", () => {
    for (const size of ["@workgroup_size(2u * G)", ""]) {
      assert.throws(
        () => readKernelText(`@compute ${size} fn main() {}`),
        /read a kernel's text/,
      );
    }
  });
});
