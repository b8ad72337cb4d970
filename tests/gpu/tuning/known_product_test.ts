import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isProduct } from "../../../gpu/tuning/known_product.ts";
import { trialValues } from "../../../gpu/tuning/trial_values.ts";

const [rows, terms, columns] = [40, 300, 60];
const value = (at: number) => trialValues[at % trialValues.length];
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
    sum = Math.fround(sum + Math.fround(value(a) * value(b)));
  }
  return sum;
});

describe("isProduct", () => {
  it("takes sums of 32 bits and refuses what rounding does not explain", () => {
    assert.ok(isProduct(product, terms, factors));
    for (const wrong of [product[997] + 0.01, NaN]) {
      const others = product.slice();
      others[997] = wrong;
      assert.ok(!isProduct(others, terms, factors));
    }
    // One term too few.
    assert.ok(!isProduct(product, terms - 1, factors));
  });
});
