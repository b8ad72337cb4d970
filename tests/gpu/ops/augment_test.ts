import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  augmentMatrix,
  type AugmentParameters,
  augmentTransforms,
  drawAugmentation,
  transformsOf,
} from "../../../gpu/augmentation.ts";
import { Augment, type AugmentRange } from "../../../gpu/ops/augment.ts";
import { openBench } from "../../helpers/gpu/gpu_op.ts";
import {
  noisePatches,
  packWords,
  sampleImage,
} from "../../helpers/gpu/packed_bytes.ts";
import { augmentInSteps, warpPatch } from "../../reference/augment.ts";

const { gpu, arena, recorder } = await openBench();

const key = { seed: 211, stage: 1, cycle: 3, step: 17 };

/** Set of each of `count` patches, three a set. */
function sets(count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, n) => 7 + Math.floor(n / 3));
}

describe("augment", () => {
  async function run(
    bytes: Uint8Array,
    batch: AugmentParameters[],
    range: AugmentRange,
  ): Promise<Float32Array> {
    using augment = new Augment(gpu, batch.length);
    const transforms = transformsOf(batch.length, (patch) => batch[patch]);
    augment.prepare(transforms, batch.length);
    const words = packWords(bytes);
    const blocks = Math.ceil(range.count / 32);
    const output = arena.tensorOf(
      "output",
      [blocks * 32, 32, 32],
      new Float32Array(blocks * 32768).fill(-1),
    );
    augment.record(
      recorder,
      arena.tensorOf("bytes", [words.length], words),
      output,
      range,
    );
    recorder.submit();
    return await output.readFloats();
  }

  it("is the float64 warp over all pixels", async () => {
    const extremes: AugmentParameters[] = [-5, 5].flatMap((angle) =>
      [-5, 5].map((shear) => ({
        angle,
        shear,
        scale: 1,
        crop: { left: 0, top: 0, width: 70, height: 70 },
        transpose: angle > 0,
        flip: shear > 0,
      }))
    );
    const batch = [...extremes, ...drawAugmentation(key, sets(33), true)];
    const bytes = noisePatches(batch.length, 64, 5);
    const got = await run(bytes, batch, { count: batch.length });
    batch.forEach((parameters, n) => {
      const wanted = warpPatch(
        bytes.subarray(n * 4096, (n + 1) * 4096),
        augmentMatrix(parameters),
      );
      sampleImage(got, n).forEach((value, at) =>
        assert.ok(
          Math.abs(value - wanted[at]) < 1e-5,
          `patch ${n}, pixel ${at}: ${value} against ${wanted[at]}`,
        )
      );
    });
    for (let n = batch.length; n < 64; n++) {
      assert.ok(sampleImage(got, n).every((value) => value === 0));
    }
  });

  it("is close to the authors' chain of steps on a photograph's frequencies", () => {
    const patch = Uint8Array.from({ length: 4096 }, (_, i) => {
      const [x, y] = [i % 64, Math.floor(i / 64)];
      return 128 + 60 * Math.sin(x / 3 + y / 7) +
        50 * Math.cos(y / 2.5 - x / 9);
    });
    for (const parameters of drawAugmentation(key, sets(12), true)) {
      const exact = augmentInSteps(patch, parameters);
      const composed = warpPatch(patch, augmentMatrix(parameters));
      let inside = 0;
      let whole = 0;
      composed.forEach((value, at) => {
        const error = Math.abs(value - exact[at]);
        const [row, column] = [Math.floor(at / 32), at % 32];
        whole += error / 1024;
        if (Math.min(row, column, 31 - row, 31 - column) > 2) {
          inside = Math.max(inside, error);
        }
      });
      assert.ok(inside < 0.02, `largest error inside ${inside}`);
      assert.ok(whole < 0.01, `mean error ${whole}`);
    }
  });

  it("draws within the authors' ranges and fills them", () => {
    const batch = drawAugmentation(key, sets(3000), true);
    const range = (pick: (parameters: AugmentParameters) => number) => {
      const values = batch.map(pick);
      return [Math.min(...values), Math.max(...values)];
    };
    const near = ([low, high]: number[], from: number, to: number) => {
      const slack = (to - from) / 50;
      assert.ok(low >= from && low < from + slack, `${low} from ${from}`);
      assert.ok(high <= to && high > to - slack, `${high} to ${to}`);
    };
    near(range(({ angle }) => angle), -5, 5);
    near(range(({ shear }) => shear), -5, 5);
    near(range(({ scale }) => scale), 1, 1.14);
    for (const { crop } of batch) {
      const { left, top, width, height } = crop;
      assert.ok(left >= 0 && left + width <= 70);
      assert.ok(top >= 0 && top + height <= 70);
      // Whole pixels move the area and the aspect by a little more than 1 %.
      assert.ok(width * height >= 0.885 * 4900);
      assert.ok(width / height > 0.885 && width / height < 1.12);
    }
    near(range(({ crop }) => crop.left), 0, 7);
    near(range(({ crop }) => crop.width), 63, 70);
  });

  it("transposes and flips whole sets, each about half of them", () => {
    const batch = drawAugmentation(key, sets(3000), true);
    for (const name of ["transpose", "flip"] as const) {
      for (let n = 0; n < 3000; n += 3) {
        assert.equal(batch[n][name], batch[n + 1][name]);
        assert.equal(batch[n][name], batch[n + 2][name]);
      }
      const share = batch.filter((one) => one[name]).length / 3000;
      assert.ok(Math.abs(share - 0.5) < 0.08, `${name} ${share}`);
    }
    const both = batch.filter((one) => one.transpose && one.flip).length / 3000;
    assert.ok(Math.abs(both - 0.25) < 0.07);
    const still = drawAugmentation(key, sets(300), false);
    assert.ok(still.every((one) => !one.transpose && !one.flip));
    assert.deepEqual(
      still,
      drawAugmentation(key, sets(300), true).map((one) => ({
        ...one,
        transpose: false,
        flip: false,
      })),
      "the switch changes nothing else",
    );
  });

  it("depends on every part of the key and on nothing else", () => {
    const draw = (changes: Partial<typeof key>) =>
      JSON.stringify(drawAugmentation({ ...key, ...changes }, sets(6), true));
    assert.equal(draw({}), draw({}));
    const all = [{}, { seed: 212 }, { stage: 2 }, { cycle: 4 }, { step: 18 }];
    assert.equal(new Set(all.map(draw)).size, all.length);
  });

  it("hands the kernel what is drawn, to the bit", () => {
    for (let step = 0; step < 40; step++) {
      const count = 1 + step * 7;
      const [own, flipRotate] = [{ ...key, step }, step % 3 !== 0];
      const transforms = augmentTransforms(own, sets(count), flipRotate);
      const wanted = new Float32Array(Math.ceil(count / 32) * 384);
      drawAugmentation(own, sets(count), flipRotate).forEach((drawn, n) => {
        const map = augmentMatrix(drawn);
        const [xc, xr, , yc, yr] = map;
        const inverse = [yr, -xr, -yc, xc].map((e) => e / (xc * yr - xr * yc));
        const reach = [
          Math.abs(xc) + Math.abs(xr),
          Math.abs(yc) + Math.abs(yr),
        ];
        [...map, ...inverse, ...reach].forEach((figure, k) => {
          wanted[(Math.floor(n / 32) * 12 + k) * 32 + n % 32] = figure;
        });
      });
      assert.deepEqual(transforms, wanted);
    }
  });

  it("gives a micro-batch what it gets in the whole batch", async () => {
    const batch = drawAugmentation(key, sets(70), true);
    const bytes = noisePatches(70, 64, 6);
    const whole = await run(bytes, batch, { count: 70 });
    const part = await run(bytes, batch, {
      count: 30,
      firstPatch: 40,
      firstTransform: 40,
    });
    for (let n = 0; n < 30; n++) {
      assert.deepEqual(sampleImage(part, n), sampleImage(whole, 40 + n));
    }
  });

  it("refuses more patches than were prepared", async () => {
    const batch = drawAugmentation(key, sets(2), true);
    await assert.rejects(run(noisePatches(3, 64, 1), batch, { count: 3 }), {
      name: "GpuError",
      message:
        "Cannot run augment: transforms: found 2 prepared, wanted at least 3",
    });
    await assert.rejects(
      run(noisePatches(1, 64, 1), batch, { count: 2 }),
      /bytes: found 1024 words for patches 0 to 1, wanted/,
    );
  });
});
