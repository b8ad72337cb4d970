import {
  colmapDescriptorNames,
  formatNames,
} from "../../../data/exchange/format_names.ts";
import type { ExportOutcome } from "../../matching/exchange/export_photographs.ts";
import { type Call, type Command, type Flag, quietFlag } from "../command.ts";
import {
  choice,
  describingFlags,
  describingOf,
  modelFlag,
  modelOf,
} from "./matching_flags.ts";

/** Not `features`: that is a folder of the program's own. */
const defaultFolder = "described";

/** `--out`, for commands that write photographs' features. */
export const outFlag: Flag = {
  name: "out",
  value: "DIR",
  summary:
    `where the files go, and what an interrupted run takes up; default ${defaultFolder}`,
};

/** `--descriptors`, for commands that write COLMAP's database. */
export const descriptorsFlag: Flag = {
  name: "descriptors",
  value: "KIND",
  summary:
    "in COLMAP's database: bytes (default, which its matcher takes), float32 or none",
};

/** `features`: photographs' keypoints and descriptors as other programs have them. */
export const features: Command = {
  name: "features",
  summary: "write photographs' keypoints and descriptors for other programs",
  positionals: ["images…"],
  flags: [
    {
      name: "format",
      value: "NAME",
      required: true,
      summary: formatNames.join(", "),
    },
    modelFlag,
    outFlag,
    ...describingFlags,
    descriptorsFlag,
    quietFlag,
  ],
  example: "photographs --format hloc",
  usesGpu: () => true,
  async run(call) {
    const format = choice(call, "features", "format", formatNames)!;
    const common = await commonOptions(call, "features");
    const { exportFeatures } = await import(
      "../../matching/exchange/export_photographs.ts"
    );
    return tell(call, await exportFeatures({ ...common, format }));
  },
};

/** What `features` and `pairs` both take from the command line. */
export async function commonOptions(call: Call, command: string) {
  const describing = describingOf(call, command);
  const descriptors =
    choice(call, command, "descriptors", colmapDescriptorNames) ?? "bytes";
  return {
    paths: call.positionals,
    directory: call.value("out") || defaultFolder,
    model: await modelOf(call),
    describing,
    descriptors,
    command: `${command} ${call.positionals.join(" ")}`,
    log: call.log,
    signal: call.signal,
  };
}

/** Prints what became of the photographs; returns the exit code: 1 when some could not be read. */
export function tell(call: Call, { lines, passedOver }: ExportOutcome): number {
  for (const line of lines) call.print(line);
  return passedOver > 0 ? 1 : 0;
}
