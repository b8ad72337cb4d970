/** Side effects, as runs of tokens, and the one file that may have each. */
export const owners: { effect: string; pattern: RegExp; owner: RegExp }[] = [
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
    owner: /^pipeline\/commands\/arguments\/parse_call\.ts$/,
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
    owner: /^pipeline\/log\.ts$/,
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
export const network = {
  modules: /^node:(dgram|http|http2|https|net|tls)$/,
  owner: /^pipeline\/remote\/cache_http\.ts$/,
};
