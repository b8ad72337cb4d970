import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { FixedPointWriter } from "../../../data/csv/fixed_point.ts";

const numbers: { bits: number[]; texts: string[] } = JSON.parse(
  Deno.readTextFileSync(
    new URL("../../golden/evaluation/numbers.json", import.meta.url),
  ),
);

function written(values: Iterable<number>): string[] {
  let text = "";
  const writer = new FixedPointWriter((bytes) => {
    text += new TextDecoder().decode(bytes);
  });
  for (const value of values) writer.write(value, 10);
  writer.flush();
  return text.split("\n").slice(0, -1);
}

describe("FixedPointWriter", () => {
  it("prints what Python prints for %10.5f", () => {
    const values = new Float32Array(Uint32Array.from(numbers.bits).buffer);
    assert.deepEqual(written(values), numbers.texts);
  });

  it("hands over long texts in several runs", () => {
    const values = new Float32Array(20_000).fill(0.25);
    assert.deepEqual(new Set(written(values)), new Set(["   0.25000"]));
    assert.equal(written(values).length, 20_000);
  });
});
