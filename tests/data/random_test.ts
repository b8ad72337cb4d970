import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  chooseDistinct,
  integer,
  normal,
  RandomStream,
  shuffle,
  uniform,
} from "../../data/random.ts";

describe("random numbers", () => {
  it("are the same on every machine and in every version", () => {
    const stream = new RandomStream(211, "pinned", 1, 2);
    deepEqual([stream.bits(), stream.bits(), stream.bits()], [
      1071286731,
      2555855167,
      432735171,
    ]);
  });

  it("depend on seed, purpose, each index and the order of the indices", () => {
    const value = uniform(1, "a", 2, 3);
    equal(uniform(1, "a", 2, 3), value);
    const others = [
      uniform(2, "a", 2, 3),
      uniform(1, "b", 2, 3),
      uniform(1, "a", 3, 2),
      uniform(1, "a", 2, 3, 0),
      uniform(1, "a", 2),
      uniform(1 + 2 ** 32, "a", 2, 3),
      uniform(-1, "a", 2, 3),
    ];
    for (const other of others) notEqual(other, value);
    equal(new Set(others).size, others.length);
  });

  it("are uniform along a stream and across neighbouring indices", () => {
    const along = new RandomStream(3, "along");
    for (
      const draw of [
        () => along.uniform(),
        (i: number) => uniform(3, "across", i),
        (i: number) => uniform(i, "seeds"),
        (i: number) => uniform(3, "two indices", i >> 6, i & 63),
      ]
    ) {
      const count = 64000;
      const bins = new Uint32Array(64);
      let lagged = 0, previous = 0;
      for (let i = 0; i < count; i++) {
        const value = draw(i);
        bins[Math.floor(value * 64)]++;
        lagged += (value - 0.5) * (previous - 0.5);
        previous = value;
      }
      let chiSquare = 0;
      for (const bin of bins) chiSquare += (bin - 1000) ** 2 / 1000;
      ok(
        chiSquare > 25 && chiSquare < 115,
        `chi-square ${chiSquare} of 63 degrees of freedom`,
      );
      ok(
        Math.abs(lagged / count) < 5 / 12 / Math.sqrt(count),
        `correlation ${lagged / count}`,
      );
    }
  });

  it("are normal when asked", () => {
    let sum = 0, squares = 0, beyondTwo = 0;
    for (let i = 0; i < 20000; i++) {
      const value = normal(4, "bell", i);
      sum += value;
      squares += value * value;
      if (Math.abs(value) > 2) beyondTwo++;
    }
    ok(Math.abs(sum / 20000) < 0.03);
    ok(Math.abs(squares / 20000 - 1) < 0.05);
    ok(Math.abs(beyondTwo / 20000 - 0.0455) < 0.008);
  });

  it("are integers below their bound, all of them reached", () => {
    const times = new Uint32Array(7);
    for (let i = 0; i < 7000; i++) times[integer(7, 5, "dice", i)]++;
    ok(times.every((count) => count > 850 && count < 1150), String(times));
    equal(integer(1, 5, "dice"), 0);
  });
});

describe("choices", () => {
  it("shuffle keeps every item and changes the order with the seed", () => {
    const order = (seed: number) =>
      shuffle(
        Array.from({ length: 50 }, (_, i) => i),
        new RandomStream(seed, "shuffle"),
      );
    deepEqual(
      order(1).toSorted((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => i),
    );
    deepEqual(order(1), order(1));
    ok(order(1).some((item, i) => item !== order(2)[i]));
  });

  it("chooseDistinct never repeats and leaves its working space as it was", () => {
    const identity = Uint32Array.from({ length: 30 }, (_, i) => i);
    for (let round = 0; round < 200; round++) {
      const chosen = chooseDistinct(
        round % 31,
        identity,
        new RandomStream(round, "choice"),
      );
      equal(new Set(chosen).size, round % 31);
      ok(chosen.every((value) => value < 30));
      ok(identity.every((value, i) => value === i));
    }
  });
});
