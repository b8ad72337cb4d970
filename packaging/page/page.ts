/**
 * Builds the page that matches two photographs in a browser, and serves it on this machine:
 *
 *     ./run page [--model FILE] [--build DIR] [--port N]
 *
 * @module
 */
import { join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { DataError } from "../../data/mod.ts";
import { GpuError } from "../../gpu/mod.ts";
import { PipelineError } from "../../pipeline/errors.ts";
import { print, printError } from "../../pipeline/log.ts";
import { defaultModel } from "../../pipeline/matching/default_model.ts";
import { buildPage } from "./build_page.ts";
import { type PageArguments, parsePageArguments } from "./page_arguments.ts";
import { servePage } from "./page_server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

async function run({ model, build, port }: PageArguments): Promise<void> {
  const directory = build === undefined ? join("runs", "page") : resolve(build);
  const chosen = model ?? await defaultModel("runs");
  await buildPage({ root, directory, model: chosen });
  print(`network   ${chosen}`);
  print(`files in  ${directory}`);
  if (build !== undefined) return;
  const server = servePage(directory, port);
  print(`page at   ${server.address}  (Ctrl-C ends it)`);
  await server.finished;
}

try {
  await run(parsePageArguments(Deno.args));
} catch (error) {
  const isForPeople = error instanceof PipelineError ||
    error instanceof DataError || error instanceof GpuError;
  if (!isForPeople) throw error;
  printError(error.message);
  Deno.exit(2);
}
