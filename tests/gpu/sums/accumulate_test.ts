import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { accumulate, elementsOfPart } from "../../../gpu/sums/accumulate.ts";
import {
  assertSameBits,
  exactTensor,
  openBench,
  whole,
} from "../../helpers/gpu/gpu_op.ts";

const { recorder, arena } = await openBench();

/** Sums of odd sizes, with their places in the totals and how many parts each has. */
const shapes = [
  { size: 150, firsts: [1001], parts: 37 },
  { size: 70, firsts: [220, 3], parts: 9 },
  { size: 1, firsts: [300, 302, 305], parts: 48 },
  { size: 5, firsts: [400, 410, 420, 430], parts: 0 },
];

/** Adds what `added` says, each sum's parts in the order that `orderOf` gives them. */
function twin(
  before: Float32Array,
  partial: Float32Array,
  added: readonly (typeof shapes[0] & { offset: number })[],
  orderOf: (p: number, parts: number) => number,
): Float32Array {
  const totals = before.slice();
  for (const { size, firsts, parts, offset } of added) {
    const stride = elementsOfPart(size * firsts.length);
    for (const [k, first] of firsts.entries()) {
      for (let p = 0; p < parts; p++) {
        const part = offset + orderOf(p, parts) * stride + k * size;
        for (let i = 0; i < size; i++) totals[first + i] += partial[part + i];
      }
    }
  }
  return totals;
}

/** Runs sums of such shapes; what they gave, what stood there, and what they added. */
async function run(some: readonly typeof shapes[0][]) {
  let elements = 64;
  const placed = some.map((shape) => {
    const offset = elements;
    const { parts, firsts, size } = shape;
    elements += parts * elementsOfPart(firsts.length * size) + 7;
    return { ...shape, offset };
  });
  // Magnitudes so far apart that another order of the sum would give other bits.
  const values = Float32Array.from(
    exactTensor("partial", [elements]).data,
    (value, at) => value * 10 ** (at % 7),
  );
  const before = Float32Array.from(exactTensor("totals", [1200]).data);
  const partials = arena.tensorOf("partial", [elements], values);
  const tensor = arena.tensorOf("totals", [1200], before);
  accumulate(
    recorder,
    placed.map(({ size, firsts, parts, offset }) => ({
      partial: { tensor: partials, offset, size: elements - offset },
      totals: firsts.map((first) => ({ tensor, offset: first, size })),
      parts,
    })),
  );
  recorder.submit();
  return { totals: await tensor.readFloats(), before, values, placed };
}

describe("accumulate", () => {
  it("adds the parts of several sums in order to what was there, to the bit", async () => {
    const { totals, before, values, placed } = await run(shapes);
    const expected = twin(before, values, placed, (p) => p);
    assertSameBits("totals", totals, expected);
    const reversed = twin(before, values, placed, (p, all) => all - 1 - p);
    assert.notDeepEqual(reversed, expected);
  });

  it("takes more sums than one dispatch has room for", async () => {
    const many = Array.from({ length: 19 }, (_, index) => ({
      size: 3 + index,
      firsts: [index * 60, index * 60 + 30],
      parts: 1 + index,
    }));
    const { totals, before, values, placed } = await run(many);
    assertSameBits("totals", totals, twin(before, values, placed, (p) => p));
  });

  it("refuses totals that are not alike, too many of them, and parts that are missing", () => {
    const partial = whole(arena.tensor("partial", [2, 300]));
    const [one, other] = [1, 2].map(() => arena.tensor("totals", [300]));
    const slice = (tensor: typeof one, size: number) => ({
      tensor,
      offset: 0,
      size,
    });
    for (
      const totals of [
        [slice(one, 3), slice(one, 4)],
        [slice(one, 3), slice(other, 3)],
        Array.from({ length: 5 }, () => slice(one, 3)),
      ]
    ) {
      assert.throws(
        () => accumulate(recorder, [{ partial, totals, parts: 2 }]),
        {
          name: "GpuError",
          message:
            `Cannot run accumulate: totals: found ${totals.length} totals, wanted at most 4, of one tensor and one size, with parts in one tensor`,
        },
      );
    }
    const totals = [slice(one, 299)];
    assert.throws(() => accumulate(recorder, [{ partial, totals, parts: 3 }]), {
      name: "GpuError",
      message:
        "Cannot run accumulate: partial: found 600 elements, wanted at least 900 for 3 parts",
    });
  });
});
