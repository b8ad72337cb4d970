import { fileURLToPath } from "node:url";

/** One part of the check. */
export interface Part {
  name: string;
  /** longest that it may take */
  seconds: number;
  /** program and arguments */
  command: readonly string[];
  /** whether its program may be missing */
  optional?: true;
}

const path = (name: string) =>
  fileURLToPath(new URL(`parts/${name}`, import.meta.url));

function script(name: string): string[] {
  return [
    Deno.execPath(),
    "run",
    "--no-prompt",
    "--no-check",
    "--quiet",
    "--allow-read",
    "--allow-write",
    "--allow-run",
    "--allow-env",
    "--allow-sys",
    path(`${name}.ts`),
  ];
}

/** All parts, the most important first: a cut loses the last. */
export const parts: readonly Part[] = [
  { name: "facts", seconds: 30, command: script("facts") },
  { name: "known-answer", seconds: 30, command: script("known_answer") },
  { name: "suite", seconds: 150, command: script("suite") },
  { name: "twins", seconds: 60, command: script("twins") },
  { name: "tiles", seconds: 60, command: script("tiles") },
  { name: "kernels", seconds: 60, command: script("kernels") },
  { name: "speed", seconds: 60, command: script("speed") },
  { name: "dispatch", seconds: 20, command: script("dispatch") },
  { name: "start-up", seconds: 40, command: script("start_up") },
  {
    name: "torch",
    seconds: 120,
    command: ["python3", path("torch_peer.py")],
    optional: true,
  },
  { name: "evaluation", seconds: 90, command: script("evaluation") },
  { name: "demo", seconds: 120, command: script("demo") },
  { name: "training", seconds: Infinity, command: script("training") },
];
