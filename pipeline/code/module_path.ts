import { fileURLToPath } from "node:url";
import { PipelineError } from "../errors.ts";

/**
 * The file that a stage's module is.
 *
 * @throws {PipelineError} when the program was imported from elsewhere than a folder: a stage's result is known by the files of its code
 */
export function modulePath(module: URL): string {
  if (module.protocol === "file:") return fileURLToPath(module);
  throw new PipelineError({
    attempt: "tell a stage's code",
    where: module.href,
    found: "a program that was imported from a registry or a URL",
    wanted: "one in a folder: results are known by the files that made them",
    remedy:
      'clone the repository and name its folder in "links" of your deno.json',
  });
}
