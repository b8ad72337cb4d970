import { createHash } from "node:crypto";
import { join } from "@std/path";
import { fileURLToPath } from "node:url";

export const projectDirectory = fileURLToPath(
  new URL("../..", import.meta.url),
);

/** Exit code of timeout(1) when time was up. */
const timedOut = 124;

/** What a run of the pipeline left. */
export interface Reproduced {
  code: number;
  /** whether its time was up before it was done */
  interrupted: boolean;
  seconds: number;
  /** the end of what it wrote */
  output: string;
}

/** How long a part of so many seconds lets the pipeline run: interrupted then, it ends its step and the part says how far it came. */
export function secondsToReproduce(seconds: number): number {
  return seconds - Math.max(8, 0.1 * seconds);
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
    interrupted: code === timedOut || code === 130,
    seconds: (performance.now() - startMs) / 1000,
    output: text.slice(-4000),
  };
}

/**
 * Ends the part as the run ended: well, as one that was cut, or badly.
 *
 * @throws {Error} with what it wrote when it failed
 */
export function endLike({ code, interrupted, output }: Reproduced): void {
  if (interrupted) Deno.exit(timedOut);
  if (code !== 0) throw new Error(output);
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
