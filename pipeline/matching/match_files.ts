import { join } from "@std/path";
import { readGreyImage } from "../../data/mod.ts";
import type { GreyPicture } from "../../features/mod.ts";
import { loadDescriptor } from "../descriptor.ts";
import { sha256File } from "../files/hash.ts";
import { writeFileAtomically } from "../files/write_file.ts";
import type { Log } from "../log.ts";
import {
  type DescribeImageOptions,
  type MatchingPart,
  matchingParts,
} from "../descriptors/describe_image.ts";
import { matchImages, type MatchImagesOptions } from "./match_images.ts";
import { matchesCsv, matchesJson } from "./match_texts.ts";
import { pairPicture, type PicturedImage } from "./pair_picture.ts";
import { verdict } from "./verdict.ts";

/** Two photographs to match, and where the result goes. */
export interface MatchFilesOptions {
  /** path of a photograph */
  left: string;
  /** path of a photograph */
  right: string;
  /** path of a network */
  model: string;
  /** folder that takes the files; made when it is missing */
  directory: string;
  describing: DescribeImageOptions;
  matching: MatchImagesOptions;
  log: Log;
  signal: AbortSignal;
}

/**
 * Matches two photographs and writes `matches.json`, `matches.csv` and `matches.svg`. The first two are a function of photographs, network
 * and options; the caption of the picture tells the times as well.
 *
 * @returns five lines for people: network, both photographs, matches, times
 * @throws {DataError} when a photograph or the network cannot be read
 * @throws {PipelineError} when the folder cannot be written to
 */
export async function matchFiles(
  options: MatchFilesOptions,
): Promise<string[]> {
  const { directory, model, log, signal } = options;
  const times = new Map<MatchingPart, number>();
  const onPart = (part: MatchingPart, timeMs: number) => {
    times.set(part, (times.get(part) ?? 0) + timeMs);
  };
  const progress = log.progress("match", 3, "parts");
  // Both before the network is set up, so that neither is refused after seconds of work on the other.
  const pictures = [
    await readGreyImage(options.left),
    await readGreyImage(options.right),
  ];
  using descriptor = await loadDescriptor(model);
  const open = async (
    file: string,
    picture: GreyPicture,
  ): Promise<PicturedImage> => {
    signal.throwIfAborted();
    const described = await descriptor.describeImage(picture, {
      ...options.describing,
      onPart,
      signal,
    });
    return { ...described, file, picture };
  };
  const left = await open(options.left, pictures[0]);
  progress.update(1);
  const right = await open(options.right, pictures[1]);
  progress.update(2);
  signal.throwIfAborted();
  const matched = matchImages(left, right, options.matching, onPart);
  progress.update(3);
  progress.finish();
  const facts = { file: model, sha256: (await sha256File(model)).digest };
  const sentence = verdict(left, right, matched);
  const spent = timesText(times);
  const texts = {
    "matches.json": matchesJson(left, right, matched, facts),
    "matches.csv": matchesCsv(left, right, matched),
    "matches.svg": pairPicture(left, right, matched, [
      `matches: ${sentence}`,
      `${left.keypoints.length} and ${right.keypoints.length} keypoints; ${spent}`,
    ]),
  };
  for (const [name, text] of Object.entries(texts)) {
    await writeFileAtomically("write the matches", join(directory, name), text);
  }
  return [
    `network   ${model}`,
    ...[left, right].map((image, index) =>
      `${
        index === 0 ? "left " : "right"
      }     ${image.file}, ${image.width}×${image.height}, ${image.keypoints.length} keypoints`
    ),
    `matches   ${sentence}`,
    `time      ${spent}; files in ${directory}`,
  ];
}

/** `3.2 s: keypoints 41 %, patches 6 %, …` */
function timesText(times: ReadonlyMap<MatchingPart, number>): string {
  const total = [...times.values()].reduce((sum, ms) => sum + ms, 0);
  const shares = matchingParts.map((part) =>
    `${part} ${Math.round(100 * (times.get(part) ?? 0) / total)} %`
  );
  return `${(total / 1000).toFixed(1)} s: ${shares.join(", ")}`;
}
