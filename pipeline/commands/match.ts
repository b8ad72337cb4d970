import { basename, join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { geometryNames } from "../matching/geometry_names.ts";
import type { MatchImagesOptions } from "../matching/match_images.ts";
import { type Call, type Command, quietFlag } from "./command.ts";

/** `match`: the places that two photographs share, by a trained network. */
export const match: Command = {
  name: "match",
  summary: "find the places that two photographs share, and draw them",
  positionals: ["left", "right"],
  flags: [
    {
      name: "model",
      value: "FILE",
      summary:
        "network: safetensors, or PyTorch's .pt; default: the newest run's",
    },
    {
      name: "geometry",
      value: "NAME",
      summary:
        "homography (default: planes, or a camera that only turned), fundamental (rigid scenes) or none",
    },
    {
      name: "out",
      value: "DIR",
      summary: "where the files go; default matches/<left>-<right>",
    },
    {
      name: "keypoints",
      value: "N",
      summary: "keypoints of each photograph at most, default 2000",
    },
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
    quietFlag,
  ],
  example: "left.jpg right.jpg",
  usesGpu: () => true,
  async run(call) {
    const options = optionsOf(call);
    const { matchFiles } = await import("../matching/match_files.ts");
    const { newestModel } = await import("../matching/default_model.ts");
    const { defaultRunsDirectory } = await import(
      "../engine/open_planner.ts"
    );
    const [left, right] = call.positionals;
    const lines = await matchFiles({
      left,
      right,
      model: call.value("model") || await newestModel(defaultRunsDirectory),
      directory: call.value("out") ||
        join("matches", `${stem(left)}-${stem(right)}`),
      log: call.log,
      signal: call.signal,
      ...options,
    });
    for (const line of lines) call.print(line);
    return 0;
  },
};

function optionsOf(call: Call) {
  const geometry = choice(call, "geometry", geometryNames);
  const detector = choice(call, "detector", ["dog", "hessian"]);
  const most = number(
    call,
    "keypoints",
    (n) => Number.isSafeInteger(n) && n > 0,
    "a whole number of 1 or more",
  );
  const ratio = number(
    call,
    "ratio",
    (n) => n > 0 && n <= 1,
    "a number above 0, at most 1",
  );
  const above0 = (n: number) => n > 0 && n < Infinity;
  const inlierPixels = number(
    call,
    "inlier-pixels",
    above0,
    "a number above 0",
  );
  const sideSigmas = number(call, "patch-sigmas", above0, "a number above 0");
  const matching: MatchImagesOptions = {
    ...(geometry === undefined ? {} : { geometry }),
    ...(ratio === undefined ? {} : { ratio }),
    ...(inlierPixels === undefined ? {} : { inlierPixels }),
  };
  const describing = {
    upright: call.has("upright"),
    ...(detector === undefined ? {} : { detector }),
    ...(most === undefined ? {} : { most }),
    ...(sideSigmas === undefined ? {} : { sideSigmas }),
  };
  return { matching, describing };
}

function choice<Name extends string>(
  call: Call,
  flag: string,
  names: readonly Name[],
): Name | undefined {
  const text = call.value(flag);
  if (text === "") return undefined;
  const found = names.find((name) => name === text);
  if (found === undefined) throw refusal(flag, text, names.join(" or "));
  return found;
}

function number(
  call: Call,
  flag: string,
  holds: (value: number) => boolean,
  wanted: string,
): number | undefined {
  const text = call.value(flag);
  if (text === "") return undefined;
  const value = Number(text);
  if (!holds(value)) throw refusal(flag, text, wanted);
  return value;
}

function refusal(flag: string, text: string, wanted: string): PipelineError {
  return new PipelineError({
    attempt: "run match",
    found: `--${flag} ${text}`,
    wanted,
  });
}

function stem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, "");
}
