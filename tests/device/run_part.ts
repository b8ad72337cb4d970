import type { Part } from "./parts.ts";
import type { Figures } from "./report.ts";
import type { PartResult } from "./summary.ts";
import { TextLineStream } from "./text_lines.ts";

/** How {@linkcode runPart} runs a part. */
export interface RunOptions {
  /** after which it is cut */
  seconds: number;
  /** whether it takes the smallest sizes */
  tiny: boolean;
  /** file for what it found */
  path: string;
  /** folder with the files of all parts */
  out: string;
  /** told every line that is no figure */
  say: (line: string) => void;
}

/** Lines of stderr that are kept of a part. */
const keptLines = 40;

/** Runs one part in a process of its own, and all that this starts; its file is written anew with every line of figures. */
export async function runPart(
  part: Part,
  { seconds, tiny, path, out, say }: RunOptions,
): Promise<PartResult> {
  const startMs = performance.now();
  const figures: Figures = {};
  const errors: string[] = [];
  const soFar = (outcome: PartResult["outcome"]): PartResult => ({
    part: part.name,
    outcome,
    seconds: (performance.now() - startMs) / 1000,
    figures,
    ...(errors.length > 0 && outcome !== "done"
      ? { stderr: errors.slice(-keptLines) }
      : {}),
  });
  // timeout(1) signals a group of processes of its own, those that the part has started among them.
  const child = new Deno.Command("timeout", {
    args: [
      "--signal=INT",
      "--kill-after=10",
      seconds.toFixed(1),
      ...part.command,
      ...(tiny ? ["--tiny"] : []),
      `--seconds=${seconds.toFixed(1)}`,
      `--out=${out}`,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const readFigures = async () => {
    for await (const line of lines(child.stdout)) {
      if (line.startsWith("{")) {
        Object.assign(figures, JSON.parse(line));
        writeJson(path, soFar("cut"));
      } else say(line);
    }
  };
  const readErrors = async () => {
    for await (const line of lines(child.stderr)) {
      errors.push(line);
      say(line);
    }
  };
  const reading = Promise.all([readFigures(), readErrors()]);
  const { code } = await child.status;
  await endGroup(child.pid);
  await reading;
  if ("skipped" in figures) return soFar("skipped");
  if (code === 124 || code === 137) return soFar("cut");
  if (code === 127 && part.optional) {
    figures.skipped = `${part.command[0]} is not here`;
    return soFar("skipped");
  }
  return code === 0 ? soFar("done") : { ...soFar("failed"), exitCode: code };
}

/** Ends what is left of a group of processes: some ignore an interrupt, and would hold the card and the streams. */
async function endGroup(leader: number): Promise<void> {
  await new Deno.Command("sh", {
    args: ["-c", `kill -KILL -${leader}`],
    stderr: "null", // mostly nothing is left
  }).output();
}

/** Writes a value as JSON, one line a member. */
export function writeJson(path: string, value: unknown): void {
  Deno.writeTextFileSync(path, `${JSON.stringify(value, null, 1)}\n`);
}

function lines(stream: ReadableStream<Uint8Array>): ReadableStream<string> {
  return stream.pipeThrough(new TextDecoderStream() as never)
    .pipeThrough(new TextLineStream());
}
