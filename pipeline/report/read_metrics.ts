import * as v from "valibot";
import { join } from "@std/path";
import { isAbsent } from "../files/file_tree.ts";

/**
 * Reads what a training stage of a run said, `metrics.jsonl`: the lines of one shape; others are left out, and all of them where there
 * is no such stage.
 */
export async function readMetrics<Line>(
  runDirectory: string,
  stage: string,
  shape: v.GenericSchema<unknown, Line>,
): Promise<Line[]> {
  const line = v.pipe(v.string(), v.parseJson(), shape);
  let text: string;
  try {
    text = await Deno.readTextFile(join(runDirectory, stage, "metrics.jsonl"));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
  return text.split("\n").flatMap((one) => {
    const parsed = v.safeParse(line, one);
    return parsed.success ? [parsed.output] : [];
  });
}
