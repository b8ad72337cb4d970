import { deepEqual, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { RandomStream, shuffle } from "../../../data/random.ts";
import type { Keypoint } from "../../../features/keypoint.ts";
import {
  compareKeypoints,
  StrongestKeypoints,
} from "../../../features/keypoints/strongest_keypoints.ts";

describe("the strongest of many keypoints", () => {
  it("do not depend on the order in which they came, ties and repeats included", () => {
    const stream = new RandomStream(4, "strongest");
    const distinct = new Map<string, Keypoint>();
    const many = Array.from({ length: 3000 }, (): Keypoint => {
      const keypoint = {
        x: stream.integer(6),
        y: stream.integer(6),
        sigma: 1 + stream.integer(2),
        angle: stream.integer(3),
        response: stream.integer(20) / 20,
      };
      distinct.set(JSON.stringify(keypoint), keypoint);
      return keypoint;
    });
    const sorted = [...distinct.values()].sort(compareKeypoints);
    for (let trial = 0; trial < 10; trial++) {
      for (const most of [1, 40, 5000]) {
        const strongest = new StrongestKeypoints(most);
        for (const keypoint of shuffle(many, stream)) {
          // What a caller may leave out is never among the strongest.
          if (keypoint.response >= strongest.leastResponse) {
            strongest.add(keypoint);
          }
        }
        deepEqual(strongest.take(), sorted.slice(0, most));
      }
    }
  });

  it("let a caller know what is too weak, once there are enough", () => {
    const strongest = new StrongestKeypoints(10);
    for (let i = 0; i < 1000; i++) {
      strongest.add({ x: i, y: 0, sigma: 1, angle: 0, response: i / 1000 });
    }
    ok(strongest.leastResponse > 0.7, String(strongest.leastResponse));
  });
});
