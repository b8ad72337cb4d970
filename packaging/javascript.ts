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
  /** Paths of modules, below the root, that take the place of others, by the name under which those are imported. */
  replaced?: Readonly<Record<string, string>>;
  /** Folders, below the root, whose modules do nothing when they are loaded: what nobody uses of them is left out. */
  quiet?: readonly string[];
  /** Whether names and blanks are shortened. */
  minify?: boolean;
}

/** The oldest runtimes that have to take the code; WebGPU decides which browsers. */
const targets = {
  browser: ["chrome127", "firefox141", "safari18"],
  node: ["node20"],
};

/**
 * Bundles TypeScript for runtimes that take JavaScript only: types go, `using` is spelled out, shaders become texts, and what
 * older runtimes lack is brought along.
 *
 * @throws what esbuild finds wrong with the modules
 */
export async function bundleJavaScript(
  options: JavaScriptOptions,
): Promise<void> {
  const { root, modules, directory, platform } = options;
  const { replaced = {}, quiet = [], minify = false } = options;
  const placed = Object.entries(replaced).map(([name, path]) => [
    name,
    join(root, path),
  ]);
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
      alias: { ...await nodeNames(), ...Object.fromEntries(placed) },
      external: [...options.external ?? []],
      plugins: [
        quietModules(
          quiet.map((folder) => join(root, folder)),
          Object.keys(replaced),
        ),
        ...(options.keepsUrls ? [sourceUrls] : []),
      ],
      minify,
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

/** Leaves out what nobody uses of modules in some folders, and Node's modules, but for those replaced, where nobody uses them then. */
function quietModules(
  folders: readonly string[],
  replaced: readonly string[],
): Plugin {
  return {
    name: "quiet modules",
    setup({ onResolve }) {
      if (folders.length === 0) return;
      onResolve(
        { filter: /^node:/ },
        ({ path }) =>
          replaced.includes(path)
            ? undefined
            : { path, external: true, sideEffects: false },
      );
      onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir }) => {
        const file = join(resolveDir, path);
        const isQuiet = folders.some((folder) => file.startsWith(`${folder}/`));
        return isQuiet ? { path: file, sideEffects: false } : undefined;
      });
    },
  };
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
