import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import {
  distanceTile,
  type Norm,
  pairDistance,
  pairDistances,
} from "../../../pipeline/metrics/distance.ts";
import { assertClose } from "../../helpers/closeness.ts";

function rows(seed: number, count: number, dimension: number) {
  const stream = new RandomStream(seed, "rows");
  const values = Float32Array.from(
    { length: count * dimension },
    () => stream.normal(),
  );
  return { values, dimension };
}

const norms: Norm[] = ["L2", "L1"];

describe("distanceTile", () => {
  it("equals pairDistance bit for bit at odd and even sizes", () => {
    for (const norm of norms) {
      for (const [aRows, bRows] of [[1, 1], [2, 2], [3, 5], [4, 7], [5, 4]]) {
        const a = rows(1, aRows + 2, 13);
        const b = rows(2, bRows + 1, 13);
        const out = new Float64Array(aRows * bRows);
        distanceTile(a, 2, aRows, b, 1, bRows, norm, out);
        for (let i = 0; i < aRows; i++) {
          for (let j = 0; j < bRows; j++) {
            assert.equal(
              out[i * bRows + j],
              pairDistance(a, 2 + i, b, 1 + j, norm),
            );
          }
        }
      }
    }
  });
});

describe("pairDistance", () => {
  it("is the squared Euclidean or the city-block distance", () => {
    const a = { values: Float32Array.of(9, 9, 1, 2), dimension: 2 };
    const b = { values: Float32Array.of(4, -2), dimension: 2 };
    assert.equal(pairDistance(a, 1, b, 0, "L2"), 9 + 16);
    assert.equal(pairDistance(a, 1, b, 0, "L1"), 3 + 4);
  });

  it("is symmetric and obeys the triangle inequality", () => {
    const points = rows(3, 12, 6);
    const metric = (i: number, j: number, norm: Norm) => {
      const distance = pairDistance(points, i, points, j, norm);
      return norm === "L2" ? Math.sqrt(distance) : distance;
    };
    for (const norm of norms) {
      for (let i = 0; i < 12; i++) {
        assert.equal(metric(i, i, norm), 0);
        for (let j = 0; j < 12; j++) {
          assertClose(metric(i, j, norm), metric(j, i, norm), 0);
          const detour = metric(i, 5, norm) + metric(5, j, norm);
          assert.ok(metric(i, j, norm) <= detour + 1e-9);
        }
      }
    }
  });
});

describe("pairDistances", () => {
  it("equals pairDistance bit for bit, whatever number of pairs is left over", () => {
    const stream = new RandomStream(3, "pairs");
    const values = Float32Array.from(
      { length: 9 * 7 },
      () => stream.uniform(-3, 3),
    );
    const rows = { values, dimension: 7 };
    for (const norm of ["L2", "L1"] as const) {
      for (let count = 0; count < 10; count++) {
        const first = Uint32Array.from(
          { length: count },
          () => stream.integer(9),
        );
        const second = Uint32Array.from(
          { length: count },
          () => stream.integer(9),
        );
        const out = new Float64Array(count);
        pairDistances(rows, first, second, norm, out);
        out.forEach((distance, pair) => {
          assert.equal(
            distance,
            pairDistance(rows, first[pair], rows, second[pair], norm),
          );
        });
      }
    }
  });
});
