import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openGpu } from "../../../gpu/device.ts";
import { Recorder } from "../../../gpu/recorder.ts";
import { leastWorkgroupBytes } from "../../../gpu/tiles/shared_tile.ts";
import { isReordered, sharedTilesOf, type Tile } from "../../../gpu/tiles.ts";
import type { TiledKernel } from "../../../gpu/tiles/tile_sizes.ts";
import { KernelWork } from "../../../gpu/tuning/kernel_work.ts";
import { isProduct } from "../../../gpu/tuning/known_product.ts";
import { areSums, placesApart } from "../../../gpu/tuning/known_sums.ts";
import { trialValue } from "../../../gpu/tuning/trial_values.ts";
import {
  type TunedKernel,
  tunedKernels,
} from "../../../gpu/tuning/tuned_kernels.ts";

const [rows, terms, columns] = [40, 300, 60];
const factors = (at: number, term: number) =>
  [
    Math.floor(at / columns) * terms + term,
    term * columns + at % columns,
  ] as const;

/** The product in 32 bits, every partial sum rounded. */
const product = Float32Array.from({ length: rows * columns }, (_, at) => {
  let sum = 0;
  for (let term = 0; term < terms; term++) {
    const [a, b] = factors(at, term);
    sum = Math.fround(sum + Math.fround(trialValue(a) * trialValue(b)));
  }
  return sum;
});

describe("areSums", () => {
  it("looks at every 997th, and at values beside the largest of them", () => {
    const sumAt = () => 100;
    const resultAt = (wrong: number) => (at: number) =>
      at === placesApart ? wrong : at % placesApart === 0 ? 100 : 7;
    assert.ok(areSums(2000, resultAt(100), sumAt));
    assert.ok(areSums(2000, resultAt(100.0009), sumAt));
    for (const wrong of [100.0011, 99.99, NaN, Infinity]) {
      assert.ok(!areSums(2000, resultAt(wrong), sumAt), String(wrong));
    }
  });
});

describe("isProduct", () => {
  it("takes sums of 32 bits and refuses what rounding does not explain", () => {
    assert.ok(isProduct(product, terms, factors));
    // One term too few.
    assert.ok(!isProduct(product, terms - 1, factors));
  });
});

/** Threads that read alone and what one computes, or workgroups that share what they read. */
type Cut = Tile["size"] | "shared" | "squares";

/** A change of a kernel's text that leaves terms of its sums out, and the work and the cut that lead to the kernel, if need be the stride. */
type WrongKernel = readonly [
  kernel: TiledKernel,
  cut: Cut,
  from: string,
  to: string,
  stride?: number,
];

const channels = ["c < C4;", "c < C4 - 1u;"] as const;
const strips = ["j < STRIP;", "j < STRIP - 2u;"] as const;
const wrong: Readonly<Record<string, WrongKernel>> = {
  conv3x3: ["conv3x3", [1, 2], ...channels],
  conv3x3_shared: ["conv3x3", "shared", ...channels],
  conv3x3_square: ["conv3x3", "squares", ...channels],
  conv3x3_transposed: ["conv3x3_transposed", [1, 1], ...channels],
  conv3x3_transposed_square: ["conv3x3_transposed", "squares", ...channels],
  conv3x3_weight_gradient: [
    "conv3x3_weight_gradient",
    [1],
    "n < first_sample + SAMPLES;",
    "n < first_sample + SAMPLES - 1u;",
  ],
  conv3x3_weight_gradient_shared: [
    "conv3x3_weight_gradient",
    "shared",
    ...strips,
    2,
  ],
  conv3x3_weight_gradient_window: [
    "conv3x3_weight_gradient",
    "shared",
    ...strips,
    1,
  ],
  winograd_product: ["winograd_product", [4, 2], ...channels],
  winograd_weight_product: [
    "winograd_weight_product",
    [1, 1],
    "t < params.part_tiles;",
    "t < params.part_tiles - 1u;",
  ],
  dense: ["dense", [2, 1], "k < K4;", "k < K4 - 1u;"],
  dense_shared: ["dense", "shared", "k < end;", "k + SLAB4 < end;"],
  dense_sum: ["dense", "shared", "p < params.parts;", "p + 1u < params.parts;"],
  dense_input_gradient: [
    "dense_input_gradient",
    [2, 1],
    "o < OUT4;",
    "o < OUT4 - 1u;",
  ],
  dense_weight_gradient: [
    "dense_weight_gradient",
    [1, 1],
    "n < params.count;",
    "n < params.count - 1u;",
  ],
  dense_weight_gradient_shared: [
    "dense_weight_gradient",
    "shared",
    "n < present;",
    "n < present - 1u;",
  ],
};

function tileOfCut({ kernel, shape }: TunedKernel, cut: Cut): Tile {
  if (typeof cut !== "string") return { size: cut, group: 8 };
  const squares = cut === "squares";
  return sharedTilesOf({ squares }, kernel, shape, leastWorkgroupBytes)[0];
}

describe("what a kernel on trial gives", () => {
  for (
    const [label, [kernel, cut, from, to, stride]] of Object.entries(wrong)
  ) {
    it(`refuses what ${label} gives where terms are missing`, async () => {
      const tuned = tunedKernels.findLast((tuned) =>
        tuned.kernel === kernel &&
        tuned.shape.stride === (stride ?? tuned.shape.stride)
      )!;
      const chosen = new Map([[tuned.name, tileOfCut(tuned, cut)]]);
      // Those of one order are all compared with one that is right: see tune_test.ts.
      const hasOrder = typeof cut === "string" &&
        isReordered({
          sharedKernels: [kernel],
          squares: cut === "squares",
        }, kernel);
      for (const isWrong of hasOrder ? [false, true] : [true]) {
        using gpu = await openGpu();
        gpu.tiles = { ...gpu.tiles, chosen };
        const createShaderModule = gpu.device.createShaderModule
          .bind(gpu.device);
        let changes = 0;
        gpu.device.createShaderModule = (module) => {
          const code = module.code.replace(from, () => to);
          const isChanged = isWrong && module.label === label &&
            code !== module.code;
          if (isChanged) changes++;
          return createShaderModule(isChanged ? { ...module, code } : module);
        };
        using work = new KernelWork(gpu, tuned, 8);
        using recorder = new Recorder(gpu);
        const result = await work.run(recorder);
        assert.equal(changes, isWrong ? 1 : 0);
        assert.equal(work.isRight(result), !isWrong);
      }
    });
  }
});
