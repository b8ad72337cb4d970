import { keypointFields } from "../../../data/mod.ts";
import type { DescribedImage } from "../../descriptors/describe_image.ts";
import { PipelineError } from "../../errors.ts";
import type { Log, Progress } from "../../log.ts";
import {
  estimateGeometry,
  type MatchedImages,
  matchImages,
  type MatchImagesOptions,
} from "../match_images.ts";
import type { ExtractedPhotograph } from "./extract_features.ts";
import type { FeatureRecords } from "./feature_records.ts";
import type { PairJournal, PairRecord } from "./pair_journal.ts";
import type { NumberedPair } from "./pair_list.ts";

/** Descriptors that are kept in memory: those of 250 photographs of 2,000 keypoints. */
const mostKeptBytes = 2 ** 28;

/** What {@linkcode matchPairs} works with. */
export interface PairMatchingOptions {
  photographs: readonly ExtractedPhotograph[];
  /** numbers of photographs */
  pairs: Iterable<NumberedPair>;
  /** how many there are */
  pairCount: number;
  matching: MatchImagesOptions;
  records: FeatureRecords;
  journal: PairJournal;
  log: Log;
  signal: AbortSignal;
}

/**
 * Matches the pairs that have no entry in the journal, and verifies them. Where a fundamental matrix was wanted and one plane carries all that
 * agrees, the homography of that plane is what holds.
 *
 * @throws {PipelineError} when a record went away or the journal cannot be written
 */
export async function matchPairs(options: PairMatchingOptions): Promise<void> {
  const { photographs, pairs, pairCount, matching, records, journal } = options;
  const { log, signal } = options;
  const kept = new Map<number, DescribedImage>();
  let keptBytes = 0;
  const open = async (number: number): Promise<DescribedImage> => {
    let image = kept.get(number);
    if (image === undefined) {
      image = await readImage(photographs[number], records);
      keptBytes += image.descriptors.byteLength;
    }
    // The one that was used last stands last, the first ones go.
    kept.delete(number);
    kept.set(number, image);
    for (const [oldest, { descriptors }] of kept) {
      if (keptBytes <= mostKeptBytes || oldest === number) break;
      kept.delete(oldest);
      keptBytes -= descriptors.byteLength;
    }
    return image;
  };
  let progress: Progress | undefined;
  let done = 0;
  for (const [left, right] of pairs) {
    signal.throwIfAborted();
    const keys = [photographs[left].key, photographs[right].key] as const;
    if (!journal.has(...keys)) {
      // Only now, so that what was done before is not credited to the rate.
      if (progress === undefined) {
        progress = log.progress("match", pairCount, "pairs");
        progress.update(done);
      }
      const record = matchPair(await open(left), await open(right), matching);
      await journal.add(...keys, record);
    }
    done++;
    progress?.update(done);
  }
  progress?.finish();
}

async function readImage(
  { key, name }: ExtractedPhotograph,
  records: FeatureRecords,
): Promise<DescribedImage> {
  const record = await records.read(key);
  if (record === undefined) throw lostRecord(name);
  const { width, height, count, dimension, descriptors } = record;
  const keypoints = Array.from({ length: count }, (_, index) => {
    const start = keypointFields * index;
    const [x, y, sigma, angle, response] = record.keypoints.subarray(
      start,
      start + keypointFields,
    );
    return { x, y, sigma, angle, response };
  });
  return { width, height, keypoints, descriptors, dimension };
}

/** The refusal to go on without a record that was there a moment ago. */
export function lostRecord(name: string): PipelineError {
  return new PipelineError({
    attempt: "read the features again",
    where: name,
    found: "no record of them, or a damaged one",
    remedy: "run the same command again",
  });
}

function matchPair(
  left: DescribedImage,
  right: DescribedImage,
  options: MatchImagesOptions,
): PairRecord {
  const matched = matchImages(left, right, options);
  const { matches } = matched;
  const pairs = new Uint32Array(2 * matches.left.length);
  matches.left.forEach((number, index) => {
    pairs.set([number, matches.right[index]], 2 * index);
  });
  return {
    matches: pairs,
    distances: matches.distances,
    ratios: matches.ratios,
    ...geometryOf(left, right, matched, options),
  };
}

function geometryOf(
  left: DescribedImage,
  right: DescribedImage,
  { matches, geometry: found }: MatchedImages,
  options: MatchImagesOptions,
): Pick<PairRecord, "geometry" | "inliers"> {
  let geometry = found;
  if (geometry.kind === "fundamental" && geometry.reason === "one plane") {
    geometry = estimateGeometry(left, right, matches, "homography", options);
  }
  if (geometry.kind === "none") {
    return { geometry: undefined, inliers: new Uint32Array() };
  }
  const { kind, matrix, inliers } = geometry;
  return {
    geometry: matrix === null
      ? null
      : { kind, matrix: Float64Array.from(matrix) },
    inliers,
  };
}
