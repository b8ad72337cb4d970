import assert from "node:assert/strict";
import { join } from "@std/path";
import { loadOpenCV } from "@opencvjs/node";
import { after, before, describe, it } from "@std/testing/bdd";
import { estimateHomography } from "../../../features/mod.ts";
import { readPairImage } from "../../../pipeline/descriptors/pair_image_file.ts";
import {
  type DescribedPairs,
  loadPairs,
} from "../../../pipeline/evaluation/image_pairs/described_pairs.ts";
import { measureImagePairs } from "../../../pipeline/evaluation/image_pairs/measure_image_pairs.ts";
import {
  matchPair,
  outcomeOf,
} from "../../../pipeline/evaluation/image_pairs/pair_outcome.ts";
import { chooseRatios } from "../../../pipeline/evaluation/image_pairs/ratio_choice.ts";
import { PairCollector } from "../../../pipeline/evaluation/image_pairs/shown_pair.ts";
import { silentLog } from "../../../pipeline/log.ts";
import { cornerErrorPixels } from "../../../pipeline/metrics/image_pairs.ts";
import {
  cheapDescriptors,
  describedPhotographs,
} from "../../helpers/pipeline/described_photographs.ts";

let folder: string;
let test: DescribedPairs;
let validation: DescribedPairs;
before(async () => {
  folder = Deno.makeTempDirSync();
  [test, validation] = await Promise.all([
    describedPhotographs(join(folder, "test"), [
      "nagasaki-boats",
      "acanthus-mollis",
    ]),
    describedPhotographs(join(folder, "validation"), ["black-canyon"]),
  ]);
});
after(() => Deno.removeSync(folder, { recursive: true }));

const options = () => ({
  test,
  validation,
  descriptors: cheapDescriptors,
  log: silentLog,
});

describe("measureImagePairs", () => {
  it("measures every descriptor on the same keypoints, twice alike", async () => {
    const told: string[] = [];
    const measures = await measureImagePairs({
      ...options(),
      onMatches: ({ number }, name, { points }, outcome) => {
        told.push(`${name} ${number}`);
        assert.equal(points.left.length, 2 * outcome.matches);
      },
    });
    assert.deepEqual(Object.keys(measures), cheapDescriptors);
    assert.equal(told.length, 8);
    for (const name of cheapDescriptors) {
      const { pairs, tuned, ratio, matches, estimated, figures } =
        measures[name];
      assert.equal(pairs, 4);
      assert.ok(tuned && ratio >= 0.6 && ratio <= 1);
      assert.ok(matches > 50 && matches < 400, `${matches}`);
      assert.ok(estimated >= 0.5, `${estimated}`);
      const accuracies = Array.from(
        { length: 10 },
        (_, i) => figures[`mma_${i + 1}` as "mma_1"]!,
      );
      assert.deepEqual(accuracies, accuracies.toSorted());
      assert.ok(accuracies[2] > 0.6, `${name}: ${accuracies}`);
      assert.ok(figures.corner_auc_5! > 0.4, `${figures.corner_auc_5}`);
      assert.ok(figures.recall_3! > 0.3 && figures.recall_3! <= 1);
      assert.ok(!("pose_auc_5" in figures));
    }
    assert.deepEqual(await measureImagePairs(options()), measures);
  });

  it("keeps matches up to 0.9 where there are no pairs to choose a ratio on", async () => {
    const { rootsift } = await measureImagePairs({
      ...options(),
      validation: undefined,
      descriptors: ["rootsift"],
    });
    assert.deepEqual([rootsift.ratio, rootsift.tuned], [0.9, false]);
  });

  it("takes the ratio whose matches are best on the validation pairs", async () => {
    const ratios = await chooseRatios(validation, ["rootsift"]);
    const score = async (ratio: number) => {
      let sum = 0;
      for await (const { pair, left, right } of loadPairs(validation)) {
        const matches = matchPair(left, right, "rootsift", ratio);
        const outcome = outcomeOf(pair, left, right, matches);
        assert.ok(outcome.kind === "homography");
        const [precision, recall] = [outcome.accuracies[2], outcome.recall];
        sum += 2 * precision * recall / (precision + recall || 1);
      }
      return sum;
    };
    const chosen = await score(ratios.get("rootsift")!);
    for (const ratio of [0.6, 0.75, 0.9, 1]) {
      assert.ok(await score(ratio) <= chosen, `${ratio}`);
    }
  });

  it("gives intervals over sequences, of equal draws for every descriptor", async () => {
    const measures = await measureImagePairs({
      ...options(),
      bootstrap: { replicates: 40, seed: 3 },
    });
    for (const name of cheapDescriptors) {
      const { bootstrap, figures } = measures[name];
      assert.deepEqual(bootstrap!.sequences, [
        "acanthus-mollis",
        "nagasaki-boats",
      ]);
      const { value, low, high, replicates } = bootstrap!.figures.mma_3;
      assert.equal(value, figures.mma_3);
      // Two sequences: one twice, the other twice, or both.
      const kinds = new Set(replicates);
      assert.equal(kinds.size, 3);
      assert.ok(kinds.has(Number(value.toFixed(7))));
      assert.ok(low! < value && value < high!);
    }
    assert.notDeepEqual(measures.pixels, measures.rootsift);
  });

  it("keeps images as they were described", async () => {
    const { width, height, keypoints, descriptors } = await readPairImage(
      join(test.directory, "00001.safetensors"),
    );
    assert.ok(Math.max(width, height) <= 640, `${width}×${height}`);
    assert.equal(keypoints.length, 400);
    assert.ok(keypoints[0].response >= keypoints[399].response);
    for (const [name, dimension] of [["pixels", 256], ["rootsift", 128]]) {
      const rows = descriptors.get(String(name))!;
      assert.equal(rows.dimension, dimension);
      assert.equal(rows.values.length, 400 * Number(dimension));
    }
  });

  it("shows the pair whose number of right matches is the median", async () => {
    const collector = new PairCollector(["pixels", "rootsift"]);
    const counts: number[] = [];
    await measureImagePairs({
      ...options(),
      onMatches: ({ number }, name, { points }, outcome) => {
        collector.add(number, name, points);
        if (name !== "rootsift" || outcome.kind !== "homography") return;
        counts[number] = Math.round(outcome.accuracies[2] * outcome.matches);
      },
    });
    const [shown] = await collector.typicalPair("photos", test.set);
    const right = shown.matches.rootsift.filter(([, , , , is]) => is).length;
    assert.equal(right, counts.toSorted((a, b) => a - b)[1]);
    assert.deepEqual(Object.keys(shown.matches), ["pixels", "rootsift"]);
    for (const [x, y, u, v] of shown.matches.rootsift) {
      assert.ok(x >= 0 && x <= shown.left.width && y <= shown.left.height);
      assert.ok(u >= 0 && u <= shown.right.width && v <= shown.right.height);
    }
  });
});

describe("homographies of real matches", () => {
  it("are as near to the truth as OpenCV's MAGSAC", async () => {
    const cv = await loadOpenCV();
    /** OpenCV's USAC_MAGSAC, which the package's types lack. */
    const magsac = 38;
    let ours = 0, theirs = 0, easy = 0;
    for await (const { pair, left, right } of loadPairs(test)) {
      const { points } = matchPair(left, right, "rootsift", 0.9);
      const found = estimateHomography(points);
      const count = points.left.length / 2;
      const from = cv.matFromArray(count, 2, cv.CV_64F, [...points.left]);
      const to = cv.matFromArray(count, 2, cv.CV_64F, [...points.right]);
      const mask = new cv.Mat();
      const model = cv.findHomography(
        from,
        to,
        magsac,
        3,
        mask,
        10_000,
        0.9999,
      );
      assert.ok(pair.truth.kind === "homography");
      const errorOf = (matrix: ArrayLike<number>) =>
        pair.truth.kind === "homography"
          ? cornerErrorPixels(
            matrix,
            pair.truth.matrix,
            left.width,
            left.height,
          )
          : NaN;
      // Where hardly anything agrees both may give nothing, or anything.
      if (found.found && found.inliers.length > 30) {
        easy++;
        ours += errorOf(found.matrix);
        theirs += errorOf(model.data64F);
      }
      for (const mat of [from, to, mask, model]) mat.delete();
    }
    assert.ok(easy >= 2, `${easy} pairs`);
    assert.ok(ours / easy < 2, `${ours / easy} px`);
    assert.ok(
      ours < 1.2 * theirs + 0.1 * easy,
      `${ours / easy} and ${theirs / easy} px`,
    );
  });
});
