/**
 * Builds the page that matches two photographs in a browser, and serves it on this machine:
 *
 *     ./run page [--model FILE] [--build DIR] [--port N]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { DataError } from "../../data/mod.ts";
import { GpuError } from "../../gpu/mod.ts";
import { PipelineError } from "../../pipeline/errors.ts";
import { print, printError } from "../../pipeline/log.ts";
import { defaultModel } from "../../pipeline/matching/default_model.ts";
import { buildPage } from "./build_page.ts";
import { servePage } from "./page_server.ts";

const usage = "usage: ./run page [--model FILE] [--build DIR] [--port N]";
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What is asked for on the command line. */
interface Wanted {
  model: string;
  /** takes the page, which is then not served; "" for none */
  build: string;
  port: number | undefined;
}

function parse(args: string[]): Wanted {
  const { _: positionals, ...flags } = parseArgs(args, {
    string: ["model", "build", "port"],
  });
  const known = ["model", "build", "port"];
  const unknown = Object.keys(flags).find((name) => !known.includes(name));
  if (unknown !== undefined || positionals.length > 0) {
    throw new PipelineError({
      attempt: "build the page",
      found: unknown === undefined
        ? JSON.stringify(positionals.join(" "))
        : `an unknown flag --${unknown}`,
      wanted: "flags that are known",
      remedy: usage,
    });
  }
  const { model = "", build = "", port: text } = flags as Record<
    string,
    string | undefined
  >;
  const port = text === undefined ? undefined : Number(text);
  if (
    port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536)
  ) {
    throw new PipelineError({
      attempt: "serve the page",
      found: `--port ${text}`,
      wanted: "a number from 0 to 65535",
    });
  }
  return { model, build, port };
}

async function run({ model, build, port }: Wanted): Promise<void> {
  const directory = build === "" ? join("runs", "page") : resolve(build);
  const chosen = model || await defaultModel("runs");
  await buildPage({ root, directory, model: chosen });
  print(`network   ${chosen}`);
  print(`files in  ${directory}`);
  if (build !== "") return;
  const server = servePage(directory, port);
  print(`page at   ${server.address}  (Ctrl-C ends it)`);
  await server.finished;
}

try {
  await run(parse(Deno.args));
} catch (error) {
  const isForPeople = error instanceof PipelineError ||
    error instanceof DataError || error instanceof GpuError;
  if (!isForPeople) throw error;
  printError(error.message);
  Deno.exit(2);
}
