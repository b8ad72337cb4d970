import { basename, join } from "@std/path";
import { type Command, quietFlag } from "../command.ts";
import {
  describingFlags,
  describingOf,
  matchingFlags,
  matchingOf,
  modelFlag,
  modelOf,
} from "./matching_flags.ts";

/** `match`: the places that two photographs share, by a trained network. */
export const match: Command = {
  name: "match",
  summary: "find the places that two photographs share, and draw them",
  positionals: ["left", "right"],
  flags: [
    modelFlag,
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
    ...describingFlags,
    ...matchingFlags,
    quietFlag,
  ],
  example: "left.jpg right.jpg",
  usesGpu: () => true,
  async run(call) {
    const describing = describingOf(call, "match");
    const matching = matchingOf(call, "match");
    const { matchFiles } = await import("../../matching/match_files.ts");
    const [left, right] = call.positionals;
    const lines = await matchFiles({
      left,
      right,
      model: await modelOf(call),
      directory: call.value("out") ||
        join("matches", `${stem(left)}-${stem(right)}`),
      log: call.log,
      signal: call.signal,
      describing,
      matching,
    });
    for (const line of lines) call.print(line);
    return 0;
  },
};

function stem(path: string): string {
  return basename(path).replace(/\.[^.]+$/, "");
}
