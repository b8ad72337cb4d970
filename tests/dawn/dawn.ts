import { brotliDecompressSync } from "node:zlib";
import { join } from "@std/path";
import { bundleJavaScript } from "../../packaging/javascript.ts";
import {
  type Finished,
  projectDirectory,
  runProcess,
} from "../helpers/command_line.ts";

/** Where Dawn, a driver and bundled modules are kept; git ignores it. */
const folder = join(projectDirectory, ".deno", "dawn");

/** What is copied there, and under which name. */
const copies: Readonly<Record<string, string>> = {
  "packages.json": "package.json",
  "packages.lock.json": "package-lock.json",
  "node_globals.mjs": "node_globals.mjs",
};

/** The driver's description for Vulkan's loader. */
const swiftShader = join(folder, "vk_swiftshader_icd.json");

/** On Linux Dawn refuses older software drivers; elsewhere, and where a driver is named, that is what it runs on. */
const usesSwiftShader = Deno.build.os === "linux" &&
  Deno.build.arch === "x86_64" &&
  Deno.env.get("VK_DRIVER_FILES") === undefined;

/** What npm says where there is no way to the registry. */
const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/;

/**
 * Installs Dawn for Node, and the driver SwiftShader, from npm as `packages.lock.json` pins them.
 *
 * @returns why it cannot be had here; nothing when it is there
 * @throws {Error} when npm fails with the registry at hand
 */
export async function installDawn(): Promise<string | undefined> {
  const version = await outputOf("node", ["--version"]);
  // Where there is no Node, tasks of Deno have Deno itself under that name, which says its version in another form.
  const release = /^v(\d+)\./.exec(version ?? "")?.[1];
  if (release === undefined) return "Node is not here";
  if (Number(release) < 20) return `Node is ${release}, wanted 20 or newer`;
  if (await outputOf("npm", ["--version"]) === undefined) {
    return "npm is not here";
  }
  await Deno.mkdir(folder, { recursive: true });
  for (const [from, to] of Object.entries(copies)) {
    const path = join(projectDirectory, "tests", "dawn", from);
    await Deno.copyFile(path, join(folder, to));
  }
  const lock = await Deno.readTextFile(join(folder, "package-lock.json"));
  const marker = join(folder, "node_modules", ".installed-lock.json");
  if (await textOf(marker) !== lock) {
    const { code, stdout, stderr } = await runProcess("npm", [
      "ci",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      "--fetch-retries=1",
    ], { cwd: folder });
    if (code !== 0) {
      const output = stdout + stderr;
      if (unreachable.test(output)) return "npm's registry cannot be reached";
      throw new Error(`Cannot install Dawn: npm failed:\n${output}`);
    }
    await unpackSwiftShader();
    await Deno.writeTextFile(marker, lock);
  }
  const { code, stdout, stderr } = await runNode([
    "--eval",
    "navigator.gpu.requestAdapter().then((adapter) => console.log(adapter ? 'adapter' : ''))",
  ]);
  if (code !== 0) throw new Error(`Cannot start Dawn: ${stderr}`);
  if (stdout.trim() === "") {
    if (usesSwiftShader) throw new Error("Dawn does not take SwiftShader");
    return "Dawn takes none of this machine's drivers";
  }
}

/** A package for cloud functions carries Chromium's SwiftShader, packed by itself. */
async function unpackSwiftShader(): Promise<void> {
  const chromium = join(folder, "node_modules", "@sparticuz", "chromium");
  const packed = await Deno.readFile(
    join(chromium, "bin", "swiftshader.tar.br"),
  );
  const tar = join(folder, "swiftshader.tar");
  await Deno.writeFile(tar, brotliDecompressSync(packed));
  const { code, stderr } = await runProcess("tar", [
    "--extract",
    `--file=${tar}`,
    `--directory=${folder}`,
    "libvk_swiftshader.so",
    "vk_swiftshader_icd.json",
  ]);
  if (code !== 0) throw new Error(`Cannot unpack SwiftShader: ${stderr}`);
  await Deno.remove(tar);
}

/** Bundles modules, given by their paths in the project, for {@linkcode runModule}. */
export async function bundleForNode(modules: readonly string[]): Promise<void> {
  await bundleJavaScript({
    root: projectDirectory,
    modules,
    directory: join(folder, "modules"),
    platform: "node",
    external: ["webgpu"],
    keepsUrls: true,
  });
}

/**
 * Runs a bundled module in Node with Dawn.
 *
 * @param options.dawn what Dawn is started with, such as `backend=null`
 */
export function runModule(
  path: string,
  args: readonly string[],
  options: { dawn?: string } = {},
): Promise<Finished> {
  return runNode([
    "--enable-source-maps",
    "--test-reporter=spec",
    bundled(path),
    ...args,
  ], options);
}

function bundled(path: string): string {
  return join(folder, "modules", path.replace(/\.m?ts$/, ".mjs"));
}

async function runNode(
  args: string[],
  // Timestamps count in whole 0.1 ms otherwise.
  { dawn = "disable-dawn-features=timestamp_quantization" }: { dawn?: string } =
    {},
): Promise<Finished> {
  return await runProcess("node", [
    "--import",
    join(folder, "node_globals.mjs"),
    ...args,
  ], {
    env: {
      DAWN_OPTIONS: dawn,
      ...(usesSwiftShader ? { VK_DRIVER_FILES: swiftShader } : {}),
    },
  });
}

async function outputOf(
  program: string,
  args: string[],
): Promise<string | undefined> {
  try {
    const { code, stdout } = await runProcess(program, args);
    return code === 0 ? stdout : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
