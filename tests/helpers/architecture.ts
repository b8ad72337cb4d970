import { dirname, join } from "@std/path";
import { type Token, tokenize } from "../../pipeline/code/code_tokens.ts";

/** A room of the house: the files in a folder (not those of folders inside it), or files of one floor that share a folder with others. */
interface Room {
  name: string;
  /** folder, or paths of files */
  holds: string | string[];
  /** lower rooms that it may import, besides itself */
  see: string[];
  /** its files do not import each other */
  alone?: true;
  /** imports nothing from outside the project, because it has to run anywhere */
  selfContained?: true;
}

/** Paths of files in one folder. */
function filesIn(folder: string, names: string): string[] {
  return names.split(" ").map((name) => `${folder}/${name}.ts`);
}

/** What everybody in pipeline/ may see. */
const ground = ["errors", "files", "log"];

/** Every room, from top to bottom. A file that none holds has no place. */
const rooms: Room[] = [
  {
    name: "packaging",
    holds: ["packaging", "packaging/deno"],
    see: ["code"],
  },
  {
    // Builds what a browser runs, and serves it.
    name: "page builder",
    holds: "packaging/page",
    see: [
      "packaging",
      "page channel",
      "entry points",
      "matching photographs",
      "descriptors",
      ...ground,
      "gpu face",
      "data face",
      "photographs",
      "images",
      "data tools",
      "patch cutting",
      "geometry",
    ],
  },
  {
    name: "page",
    holds: "web/page",
    see: [
      "page channel",
      "matching photographs",
      "descriptors",
      "features face",
    ],
  },
  {
    name: "page worker",
    holds: "web/worker",
    see: [
      "page channel",
      "matching photographs",
      "descriptors",
      "baselines",
      "gpu face",
      "tensor files",
      "other programs' files",
      "images",
      "data tools",
      "features face",
    ],
  },
  {
    // What page and worker say to each other, and what the build tells the page.
    name: "page channel",
    holds: "web",
    see: ["matching photographs", "descriptors", "features face"],
  },
  {
    name: "public face",
    holds: ["mod.ts"],
    see: [
      "data face",
      "descriptors",
      "matching photographs",
      "features face",
      "gpu face",
      ...ground,
      "sharing results",
      "entry points",
      "engine",
      "remote",
      "store",
      "code",
      "config",
    ],
  },
  {
    name: "command line",
    holds: filesIn("pipeline", "cli cli_worker"),
    see: [...ground, "commands"],
  },
  {
    name: "commands",
    holds: [
      "pipeline/commands",
      "pipeline/commands/photographs",
      "pipeline/commands/results",
    ],
    see: [
      ...ground,
      "exchanging features",
      "matching photographs",
      "sharing results",
      "entry points",
      "report",
      "image pairs",
      "phototour images",
      "evaluation",
      "training",
      "descriptors",
      "sources",
      "adapter",
      "slurm",
      "remote",
      "engine",
      "store",
      "code",
      "config",
      "gpu face",
      "data face",
      "exchange names",
    ],
  },
  {
    name: "exchanging features",
    holds: "pipeline/matching/exchange",
    see: [
      ...ground,
      "matching photographs",
      "entry points",
      "descriptors",
      "store",
      "code",
      "features face",
      "data face",
    ],
  },
  {
    name: "sharing results",
    holds: "pipeline/sharing",
    see: [
      ...ground,
      "entry points",
      "graph",
      "report",
      "evaluation",
      "training",
      "descriptors",
      "engine",
      "stage",
      "store",
      "config",
      "gpu face",
      "data face",
    ],
  },
  {
    name: "matching photographs",
    holds: "pipeline/matching",
    see: [
      "descriptors",
      ...ground,
      "entry points",
      "report",
      "features face",
      "data face",
    ],
  },
  {
    name: "entry points",
    holds: filesIn(
      "pipeline",
      "accept cache descriptor reproduce reproduce_on_slurm",
    ),
    see: [
      "features face",
      ...ground,
      "graph",
      "report",
      "descriptors",
      "sources",
      "adapter",
      "slurm",
      "engine",
      "stage",
      "store",
      "code",
      "config",
      "gpu face",
      "data face",
      "data tools",
    ],
  },
  { name: "graph", holds: ["pipeline/graph.ts"], see: ["stages", "stage"] },
  {
    name: "stages",
    holds: "pipeline/stages",
    see: [
      ...ground,
      "report",
      "image pairs",
      "evaluation",
      "training",
      "descriptors",
      "sources",
      "stage",
      "adapter",
      "config",
      "gpu face",
      "data face",
    ],
    alone: true,
  },
  {
    name: "report",
    holds: ["pipeline/report", "pipeline/report/pictures"],
    see: [...ground, "evaluation", "metrics", "config"],
  },
  {
    name: "image pairs",
    holds: "pipeline/evaluation/image_pairs",
    see: [
      ...ground,
      "descriptors",
      "evaluation",
      "metrics",
      "config",
      "features face",
      "data face",
    ],
  },
  {
    name: "phototour images",
    holds: "pipeline/evaluation/phototour_images",
    see: [...ground, "descriptors", "metrics", "config", "data face"],
  },
  {
    name: "sources",
    holds: "pipeline/sources",
    see: [...ground, "training", "stage", "config", "data face"],
  },
  {
    name: "training",
    holds: "pipeline/training",
    see: [
      ...ground,
      "descriptors",
      "stage",
      "adapter",
      "config",
      "gpu face",
      "data face",
    ],
  },
  {
    name: "descriptors",
    holds: "pipeline/descriptors",
    see: [
      "features face",
      ...ground,
      "baselines",
      "metrics",
      "adapter",
      "config",
      "gpu face",
      "data face",
      "tensor files",
      "data tools",
    ],
  },
  {
    name: "evaluation",
    holds: "pipeline/evaluation",
    see: [...ground, "metrics", "config", "gpu face", "data face"],
  },
  { name: "baselines", holds: "pipeline/baselines", see: [] },
  { name: "metrics", holds: "pipeline/metrics", see: [], selfContained: true },
  {
    name: "adapter",
    holds: "pipeline/adapter",
    see: [...ground, "gpu face"],
  },
  {
    name: "slurm",
    holds: "pipeline/slurm",
    see: [...ground, "engine", "stage", "config", "data tools"],
  },
  {
    name: "remote",
    holds: "pipeline/remote",
    see: [...ground, "engine", "store", "data tools"],
  },
  {
    name: "engine",
    holds: "pipeline/engine",
    see: [...ground, "stage", "store", "code", "config", "data tools"],
  },
  {
    name: "stage",
    holds: ["pipeline/stage.ts"],
    see: [...ground, "config", "gpu face"],
  },
  {
    name: "store",
    holds: "pipeline/store",
    see: [...ground, "code", "config", "data tools"],
  },
  { name: "code", holds: "pipeline/code", see: ground },
  {
    name: "config",
    holds: ["pipeline/config.ts", "pipeline/config"],
    see: ["errors", "files", "network tables"],
  },
  { name: "files", holds: "pipeline/files", see: ["errors"] },
  {
    name: "log",
    holds: filesIn("pipeline", "log progress_meter"),
    see: ["errors"],
  },
  {
    name: "errors",
    holds: filesIn("pipeline", "errors suggest"),
    see: [],
  },
  {
    name: "gpu face",
    holds: ["gpu/mod.ts"],
    see: [
      "random numbers",
      "tuning",
      "networks",
      "network tables",
      "loss operations",
      "operations",
      "gpu core",
      "gpu base",
    ],
    selfContained: true,
  },
  {
    // Runs the networks' operations to measure them.
    name: "tuning",
    holds: "gpu/tuning",
    see: [
      "random numbers",
      "networks",
      "network tables",
      "operations",
      "gpu core",
      "gpu base",
      "shaders",
    ],
    selfContained: true,
  },
  {
    // What each kernel has to do, beside it and in no stage's key: only what measures reads it.
    name: "kernel costs",
    holds: "gpu/costs",
    see: ["gpu core", "gpu base"],
    selfContained: true,
  },
  {
    name: "compiling",
    holds: "gpu/compiling",
    see: ["gpu core", "gpu base"],
    selfContained: true,
  },
  {
    name: "networks",
    holds: ["gpu/nn", "gpu/nn/inference"],
    see: [
      "compiling",
      "random numbers",
      "network tables",
      "optimizer operations",
      "loss operations",
      "operations",
      "gpu core",
      "gpu base",
    ],
    selfContained: true,
  },
  {
    name: "operations",
    holds: ["gpu/ops", "gpu/ops/inference"],
    see: [
      "loss operations",
      "random numbers",
      "network tables",
      "gpu core",
      "gpu base",
      "shaders",
    ],
    alone: true,
    selfContained: true,
  },
  {
    // The rule of each optimizer, and what they share.
    name: "optimizer operations",
    holds: "gpu/ops/optimizers",
    see: ["gpu core", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // The terms of each loss, and what losses share.
    name: "loss operations",
    holds: "gpu/ops/losses",
    see: ["network tables", "gpu core", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // What networks and losses there are, as plain data: it touches no device, so that configs may choose from it.
    name: "network tables",
    holds: [
      ...filesIn(
        "gpu/nn",
        "architecture losses networks optimizers sdgmnet128",
      ),
      ...filesIn(
        "gpu/nn/inference",
        "batch_norm_body hardnet inference_network inference_networks l2net sosnet tfeat",
      ),
    ],
    see: ["gpu base"],
    selfContained: true,
  },
  {
    name: "gpu core",
    holds: filesIn(
      "gpu",
      "activation augmentation bind_groups convolution_weights kernel labelled_descriptors memory_probe normalization random recorder row_texture row_tiles row_values staging tensor tensor_checks winograd",
    ),
    see: ["random numbers", "gpu base", "shaders"],
    selfContained: true,
  },
  {
    // Without a shader, so that features/ draws as the kernels do.
    name: "random numbers",
    holds: ["gpu/random_bits.ts"],
    see: [],
    selfContained: true,
  },
  {
    name: "gpu base",
    holds: [
      ...filesIn(
        "gpu",
        "convolution device device_class element_type errors tiles wgsl",
      ),
      "gpu/tiles/shared_tile.ts",
    ],
    see: [],
    selfContained: true,
  },
  {
    name: "shaders",
    holds: [
      "convolution",
      "inference",
      "lib",
      "loss",
      "normalization",
      "optimizer",
      "patches",
      "search",
      "second_order",
      "winograd",
    ].map((folder) => `gpu/wgsl/${folder}`),
    see: [],
  },
  {
    name: "data face",
    holds: ["data/mod.ts"],
    see: [
      "photographs",
      "published sets",
      "other programs' files",
      "exchange names",
      "tensor files",
      "descriptor files",
      "image pair files",
      "patches",
      "images",
      "data tools",
    ],
  },
  {
    name: "other programs' files",
    holds: "data/exchange",
    see: [
      "exchange names",
      "images",
      "data tools",
      "conventions",
      "geometry",
      "features base",
    ],
  },
  {
    // Plain data, so that commands may list the names without loading what writes the files.
    name: "exchange names",
    holds: ["data/exchange/format_names.ts"],
    see: [],
    selfContained: true,
  },
  {
    name: "photographs",
    holds: "data/photographs",
    see: [
      "patches",
      "images",
      "data tools",
      "keypoints",
      "matching",
      "patch cutting",
      "planes",
      "geometry",
      "features base",
    ],
  },
  {
    name: "published sets",
    holds: "data/published",
    see: ["patches", "images", "archives", "data tools"],
  },
  {
    name: "tensor files",
    holds: "data/tensors",
    see: ["archives", "data tools"],
  },
  { name: "descriptor files", holds: "data/csv", see: ["data tools"] },
  {
    name: "image pair files",
    holds: "data/image_pairs",
    see: ["images", "data tools"],
  },
  { name: "patches", holds: "data/patches", see: ["data tools"] },
  { name: "images", holds: "data/images", see: ["data tools"] },
  { name: "archives", holds: "data/archives", see: ["data tools"] },
  {
    // Of use to whoever talks to other programs as well: waiting, bytes of other formats.
    name: "data tools",
    holds: [
      ...filesIn(
        "data",
        "by_products errors file_starts link_targets pause random read_bytes text_lines transfer_bound transfer_watch whole_file worker_pool worker_tasks",
      ),
      "data/protobuf",
    ],
    see: [],
  },
  {
    name: "features face",
    holds: ["features/mod.ts"],
    see: [
      "keypoints",
      "matching",
      "conventions",
      "patch cutting",
      "planes",
      "geometry",
      "features base",
    ],
    selfContained: true,
  },
  {
    name: "keypoints",
    holds: "features/keypoints",
    see: ["planes", "features base"],
    selfContained: true,
  },
  {
    name: "matching",
    holds: "features/matching",
    see: [],
    selfContained: true,
  },
  {
    name: "conventions",
    holds: "features/conventions",
    see: ["patch cutting", "features base"],
    selfContained: true,
  },
  {
    name: "patch cutting",
    holds: "features/patches",
    see: ["planes", "geometry", "features base"],
    selfContained: true,
  },
  {
    name: "planes",
    holds: "features/images",
    see: ["features base"],
    selfContained: true,
  },
  {
    name: "geometry",
    holds: "features/geometry",
    see: ["random numbers"],
  },
  {
    name: "features base",
    holds: filesIn("features", "errors keypoint"),
    see: [],
    selfContained: true,
  },
];

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
    owner: /^(pipeline\/cli|packaging\/bundle|packaging\/page\/page)\.ts$/,
  },
  {
    effect: "signals",
    pattern: /^Deno \. addSignalListener\b/,
    owner: /^pipeline\/(cli|commands\/network_access)\.ts$/,
  },
  {
    effect: "the environment",
    pattern: /^Deno \. env\b/,
    owner: /^pipeline\/commands\/parse_call\.ts$/,
  },
  {
    effect: "threads",
    pattern: /^new Worker\b/,
    owner:
      /^(pipeline\/commands\/command_thread|data\/worker_pool|web\/page\/worker_channel)\.ts$/,
  },
  {
    effect: "other programs",
    pattern: /^Deno \. Command\b/,
    owner:
      /^(pipeline\/(commands\/network_access|slurm\/commands)|packaging\/program)\.ts$/,
  },
  {
    effect: "printing",
    pattern: /^(console \. \w+|Deno \. (stdout|stderr)\b)/,
    owner: /^(pipeline\/log|packaging\/bundle|packaging\/page\/page)\.ts$/,
  },
  {
    effect: "the network",
    pattern:
      /^(fetch \(|Deno \. (connect|connectTls|listen|serve)\b|new (WebSocket|EventSource)\b)/,
    owner:
      /^(data\/published\/fetch_file|packaging\/page\/page_server|web\/load_file)\.ts$/,
  },
  {
    effect: "the cache directory",
    pattern: /^["'`]\.cache\b/,
    owner: /^pipeline\/store\/store\.ts$/,
  },
  {
    effect: "Deno",
    pattern: /^Deno \./,
    owner: /^(?!gpu\/|features\/|web\/)/,
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
  owner: /^pipeline\/remote\/cache_http\.ts$/,
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

/** Name of the room that holds a file; undefined when none does. */
export function roomOf(path: string): string | undefined {
  return findRoom(path)?.name;
}

/** Names of the rooms, from top to bottom. */
export const roomNames: readonly string[] = rooms.map(({ name }) => name);

/** Names of the rooms that hold no file of the list. */
export function emptyRooms(paths: readonly string[]): string[] {
  return rooms.map(({ name }) => name)
    .filter((name) => !paths.some((path) => roomOf(path) === name));
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

/**
 * Circles of imports, those of types counted: each as the files on it, in order, from the one that comes first by name.
 * @param sources texts by path
 */
export function circles(sources: ReadonlyMap<string, string>): string[][] {
  const imports = new Map(
    [...sources].map(([path, source]) => [
      path,
      importsOf(tokenize(source)).filter((specifier) =>
        specifier.startsWith(".")
      ).map((specifier) => join(dirname(path), specifier)),
    ]),
  );
  const found = new Map<string, string[]>();
  const finished = new Set<string>();
  const visit = (path: string, way: string[]) => {
    const start = way.indexOf(path);
    if (start >= 0) {
      const circle = way.slice(start);
      const first = circle.indexOf([...circle].sort()[0]);
      const turned = [...circle.slice(first), ...circle.slice(0, first)];
      found.set(turned.join(), turned);
      return;
    }
    if (finished.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...way, path]);
    finished.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return [...found.values()];
}

/** A file that a room names is of that room, whichever holds its folder. */
function findRoom(path: string): Room | undefined {
  const holder = (place: string) =>
    rooms.find(({ holds }) => [holds].flat().includes(place));
  return holder(path) ?? holder(dirname(path));
}

function forbiddenImport(path: string, specifier: string): string | undefined {
  const room = findRoom(path);
  if (room === undefined) return `${path} is in no room`;
  if (network.modules.test(specifier) && !network.owner.test(path)) {
    return `${path} must not touch the network: ${specifier}`;
  }
  if (!specifier.startsWith(".")) {
    return room.selfContained
      ? `${path} (${room.name}) must not import ${specifier}`
      : undefined;
  }
  const target = join(dirname(path), specifier);
  const targetRoom = roomOf(target);
  if (targetRoom === room.name && !room.alone) return undefined;
  if (targetRoom !== undefined && room.see.includes(targetRoom)) {
    return undefined;
  }
  return `${path} (${room.name}) must not import ${target} (${
    targetRoom ?? "no room"
  })`;
}
