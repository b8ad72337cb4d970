import { join } from "@std/path";
import { PipelineError } from "../errors.ts";
import { isFile, namesIn } from "../files/file_tree.ts";

/** Files of a run folder that hold a trained network, the most finished first. */
const networks = ["stage2/model.safetensors", "stage1/model.safetensors"];

/**
 * The network of the newest run: of the run folder whose network was written last, what its last training stage gave.
 *
 * @throws {PipelineError} when no run folder has a network
 */
export async function newestModel(runsDirectory: string): Promise<string> {
  let newest: { path: string; timeMs: number } | undefined;
  for (const run of namesIn(runsDirectory).sort()) {
    for (const network of networks) {
      const path = join(runsDirectory, run, network);
      if (!isFile(path)) continue;
      const timeMs = (await Deno.stat(path)).mtime?.getTime() ?? 0;
      if (newest === undefined || timeMs > newest.timeMs) {
        newest = { path, timeMs };
      }
      break;
    }
  }
  if (newest !== undefined) return newest.path;
  throw new PipelineError({
    attempt: "match photographs",
    where: runsDirectory,
    found: "no trained network",
    wanted: "one of a run",
    remedy:
      "train one with `./run reproduce configs/demo.toml`, or name one with --model",
  });
}
