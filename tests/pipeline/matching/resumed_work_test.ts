import { deepEqual } from "node:assert/strict";
import { join } from "@std/path";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { encodePng } from "../../../data/mod.ts";
import type { Log } from "../../../pipeline/log.ts";
import { extractFeatures } from "../../../pipeline/matching/exchange/extract_features.ts";
import { FeatureRecords } from "../../../pipeline/matching/exchange/feature_records.ts";
import { matchPairs } from "../../../pipeline/matching/exchange/match_pairs.ts";
import type { PairJournal } from "../../../pipeline/matching/exchange/pair_journal.ts";
import { recordedLog } from "../../helpers/pipeline/recorded_log.ts";
import { writeUntrainedModel } from "../../helpers/pipeline/untrained_model.ts";

let folder: string;

beforeEach(() => {
  folder = Deno.makeTempDirSync();
});
afterEach(() => Deno.removeSync(folder, { recursive: true }));

/** A log that keeps what it was told of activities. */
function watchedLog(): Log & { told: (string | number)[] } {
  const told: (string | number)[] = [];
  return {
    ...recordedLog(),
    told,
    progress: (label, total) => {
      told.push(label, total);
      return { update: (done) => void told.push(done), finish() {} };
    },
  };
}

describe("work that was done by an earlier run", () => {
  it("is no activity: nothing is told of features and pairs that are there", async () => {
    const model = join(folder, "model.safetensors");
    await writeUntrainedModel(model, 1);
    const images = ["a.png", "b.png"].map((name) => {
      const path = join(folder, name);
      const pixels = new Uint8Array(90 * 60).fill(120);
      Deno.writeFileSync(path, encodePng({ width: 90, height: 60, pixels }));
      return { name, path };
    });
    const records = new FeatureRecords(folder);
    const { signal } = new AbortController();
    const extract = async (images: { name: string; path: string }[]) => {
      const log = watchedLog();
      const options = { images, model, describing: {}, records, log, signal };
      return { photographs: await extractFeatures(options), told: log.told };
    };
    deepEqual((await extract(images.slice(0, 1))).told, ["features", 1, 0, 1]);
    Deno.writeFileSync(images[1].path, new Uint8Array(1), { append: true });
    // What is there counts as done from the beginning.
    deepEqual((await extract(images)).told, ["features", 2, 1, 2]);
    const { photographs, told } = await extract(images);
    deepEqual([photographs.length, told], [2, []]);

    const matched = new Set<string>();
    const journal = {
      has: (...keys: string[]) => matched.has(keys.join()),
      add: (left: string, right: string) =>
        Promise.resolve(void matched.add([left, right].join())),
    } as unknown as PairJournal;
    const match = async () => {
      const log = watchedLog();
      const work = { photographs, records, journal, log, signal };
      const pairs: [number, number][] = [[0, 1]];
      await matchPairs({ ...work, pairs, pairCount: 1, matching: {} });
      return log.told;
    };
    deepEqual([await match(), await match()], [["match", 1, 0, 1], []]);
  });
});
