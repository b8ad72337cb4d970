import { deepEqual, equal, ok } from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keypointFields } from "../../../data/mod.ts";
import { RandomStream } from "../../../data/random.ts";
import { estimateHomography } from "../../../features/mod.ts";
import { silentLog } from "../../../pipeline/log.ts";
import type { MatchImagesOptions } from "../../../pipeline/matching/match_images.ts";
import type { FeatureRecords } from "../../../pipeline/matching/exchange/feature_records.ts";
import {
  matchPairs,
  type PairMatchingOptions,
} from "../../../pipeline/matching/exchange/match_pairs.ts";
import type {
  PairJournal,
  PairRecord,
} from "../../../pipeline/matching/exchange/pair_journal.ts";
import {
  drawPlane,
  height,
  width,
} from "../../helpers/features/synthetic_pairs.ts";

const count = 60;
const { pairs } = drawPlane(3, { count, rightOfFive: 5, noise: 6 });
const stream = new RandomStream(3, "descriptors");
const descriptors = Float32Array.from(
  { length: count * 128 },
  () => stream.normal(),
);

/** The record of a photograph with keypoints at these places; keypoints of one number have one descriptor. */
function recordOf(places: Float64Array) {
  const keypoints = new Float64Array(count * keypointFields);
  for (let number = 0; number < count; number++) {
    const [x, y] = places.subarray(2 * number);
    keypoints.set([x, y, 2, 0, 0.1], keypointFields * number);
  }
  return {
    ...{ width, height, orientation: 1, count, dimension: 128 },
    ...{ keypoints, descriptors },
  };
}

/** What is found between the two photographs. */
async function matched(matching: MatchImagesOptions): Promise<PairRecord> {
  const sides: Record<string, unknown> = {
    left: recordOf(pairs.left),
    right: recordOf(pairs.right),
  };
  const added: PairRecord[] = [];
  await matchPairs(
    {
      photographs: Object.keys(sides).map((key) => ({ key, name: key })),
      pairs: [[0, 1]],
      pairCount: 1,
      matching,
      records: {
        read: (key: string) => Promise.resolve(sides[key]),
      } as unknown as FeatureRecords,
      journal: {
        has: () => false,
        add: (_: string, __: string, record: PairRecord) =>
          Promise.resolve(void added.push(record)),
      } as unknown as PairJournal,
      log: silentLog,
      signal: new AbortController().signal,
    } as unknown as PairMatchingOptions,
  );
  return added[0];
}

describe("a pair that one plane carries, asked for a fundamental matrix", () => {
  it("has the homography of that plane, within the pixels that were asked for", async () => {
    const inlierPixels = 12;
    const { matches, geometry, inliers } = await matched({
      geometry: "fundamental",
      inlierPixels,
    });
    equal(matches.length, 2 * count);
    equal(geometry?.kind, "homography");
    const estimate = estimateHomography(pairs, {
      thresholdPixels: inlierPixels,
    });
    ok(estimate.found);
    deepEqual(inliers, estimate.inliers);
    deepEqual(geometry?.matrix, estimate.matrix);
    ok(inliers.length > 45, `${inliers.length} of ${count}`);
  });
});
