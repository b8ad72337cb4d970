import { build, type Plugin, stop } from "esbuild";
import { join } from "@std/path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Modules of this project as plain JavaScript. */
export interface JavaScriptOptions {
  /** The folder that modules are named from, as a rule the project's. */
  root: string;
  /** Paths of the modules to start from, below the root. */
  modules: readonly string[];
  /** Folder for the results: each module's path with `.mjs` for `.ts`, and what several share. */
  directory: string;
  platform: "browser" | "node";
  /** Packages that are found when the code runs. */
  external?: readonly string[];
  /** Whether `import.meta.url` stays that of the source, which then finds the files beside it. */
  keepsUrls?: boolean;
}

/** The oldest runtimes that have to take the code; WebGPU decides which browsers. */
const targets = {
  browser: ["chrome113", "firefox141", "safari18"],
  node: ["node20"],
};

/**
 * Bundles TypeScript for runtimes that take JavaScript only: types go, `using` is spelled out, shaders become texts, and what
 * older runtimes lack is brought along.
 *
 * @throws what esbuild finds wrong with the modules
 */
export async function bundleJavaScript(
  { root, modules, directory, platform, external = [], keepsUrls = false }:
    JavaScriptOptions,
): Promise<void> {
  try {
    await build({
      absWorkingDir: root,
      entryPoints: modules.map((path) => join(root, path)),
      outdir: directory,
      outbase: root,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform,
      target: targets[platform],
      loader: { ".wgsl": "text" },
      inject: [fileURLToPath(new URL("older_runtimes.ts", import.meta.url))],
      alias: await nodeNames(),
      external: [...external],
      plugins: keepsUrls ? [sourceUrls] : [],
      sourcemap: true,
      logLevel: "silent",
    });
  } finally {
    await stop();
  }
}

/** The import map's names of Node's own modules. */
async function nodeNames(): Promise<Record<string, string>> {
  const settings = await Deno.readTextFile(
    new URL("../deno.json", import.meta.url),
  );
  const { imports }: { imports: Record<string, string> } = JSON.parse(settings);
  return Object.fromEntries(
    Object.entries(imports).filter(([, name]) => name.startsWith("node:")),
  );
}

const sourceUrls: Plugin = {
  name: "source urls",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await Deno.readTextFile(path);
      const url = JSON.stringify(pathToFileURL(path).href);
      return {
        contents: text.replaceAll("import.meta.url", url),
        loader: "ts",
      };
    });
  },
};
