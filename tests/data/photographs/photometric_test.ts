import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  applyPhotometricChange,
  drawPhotometricChange,
  noChange,
  type PhotometricChange,
} from "../../../data/photographs/photometric.ts";
import { RandomStream } from "../../../data/random.ts";

function apply(
  values: number[],
  width: number,
  change: Partial<PhotometricChange>,
): number[] {
  const into = new Uint8Array(values.length);
  const stream = new RandomStream(1, "photometric test");
  applyPhotometricChange(
    Float32Array.from(values),
    width,
    { ...noChange, ...change },
    stream,
    into,
  );
  return [...into];
}

describe("a photometric change", () => {
  it("that is none rounds and clamps", () => {
    deepEqual(apply([-3, 0, 0.4, 0.6, 127.5, 254.6, 255, 300], 8, {}), [
      0,
      0,
      0,
      1,
      128,
      255,
      255,
      255,
    ]);
  });

  it("follows gain, bias and gamma", () => {
    deepEqual(apply([10, 100, 200], 3, { gain: 1.5, bias: -10 }), [
      5,
      140,
      255,
    ]);
    const [dark, mid] = apply([0, 128], 2, { gamma: 0.5 });
    equal(dark, 0);
    equal(mid, Math.round(255 * Math.sqrt(128 / 255)));
  });

  it("slopes across the picture", () => {
    const flat = new Array(16).fill(100);
    const lit = apply(flat, 4, { slope: { x: 0.4, y: 0 } });
    deepEqual(lit.slice(0, 4), [70, 90, 110, 130]);
    deepEqual(lit.slice(12), [70, 90, 110, 130]);
    deepEqual(
      apply(flat, 4, { slope: { x: 0, y: 0.4 } }).filter((_, i) => i % 4 === 0),
      [70, 90, 110, 130],
    );
  });

  it("adds noise of the given deviation, unlike from row to row", () => {
    const noisy = apply(new Array(64 * 64).fill(128), 64, { noise: 6 });
    const mean = noisy.reduce((sum, value) => sum + value, 0) / noisy.length;
    const deviation = Math.sqrt(
      noisy.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noisy.length,
    );
    ok(Math.abs(mean - 128) < 0.5, String(mean));
    ok(Math.abs(deviation - 6) < 0.3, String(deviation));
    notDeepEqual(noisy.slice(0, 64), noisy.slice(64, 128));
  });

  it("is none at strength zero and stays within bounds that grow with strength", () => {
    deepEqual(drawPhotometricChange(0, new RandomStream(1, "zero")), noChange);
    for (let round = 0; round < 300; round++) {
      const change = drawPhotometricChange(2, new RandomStream(round, "draw"));
      ok(
        Math.abs(Math.log(change.gamma)) <= 0.6 &&
          Math.abs(Math.log(change.gain)) <= 0.5,
      );
      ok(Math.abs(change.bias) <= 24 && change.noise >= 0 && change.noise <= 8);
      ok(change.softness >= 1 && change.softness <= 2 ** 1.2);
    }
  });
});
