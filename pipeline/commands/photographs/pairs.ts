import { pairFormatNames } from "../../../data/exchange/format_names.ts";
import { PipelineError } from "../../errors.ts";
import { type Command, quietFlag } from "../command.ts";
import { commonOptions, descriptorsFlag, outFlag, tell } from "./features.ts";
import {
  choice,
  describingFlags,
  matchingFlags,
  matchingOf,
  modelFlag,
} from "./matching_flags.ts";

/** `pairs`: matches of pairs of photographs as other programs have them, with the features. */
export const pairs: Command = {
  name: "pairs",
  summary:
    "match pairs of photographs and write the matches for other programs",
  positionals: ["images…"],
  flags: [
    {
      name: "format",
      value: "NAME",
      required: true,
      summary: pairFormatNames.join(", "),
    },
    {
      name: "list",
      value: "FILE",
      summary: "pairs to match, two names a line; default: every pair",
    },
    modelFlag,
    {
      name: "geometry",
      value: "NAME",
      summary:
        "what verifies matches: fundamental (default; where one plane carries all, its homography), homography or none",
    },
    {
      name: "only-inliers",
      summary:
        "leave out matches that the geometry refutes, where a format does not tell both",
    },
    outFlag,
    ...describingFlags,
    ...matchingFlags,
    descriptorsFlag,
    quietFlag,
  ],
  example: "photographs --format colmap",
  usesGpu: () => true,
  async run(call) {
    const format = choice(call, "pairs", "format", pairFormatNames)!;
    const matching = matchingOf(call, "pairs");
    if (call.has("only-inliers") && matching.geometry === "none") {
      throw new PipelineError({
        attempt: "run pairs",
        found: "--only-inliers with --geometry none",
        wanted: "a geometry, which alone can refute matches",
      });
    }
    const common = await commonOptions(call, "pairs");
    const { exportPairs } = await import(
      "../../matching/exchange/export_photographs.ts"
    );
    const list = call.value("list");
    return tell(
      call,
      await exportPairs({
        ...common,
        format,
        matching: { geometry: "fundamental", ...matching },
        onlyInliers: call.has("only-inliers"),
        ...(list === "" ? {} : { list }),
      }),
    );
  },
};
