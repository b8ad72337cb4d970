/**
 * Makes one archive that runs on a Linux machine without network:
 *
 *     ./run bundle [--with-photographs] [--with-vulkan] OUT.tar.xz
 *
 * @module
 */
import { basename, join, resolve } from "@std/path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "@std/cli/parse-args";
import { PipelineError } from "../pipeline/errors.ts";
import { print, printError } from "../pipeline/log.ts";
import { readSourceCommit } from "../pipeline/code/source_commit.ts";
import { BundleError, runProgram } from "./program.ts";
import { copyPackages } from "./packages.ts";
import { copyProject } from "./project_files.ts";
import { addDeno } from "./deno_program.ts";
import { addVulkanLoader } from "./vulkan_loader.ts";

/** Folder that the archive unpacks to. */
const folderName = "self-tnet";

const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What is asked for on the command line. */
interface Wanted {
  archive: string;
  photographs: boolean;
  vulkan: boolean;
}

function parse(args: string[]): Wanted {
  const known = ["with-photographs", "with-vulkan"];
  const { _: positionals, ...flags } = parseArgs(args, { boolean: known });
  const unknown = Object.keys(flags).find((name) => !known.includes(name));
  const [archive] = positionals;
  if (
    unknown !== undefined || positionals.length !== 1 ||
    !/\.tar(\.\w+)?$/.test(String(archive))
  ) {
    throw new BundleError({
      attempt: "make a bundle",
      found: unknown === undefined
        ? JSON.stringify(positionals.join(" "))
        : `an unknown flag --${unknown}`,
      wanted: "the name of one archive that ends in .tar.xz",
      remedy: "./run help bundle says how it is typed",
    });
  }
  return {
    archive: resolve(String(archive)),
    photographs: flags["with-photographs"] === true,
    vulkan: flags["with-vulkan"] === true,
  };
}

/** Gathers everything below a temporary folder and packs it; the archive appears under its name when it is whole. */
async function makeBundle(wanted: Wanted): Promise<void> {
  const staging = await Deno.makeTempDir({ prefix: "self-tnet-bundle-" });
  const partial = `${wanted.archive}.partial${/\.tar.*$/.exec(wanted.archive)}`;
  try {
    const target = join(staging, folderName);
    await Deno.mkdir(target);
    await copyProject(root, target);
    await copyPackages(root, target, { photographs: wanted.photographs });
    const deno = await addDeno(target);
    const vulkan = wanted.vulkan ? await addVulkanLoader(target) : [];
    const contents = {
      made: new Date().toISOString(),
      source: readSourceCommit(root) ?? null,
      deno,
      photographs: wanted.photographs,
      vulkan,
    };
    await Deno.writeTextFile(
      join(target, ".deno", "bundle.json"),
      `${JSON.stringify(contents, null, 2)}\n`,
    );
    await runProgram("pack the bundle", "tar", [
      "--create",
      "--auto-compress",
      "--sort=name",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      `--file=${partial}`,
      `--directory=${staging}`,
      folderName,
    ]);
    await Deno.rename(partial, wanted.archive);
  } finally {
    await Deno.remove(staging, { recursive: true });
    await Deno.remove(partial).catch(() => {}); // it is there only when packing failed
  }
  const { size } = await Deno.stat(wanted.archive);
  print(
    `${basename(wanted.archive)}: ${
      (size / 1e6).toFixed(1)
    } MB, unpacks to ${folderName}/`,
  );
}

try {
  await makeBundle(parse(Deno.args));
} catch (error) {
  const isForPeople = error instanceof BundleError ||
    error instanceof PipelineError;
  if (!isForPeople) throw error;
  printError(error.message);
  Deno.exit(2);
}
