import { dirname, join } from "@std/path";
import { type Token, tokenize } from "../../pipeline/code_tokens.ts";

/** Layers from top to bottom; `see` names the lower layers that a layer may import, besides itself. */
const layers: { name: string; files: RegExp; see: string[]; alone?: true }[] = [
  {
    name: "public face",
    files: /^mod\.ts$/,
    see: ["entry points", "engine", "shared", "work", "gpu face", "data face"],
  },
  {
    name: "command line",
    files:
      /^pipeline\/(cli|cli_worker|command_\w+|network_access|parse_args|commands\/.*)\.ts$/,
    see: ["entry points", "engine", "shared", "work", "gpu face", "data face"],
  },
  {
    name: "entry points",
    files: /^pipeline\/(accept|cache|lock_results|reproduce\w*)\.ts$/,
    see: ["engine", "graph", "shared", "work"],
  },
  {
    name: "engine",
    files:
      /^pipeline\/(action_re\w+|code_\w+|config_run|file_\w+|garbage|git_\w+|hash|leftovers|lock|module_imports|object_store|package_versions|pin\w+|plan_text|planner|reasons|remote_\w+|run_directory|run_options|runner|sealed_json|shared_\w+|slurm_\w+|stage_selection|source_\w+|stage_execution|store\w*|turns)\.ts$/,
    see: ["shared", "data tools"],
  },
  { name: "graph", files: /^pipeline\/graph\.ts$/, see: ["stages", "shared"] },
  {
    name: "stages",
    files: /^pipeline\/stages\/.*\.ts$/,
    see: ["work", "measures", "shared", "gpu face", "data face"],
    alone: true,
  },
  { name: "measures", files: /^pipeline\/metrics\/.*\.ts$/, see: [] },
  {
    name: "shared",
    files:
      /^pipeline\/(config\w*|errors|log|progress_meter|replace_file|stage|suggest)\.ts$/,
    see: [],
  },
  {
    // Everything else in pipeline/: training, schedules, evaluation, baselines, reports.
    name: "work",
    files: /^pipeline\/.*\.ts$/,
    see: ["measures", "shared", "gpu face", "data face"],
  },
  {
    name: "gpu face",
    files: /^gpu\/mod\.ts$/,
    see: ["tuning", "networks", "operations", "gpu core", "gpu base"],
  },
  {
    // Runs the networks' operations to measure them.
    name: "tuning",
    files: /^gpu\/(kernel_work|tune\w*)\.ts$/,
    see: ["networks", "operations", "gpu core", "gpu base", "shaders"],
  },
  {
    name: "networks",
    files: /^gpu\/nn\/.*\.ts$/,
    see: ["operations", "gpu core", "gpu base", "shaders"],
  },
  {
    name: "operations",
    files: /^gpu\/ops\/.*\.ts$/,
    see: ["gpu core", "gpu base", "shaders"],
    alone: true,
  },
  { name: "shaders", files: /^gpu\/wgsl\/.*\.wgsl$/, see: [] },
  {
    name: "gpu base",
    files: /^gpu\/(convolution|device|device_class|errors|tiles|wgsl)\.ts$/,
    see: ["shaders"],
  },
  {
    name: "gpu core",
    files: /^gpu\/\w+\.ts$/,
    see: ["gpu base", "shaders"],
  },
  // Of use to whoever talks to other programs: values to bytes and back, and waiting.
  {
    name: "data tools",
    files: /^data\/(pause|protobuf_\w+)\.ts$/,
    see: ["data"],
  },
  { name: "data face", files: /^data\/mod\.ts$/, see: ["data"] },
  { name: "data", files: /^data\/.*\.ts$/, see: ["data tools"] },
];

/** Layers that import nothing from outside the project: they have to run anywhere. */
const selfContained = new Set([
  "measures",
  "gpu face",
  "tuning",
  "networks",
  "operations",
  "gpu core",
  "gpu base",
]);

/** Side effects, as runs of tokens, and the one file that may have each. */
const owners: { effect: string; pattern: RegExp; owner: RegExp }[] = [
  {
    effect: "the GPU",
    pattern: /^navigator (\?)?\. gpu\b/,
    owner: /^gpu\/device\.ts$/,
  },
  {
    effect: "arguments and exit code",
    pattern: /^Deno \. (args|exit)\b/,
    owner: /^pipeline\/cli\.ts$/,
  },
  {
    effect: "signals",
    pattern: /^Deno \. addSignalListener\b/,
    owner: /^pipeline\/(cli|network_access)\.ts$/,
  },
  {
    effect: "the environment",
    pattern: /^Deno \. env\b/,
    owner: /^pipeline\/commands\/parse_call\.ts$/,
  },
  {
    effect: "threads",
    pattern: /^new Worker\b/,
    owner: /^(pipeline\/command_thread|data\/descriptor_reader)\.ts$/,
  },
  {
    effect: "other programs",
    pattern: /^Deno \. Command\b/,
    owner: /^pipeline\/(network_access|slurm_commands)\.ts$/,
  },
  {
    effect: "printing",
    pattern: /^(console \. \w+|Deno \. (stdout|stderr)\b)/,
    owner: /^pipeline\/log\.ts$/,
  },
  {
    effect: "the network",
    pattern:
      /^(fetch \(|Deno \. (connect|connectTls|listen|serve)\b|new (WebSocket|EventSource)\b)/,
    owner: /^data\/fetch_file\.ts$/,
  },
  {
    effect: "the cache directory",
    pattern: /^["'`]\.cache\b/,
    owner: /^pipeline\/store\.ts$/,
  },
  {
    effect: "Deno",
    pattern: /^Deno \./,
    owner: /^(?!gpu\/)/,
  },
  {
    effect: "unseeded randomness",
    pattern: /^(Math \. random|crypto \. getRandomValues)\b/,
    owner: /^(?!)/,
  },
];

/** Modules that reach the network, and the one file that may import them. */
const network = {
  modules: /^node:(dgram|http|http2|https|net|tls)$/,
  owner: /^pipeline\/remote_cache_http\.ts$/,
};

/** Longest a source file may be. */
const mostLines = 300;

/** What a module does that the design does not allow, one line each. */
export function violations(path: string, source: string): string[] {
  const tokens = tokenize(source);
  const found: string[] = [];
  const lines = source.split("\n").length - 1;
  if (lines > mostLines) {
    found.push(`${path} has ${lines} lines, more than ${mostLines}`);
  }
  for (const specifier of importsOf(tokens)) {
    const problem = forbiddenImport(path, specifier);
    if (problem !== undefined) found.push(problem);
  }
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i - 1]?.text === ".") continue; // a member of that name
    const run = tokens.slice(i, i + 3).map(({ text }) => text).join(" ");
    for (const { effect, pattern, owner } of owners) {
      if (pattern.test(run) && !owner.test(path)) {
        found.push(`${path} must not touch ${effect}: ${run}`);
      }
    }
  }
  return found;
}

/** Name of the layer that a file belongs to; undefined when it belongs to none. */
export function layerOf(path: string): string | undefined {
  return layers.find(({ files }) => files.test(path))?.name;
}

/** Specifiers after `import` and `from`, and in `import("…")`, those of types included. */
export function importsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, index) => {
    if (token.kind !== "string") return [];
    const before = tokens[index - 1]?.text;
    const isSpecifier = before === "from" || before === "import" ||
      (before === "(" && tokens[index - 2]?.text === "import");
    return isSpecifier ? [token.text.slice(1, -1)] : [];
  });
}

function forbiddenImport(path: string, specifier: string): string | undefined {
  const layer = layers.find(({ files }) => files.test(path));
  if (layer === undefined) return `${path} belongs to no layer`;
  if (network.modules.test(specifier) && !network.owner.test(path)) {
    return `${path} must not touch the network: ${specifier}`;
  }
  if (!specifier.startsWith(".")) {
    return selfContained.has(layer.name)
      ? `${path} (${layer.name}) must not import ${specifier}`
      : undefined;
  }
  const target = join(dirname(path), specifier);
  const targetLayer = layerOf(target);
  if (targetLayer === layer.name && !layer.alone) return undefined;
  if (targetLayer !== undefined && layer.see.includes(targetLayer)) {
    return undefined;
  }
  return `${path} (${layer.name}) must not import ${target} (${
    targetLayer ?? "no layer"
  })`;
}
