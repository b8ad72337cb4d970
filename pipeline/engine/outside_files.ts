/**
 * Files outside the store that a stage reads.
 *
 * @module
 */
import type { StageFacts } from "../store/action_record.ts";
import type { Config } from "../config.ts";
import { PipelineError } from "../errors.ts";
import { withFileErrors } from "../files/file_errors.ts";
import { sha256File } from "../files/hash.ts";
import type { Stage } from "../stage.ts";
import type { Store } from "../store/store.ts";

/**
 * The digests of a stage's outside files, in its order; those of untouched files are known to the store's index.
 *
 * @throws {PipelineError} when one cannot be read, or is no regular file: a device or a pipe may have no end
 */
export async function digestOutsideFiles(
  stage: Stage,
  config: Config,
  { contents, imageSizes }: Store,
): Promise<StageFacts["external"]> {
  const external: StageFacts["external"] = [];
  const known = {
    imageSize: imageSizes.get.bind(imageSizes),
  };
  for (const path of await stage.externalFiles?.(config, known) ?? []) {
    const attempt = `read an input of ${stage.name}`;
    const digest = await withFileErrors(attempt, path, () => {
      const real = Deno.realPathSync(path);
      refuseOther(Deno.statSync(real), attempt, path);
      return contents.get(
        real,
        async (file) => (await sha256File(file)).digest,
      );
    });
    external.push({ path, digest });
  }
  return external;
}

function refuseOther(
  { isFile, isDirectory }: Deno.FileInfo,
  attempt: string,
  where: string,
): void {
  if (isFile) return;
  throw new PipelineError({
    attempt,
    where,
    found: isDirectory ? "a folder" : "a device or a pipe",
    wanted: "a regular file",
  });
}
