import { PipelineError } from "../../errors.ts";
import { geometryNames } from "../../matching/geometry_names.ts";
import type { MatchImagesOptions } from "../../matching/match_images.ts";
import type { DescribeImageOptions } from "../../descriptors/describe_image.ts";
import { realNumberFrom, wholeNumberFrom } from "../arguments/numbers.ts";
import type { Call, Flag } from "../command.ts";

/** `--model`, for commands that describe photographs. */
export const modelFlag: Flag = {
  name: "model",
  value: "FILE",
  summary:
    "network: safetensors, or PyTorch's .pt; default: the one in weights/, else the newest run's",
};

/**
 * Path of the network that {@linkcode modelFlag} names, or of the default one.
 *
 * @throws {PipelineError} when none is named and there is no default
 */
export async function modelOf(call: Call): Promise<string> {
  const { defaultModel } = await import("../../matching/default_model.ts");
  const { defaultRunsDirectory } = await import("../../engine/open_planner.ts");
  return call.value("model") || await defaultModel(defaultRunsDirectory);
}

/** Which keypoints of a photograph are described, and how. */
export const describingFlags: readonly Flag[] = [
  {
    name: "keypoints",
    value: "N",
    summary: "keypoints of each photograph at most, default 2000",
  },
  {
    name: "patch-sigmas",
    value: "S",
    summary: "side of a patch in units of its keypoint's scale, default 12",
  },
  {
    name: "detector",
    value: "NAME",
    summary: "dog (default) or hessian",
  },
  {
    name: "upright",
    summary: "take every keypoint as upright, for cameras that were",
  },
];

/** How descriptors are matched and the matches verified. `--geometry` has another default with each command. */
export const matchingFlags: readonly Flag[] = [
  {
    name: "ratio",
    value: "R",
    summary:
      "nearest over second nearest distance of a match at most, 0 to 1, default 0.9",
  },
  {
    name: "inlier-pixels",
    value: "P",
    summary:
      "how far a match may lie from the geometry, default 3 (homography) or 1.5 (fundamental)",
  },
];

/**
 * What was typed for {@linkcode describingFlags}.
 *
 * @throws {PipelineError} when a value is out of its range
 */
export function describingOf(
  call: Call,
  command: string,
): Omit<DescribeImageOptions, "onPart"> {
  const detector = choice(call, command, "detector", ["dog", "hessian"]);
  const most = number(
    call,
    command,
    "keypoints",
    (n) => n > 0,
    "a whole number of 1 or more",
    wholeNumberFrom,
  );
  const sideSigmas = number(
    call,
    command,
    "patch-sigmas",
    isAbove0,
    "a number above 0",
  );
  return {
    upright: call.has("upright"),
    ...(detector === undefined ? {} : { detector }),
    ...(most === undefined ? {} : { most }),
    ...(sideSigmas === undefined ? {} : { sideSigmas }),
  };
}

/**
 * What was typed for {@linkcode matchingFlags} and `--geometry`.
 *
 * @throws {PipelineError} when a value is out of its range
 */
export function matchingOf(call: Call, command: string): MatchImagesOptions {
  const geometry = choice(call, command, "geometry", geometryNames);
  const ratio = number(
    call,
    command,
    "ratio",
    (n) => n > 0 && n <= 1,
    "a number above 0, at most 1",
  );
  const inlierPixels = number(
    call,
    command,
    "inlier-pixels",
    isAbove0,
    "a number above 0",
  );
  return {
    ...(geometry === undefined ? {} : { geometry }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(inlierPixels === undefined ? {} : { inlierPixels }),
  };
}

/**
 * The value of a flag that takes one of some names; undefined when it was not given.
 *
 * @throws {PipelineError} for any other
 */
export function choice<Name extends string>(
  call: Call,
  command: string,
  flag: string,
  names: readonly Name[],
): Name | undefined {
  const text = call.value(flag);
  if (text === "") return undefined;
  const found = names.find((name) => name === text);
  if (found === undefined) {
    throw refusal(command, flag, text, names.join(" or "));
  }
  return found;
}

function number(
  call: Call,
  command: string,
  flag: string,
  holds: (value: number) => boolean,
  wanted: string,
  numberFrom = realNumberFrom,
): number | undefined {
  const text = call.value(flag);
  if (text === "") return undefined;
  const value = numberFrom(text);
  if (!holds(value)) throw refusal(command, flag, text, wanted);
  return value;
}

function isAbove0(value: number): boolean {
  return value > 0 && value < Infinity;
}

function refusal(
  command: string,
  flag: string,
  text: string,
  wanted: string,
): PipelineError {
  return new PipelineError({
    attempt: `run ${command}`,
    found: `--${flag} ${text}`,
    wanted,
  });
}
