import { deepEqual, ok, throws } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream } from "../../../data/random.ts";
import {
  FeatureError,
  fromColmapRow,
  fromHloc,
  fromLocalAffineFrame,
  fromOpenCv,
  fromVlFeat,
  type Keypoint,
  patchRegion,
  toColmapAffineRow,
  toColmapRow,
  toHloc,
  toLocalAffineFrame,
  toOpenCv,
  toVlFeat,
} from "../../../features/mod.ts";
import { assertClose } from "../../helpers/closeness.ts";

/** Turned by 30° clockwise, as every convention here can say. */
const known: Keypoint = {
  x: 10,
  y: 20,
  sigma: 3,
  angle: Math.PI / 6,
  response: 0.25,
};

function drawKeypoint(stream: RandomStream): Keypoint {
  return {
    x: stream.uniform(-1, 12000),
    y: stream.uniform(-1, 9000),
    sigma: 2 ** stream.uniform(-1, 9),
    angle: stream.uniform(0, 2 * Math.PI),
    response: stream.uniform(),
  };
}

/** Fails when two keypoints differ by more than 1e-6 in anything, angles modulo a turn. */
function assertSame(found: Partial<Keypoint>, wanted: Keypoint) {
  const turn = 2 * Math.PI;
  ok(found.angle! >= 0 && found.angle! < turn, String(found.angle));
  const difference = Math.abs(found.angle! - wanted.angle);
  ok(Math.min(difference, turn - difference) < 1e-6, String(difference));
  for (const field of ["x", "y", "sigma", "response"] as const) {
    if (field === "response" && found.response === undefined) continue;
    ok(Math.abs(found[field]! - wanted[field]) < 1e-6, field);
  }
}

describe("keypoints of other programs", () => {
  it("come back as they went, to 1e-6", () => {
    const stream = new RandomStream(1, "conventions");
    const tours: ((keypoint: Keypoint) => Partial<Keypoint>)[] = [
      (keypoint) => fromColmapRow(toColmapRow(keypoint)),
      (keypoint) => fromColmapRow(toColmapAffineRow(keypoint)),
      (keypoint) => fromHloc(toHloc([keypoint]))[0],
      (keypoint) => fromOpenCv(toOpenCv(keypoint)),
      (keypoint) => fromVlFeat(toVlFeat(keypoint)),
      (keypoint) => fromLocalAffineFrame(toLocalAffineFrame(keypoint)),
      (keypoint) => fromLocalAffineFrame(toLocalAffineFrame(keypoint, 24), 24),
    ];
    for (let trial = 0; trial < 300; trial++) {
      const keypoint = drawKeypoint(stream);
      for (const tour of tours) assertSame(tour(keypoint), keypoint);
    }
    for (const angle of [0, Math.PI, 2 * Math.PI - 1e-9]) {
      for (const tour of tours) {
        assertSame(tour({ ...known, angle }), { ...known, angle });
      }
    }
  });

  it("have the numbers that their programs mean", () => {
    const half = Math.sqrt(3) / 2;
    assertClose(toColmapRow(known), [10.5, 20.5, 3, Math.PI / 6], 1e-12);
    assertClose(
      toColmapAffineRow(known),
      [10.5, 20.5, 3 * half, -1.5, 1.5, 3 * half],
      1e-12,
    );
    const { keypoints, scales, oris, scores } = toHloc([known]);
    deepEqual([...keypoints, ...scales, ...scores], [10, 20, 3, 0.25]);
    assertClose(oris[0], 30, 1e-12);
    assertClose(
      toOpenCv(known),
      {
        x: 10,
        y: 20,
        size: 6,
        angle: 30,
        response: 0.25,
        octave: 0,
        class_id: -1,
      },
      1e-12,
    );
    assertClose(toVlFeat(known), [11, 21, 3, Math.PI / 6], 1e-12);
    // Half the patch's side is 6 sigma; kornia's orientation, atan2(a12, a11), has our angle's opposite sign.
    const [a11, a12, x, a21, a22, y] = toLocalAffineFrame(known);
    assertClose([x, y], [10, 20], 0);
    assertClose(Math.sqrt(a11 * a22 - a12 * a21), 18, 1e-12);
    assertClose(Math.atan2(a12, a11), -Math.PI / 6, 1e-12);
  });

  it("that kornia cuts are of our own patches' region", () => {
    const frame = toLocalAffineFrame(known, 24);
    assertClose(frame, [...patchRegion(known, 24).subarray(0, 6)], 1e-12);
  });

  it("with fewer numbers than ours get a scale and angle of none", () => {
    deepEqual(fromColmapRow([3.5, 4.5]), { x: 3, y: 4, sigma: 1, angle: 0 });
    assertSame(fromOpenCv({ ...toOpenCv(known), angle: -1 }), {
      ...known,
      angle: 0,
    });
  });

  it("with angles of any turn are brought into the first", () => {
    assertSame(fromVlFeat([11, 21, 3, Math.PI / 6 - 4 * Math.PI]), known);
    assertSame(
      fromColmapRow([10.5, 20.5, 3, Math.PI / 6 + 2 * Math.PI]),
      known,
    );
    assertSame(fromOpenCv({ ...toOpenCv(known), angle: -330 }), known);
  });

  it("that are none are refused", () => {
    throws(() => fromColmapRow([1, 2, 3]), FeatureError);
    throws(() => fromLocalAffineFrame([1, 0, 5, 0, -1, 5]), FeatureError);
    throws(() => fromLocalAffineFrame([1, 0, 5, 0, 1]), FeatureError);
    throws(
      () =>
        fromHloc({ keypoints: [1, 2, 3], scales: [1], oris: [0], scores: [1] }),
      FeatureError,
    );
  });
});
