import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ratioAveragePrecision } from "../../../pipeline/metrics/ratio_precision.ts";
import { syntheticLabel } from "../../helpers/data/synthetic_phototour.ts";
import { goldenUniform } from "../../helpers/golden/golden_hash.ts";

const dimension = 6;
const { images } = JSON.parse(Deno.readTextFileSync(
  new URL("../../golden/evaluation/ratio.json", import.meta.url),
)) as {
  images: Record<
    string,
    { count: number; precision: number; asPublished: number }
  >;
};

/** Descriptors and labels of an image as tests/golden/evaluation/make_ratio_golden.py draws them. */
function image(name: string, count: number) {
  const labels = Uint32Array.from(
    { length: count },
    (_, i) => syntheticLabel(i),
  );
  const centres = goldenUniform(
    `ratio ${name} centres`,
    (Math.max(...labels) + 1) * dimension,
  );
  const values = Float32Array.from(
    goldenUniform(`ratio ${name} noise`, count * dimension),
    (noise, at) =>
      centres[labels[Math.floor(at / dimension)] * dimension + at % dimension] +
      0.4 * noise,
  );
  values.copyWithin(dimension, 0, dimension);
  for (let row = 11; row < 20; row++) {
    values.copyWithin(row * dimension, 10 * dimension, 11 * dimension);
  }
  return { rows: { values, dimension }, labels };
}

describe("the ratio's average precision against scikit-learn", () => {
  for (
    const [name, { count, precision, asPublished }] of Object.entries(images)
  ) {
    it(`is equal for an image of ${count} patches, as meant and as published`, () => {
      const { rows, labels } = image(name, count);
      const ours = ratioAveragePrecision(rows, labels)!;
      assert.ok(
        Math.abs(ours.precision - precision) < 1e-9,
        `${ours.precision}`,
      );
      assert.ok(
        Math.abs(ours.asPublished - asPublished) < 1e-9,
        `${ours.asPublished}`,
      );
      assert.notEqual(precision, asPublished);
    });
  }
});
