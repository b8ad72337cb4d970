import { createHash } from "node:crypto";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";

export const projectDirectory = fileURLToPath(
  new URL("../..", import.meta.url),
);

/** What a run of the pipeline left. */
export interface Reproduced {
  code: number;
  seconds: number;
  /** the end of what it wrote */
  output: string;
}

/**
 * Runs `./run reproduce`; after `seconds` it is interrupted, and keeps what it has.
 *
 * @param args config and flags
 */
export async function reproduce(
  args: readonly string[],
  seconds: number,
): Promise<Reproduced> {
  const startMs = performance.now();
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: [
      "--signal=INT",
      "--kill-after=10",
      seconds.toFixed(1),
      join(projectDirectory, "run"),
      "reproduce",
      ...args,
    ],
    cwd: projectDirectory,
  }).output();
  const text = new TextDecoder().decode(stdout) +
    new TextDecoder().decode(stderr);
  return {
    code,
    seconds: (performance.now() - startMs) / 1000,
    output: text.slice(-4000),
  };
}

/** `runs/<name>/…` as JSON; undefined when it is not there. */
export function resultFile(path: string): unknown {
  const text = readOrUndefined(path);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The last line of a file of JSON lines below `runs/`; undefined when it is not there. */
export function lastLine(path: string): unknown {
  const line = readOrUndefined(path)?.trimEnd().split("\n").at(-1);
  return line === undefined ? undefined : JSON.parse(line);
}

/** SHA-256 of a file below `runs/`; undefined when it is not there. */
export function digestOf(path: string): string | undefined {
  try {
    const bytes = Deno.readFileSync(join(projectDirectory, "runs", path));
    return createHash("sha256").update(bytes).digest("hex");
  } catch {
    return undefined;
  }
}

function readOrUndefined(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(join(projectDirectory, "runs", path));
  } catch {
    return undefined;
  }
}
