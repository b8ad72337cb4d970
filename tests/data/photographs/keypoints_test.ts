import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  keypointMaps,
  scaleList,
  type WeightFunction,
} from "../../../data/photographs/keypoint_map.ts";
import {
  discOverlap,
  SpacedKeypoints,
} from "../../../data/photographs/keypoint_discs.ts";
import {
  drawKeypoints,
  totalWeight,
} from "../../../data/photographs/keypoints.ts";
import type { Plane } from "../../../features/images/plane.ts";
import { RandomStream } from "../../../data/random.ts";

/** Flat grey with a strong Gaussian blob of deviation 3 at (90, 60) and one of a quarter of its contrast at (210, 60). */
function blobs(): Plane {
  const values = new Float32Array(300 * 120);
  for (let y = 0; y < 120; y++) {
    for (let x = 0; x < 300; x++) {
      const bell = (cx: number, cy: number) =>
        Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 18);
      values[y * 300 + x] = 60 + 120 * bell(90, 60) + 30 * bell(210, 60);
    }
  }
  return { width: 300, height: 120, values };
}

function shares(weightFunction: WeightFunction) {
  const maps = keypointMaps(blobs(), [3], weightFunction, 5.5);
  let strong = 0, weak = 0;
  for (let round = 0; round < 600; round++) {
    const [keypoint] = drawKeypoints(maps, 1, round, "shares", 0);
    if (Math.hypot(keypoint.x - 90, keypoint.y - 60) < 12) strong++;
    if (Math.hypot(keypoint.x - 210, keypoint.y - 60) < 12) weak++;
  }
  return { strong: strong / 600, weak: weak / 600 };
}

describe("keypoint weights", () => {
  it("are largest at the centre of a blob and at the blob's own scale", () => {
    const maps = [...keypointMaps(blobs(), [2, 3, 5, 9], "Hessian", 5.5)];
    const peaks = maps.map((map) => {
      let at = 0;
      map.weights.forEach((weight, i) => {
        if (weight > map.weights[at]) at = i;
      });
      const place = [at % map.width, Math.floor(at / map.width)].map((i) =>
        i * map.stepPixels
      );
      return { place, weight: map.weights[at] / map.stepPixels ** 2 };
    });
    deepEqual(peaks[1].place, [90, 60]);
    deepEqual(peaks[2].place, [90, 60]);
    // (σ²·A·s²/(s² + σ²)²)² is largest at σ = s = 3 among these
    ok(peaks[1].weight > peaks[0].weight && peaks[1].weight > peaks[2].weight);
    ok(peaks[2].weight > peaks[3].weight);
    const theory = (9 * 120 * 9 / (9 + 9) ** 2) ** 2;
    ok(
      Math.abs(peaks[1].weight / theory - 1) < 0.15,
      `${peaks[1].weight} of ${theory}`,
    );
  });

  it("steer where keypoints fall: ever more evenly from Hessian to uniform", () => {
    const hessian = shares("Hessian");
    const root = shares("HessianSqrt");
    const fourth = shares("HessianSqrt4");
    const uniform = shares("uniform");
    ok(
      hessian.strong > 0.9 && hessian.weak > 0.02 && hessian.weak < 0.12,
      JSON.stringify(hessian),
    );
    ok(root.weak > 0.14 && root.weak < 0.27, JSON.stringify(root));
    ok(fourth.weak > 0.28 && fourth.weak < 0.42, JSON.stringify(fourth));
    ok(uniform.strong < 0.06 && uniform.weak < 0.06, JSON.stringify(uniform));
  });

  it("are zero near the border, so that every region lies inside", () => {
    for (const weightFunction of ["uniform", "HessianSqrt4"] as const) {
      const maps = keypointMaps(blobs(), [2, 4.5, 8], weightFunction, 5.5);
      const drawn = drawKeypoints(maps, 200, 1, "border", 0);
      ok(drawn.length > 3);
      for (const { x, y, sigma } of drawn) {
        ok(Math.min(x, y, 299 - x, 119 - y) >= 5 * sigma, `${x} ${y} ${sigma}`);
      }
    }
  });

  it("of the uniform map count every scale alike", () => {
    const maps = [...keypointMaps(blobs(), [2, 4, 8], "uniform", 0.1)];
    const totals = maps.map((map) => totalWeight([map]));
    ok(
      totals.every((total) => Math.abs(total / (300 * 120) - 1) < 0.1),
      String(totals),
    );
  });
});

describe("drawn keypoints", () => {
  const maps = keypointMaps(blobs(), [2, 2.38, 2.83, 5.66], "uniform", 5.5);

  it("never overlap by more than half, and stop when there is no more room", () => {
    const drawn = drawKeypoints(maps, 5000, 3, "room", 0);
    ok(drawn.length > 300 && drawn.length < 5000, String(drawn.length));
    for (let i = 0; i < drawn.length; i++) {
      for (let j = 0; j < i; j++) ok(discOverlap(drawn[i], drawn[j]) <= 0.5);
    }
  });

  it("are those that cumulative sums of whole maps give, however many bands and passes there are", () => {
    const whole = [...keypointMaps(blobs(), [2, 3, 5], "HessianSqrt4", 5.5)];
    const bands = whole.flatMap((map) =>
      [0, 7, 40].map((top, i, tops) => {
        const end = tops[i + 1] ?? map.height;
        const weights = map.weights.slice(top * map.width, end * map.width);
        return { ...map, top, height: end - top, weights };
      })
    );
    const sums = whole.map(({ weights }) => {
      let sum = 0;
      return [...weights].map((weight) => sum += weight);
    });
    const stream = new RandomStream(5, "bands", 2);
    const spaced = new SpacedKeypoints();
    const totals = sums.map((list) => list.at(-1)!);
    const total = totals.reduce((sum, value) => sum + value, 0);
    for (let attempt = 0; attempt < 1800; attempt++) {
      let target = stream.uniform() * total;
      const scale = totals.findIndex((value, i) => {
        if (i === totals.length - 1 || target < value) return true;
        target -= value;
        return false;
      });
      const { width, stepPixels, sigma } = whole[scale];
      const at = sums[scale].findIndex((sum) => sum > target);
      const [right, down] = [0, 0].map(() => stream.uniform(-0.5, 0.5));
      const x = (at % width + right) * stepPixels;
      const y = (Math.floor(at / width) + down) * stepPixels;
      if (at >= 0 && x > 210) spaced.addUnlessCrowded({ x, y, sigma });
    }
    // So few that all attempts are used up, in several passes.
    ok(spaced.all.length > 3 && spaced.all.length < 40, `${spaced.all.length}`);
    deepEqual(
      drawKeypoints(bands, 40, 5, "bands", 2, ({ x }) => x > 210),
      spaced.all,
    );
  });

  it("of a photograph of several bands are those of its maps computed once", () => {
    const values = Float32Array.from(
      { length: 1600 * 1000 },
      (_, i) => (i * 2654435761 % 4294967296) / 2 ** 24,
    );
    const plane = { width: 1600, height: 1000, values };
    const maps = keypointMaps(plane, [2, 4.5], "Hessian", 5.5);
    deepEqual([...maps].map(({ top }) => top), [0, 500, 0]);
    deepEqual(
      drawKeypoints(maps, 50, 1, "a", 0),
      drawKeypoints([...maps], 50, 1, "a", 0),
    );
  });

  it("depend on the seed, the purpose and the image alone", () => {
    const draw = (seed: number, purpose: string, image: number) =>
      drawKeypoints(maps, 20, seed, purpose, image);
    deepEqual(draw(1, "a", 0), draw(1, "a", 0));
    notDeepEqual(draw(1, "a", 0), draw(2, "a", 0));
    notDeepEqual(draw(1, "a", 0), draw(1, "b", 0));
    notDeepEqual(draw(1, "a", 0), draw(1, "a", 1));
  });

  it("are none where the picture is flat, and only those accepted", () => {
    const flat = {
      width: 200,
      height: 200,
      values: new Float32Array(40000).fill(9),
    };
    deepEqual(
      drawKeypoints(keypointMaps(flat, [3], "Hessian", 5.5), 5, 1, "flat", 0),
      [],
    );
    const left = drawKeypoints(maps, 50, 1, "left", 0, ({ x }) => x < 100);
    equal(left.length, 50);
    ok(left.every(({ x }) => x < 100));
  });
});

describe("the overlap of two discs", () => {
  it("is one for the same, zero apart, the ratio of areas inside", () => {
    const at = (x: number, sigma: number) => ({ x, y: 0, sigma });
    ok(Math.abs(discOverlap(at(0, 2), at(0, 2)) - 1) < 1e-12);
    equal(discOverlap(at(0, 2), at(20, 2)), 0);
    equal(discOverlap(at(0, 4), at(1, 2)), 0.25);
  });

  it("agrees with counting on a grid", () => {
    for (let round = 0; round < 20; round++) {
      const stream = new RandomStream(round, "discs");
      const a = { x: 0, y: 0, sigma: stream.uniform(0.1, 0.3) };
      const b = {
        x: stream.uniform(-1, 1),
        y: stream.uniform(-1, 1),
        sigma: stream.uniform(0.1, 0.3),
      };
      let both = 0, either = 0;
      for (let y = -3; y < 3; y += 0.02) {
        for (let x = -3; x < 3; x += 0.02) {
          const inA = Math.hypot(x, y) < 5 * a.sigma;
          const inB = Math.hypot(x - b.x, y - b.y) < 5 * b.sigma;
          if (inA && inB) both++;
          if (inA || inB) either++;
        }
      }
      ok(Math.abs(discOverlap(a, b) - both / either) < 0.01);
    }
  });
});

describe("the scale list", () => {
  it("e011 is eleven scales from 2 to 11.3, four an octave", () => {
    const scales = scaleList("e011");
    equal(scales.length, 11);
    equal(scales[0], 2);
    ok(
      Math.abs(scales[4] - 4) < 1e-12 && Math.abs(scales[10] - 11.3137) < 1e-4,
    );
  });

  it("may be written out", () =>
    deepEqual(scaleList("6, 1.5,3,3"), [1.5, 3, 6]));

  it("is refused otherwise", () => {
    for (const wrong of ["e012", "", "0.5", "3,,4", "51", "3 4", "NaN"]) {
      throws(
        () => scaleList(wrong),
        /Cannot choose the keypoint scales: download\.sigmas_v: found ".*", wanted "e011" or scales of 1 to 50/,
      );
    }
  });
});
