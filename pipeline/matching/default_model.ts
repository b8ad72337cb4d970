import { join, relative } from "@std/path";
import { publishedNetwork } from "../descriptors/published_network.ts";
import { PipelineError } from "../errors.ts";
import { isFile, namesIn } from "../files/file_tree.ts";

/** Files of a run folder that hold a trained network, the most finished first. */
const networks = ["stage2/model.safetensors", "stage1/model.safetensors"];

/**
 * The network to match with when none is named: the one that comes with the program, else {@linkcode newestModel}.
 *
 * @param published path of the one that comes with the program; null where none does
 * @throws {PipelineError} when there is neither
 */
export async function defaultModel(
  runsDirectory: string,
  published: string | null = publishedNetwork() ?? null,
): Promise<string> {
  if (published === null) return await newestModel(runsDirectory);
  const path = relative(Deno.cwd(), published);
  return path.startsWith("..") ? published : path;
}

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
