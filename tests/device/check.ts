/**
 * Runs the parts of the check one after the other, each in a process of its own under a time limit of its own; `check.sh` starts
 * it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { join, resolve } from "@std/path";
import { TextLineStream } from "./text_lines.ts";
import { type Part, parts } from "./parts.ts";
import type { Figures } from "./report.ts";
import { type PartResult, summaryText } from "./summary.ts";

/** Least time that is worth starting a part for. */
const leastSeconds = 3;
/** Lines of stderr that are kept of a part. */
const keptLines = 40;

const args = parseArgs(Deno.args, {
  boolean: ["tiny"],
  string: ["seconds", "out", "only"],
});
const seconds = Number(args.seconds ?? 420);
if (args.out === undefined || args.out === "" || !(seconds > 0)) {
  console.error(
    "usage: tests/device/check.sh [--seconds 420] --out DIR [--tiny] [--only PART,…]",
  );
  Deno.exit(2);
}
const out = resolve(args.out);
const tiny = args.tiny === true;
const only = args.only === undefined ? undefined : String(args.only).split(",");
const unknown = only?.find((name) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  console.error(
    `Cannot run the check: --only ${unknown}: wanted some of ${
      parts.map(({ name }) => name).join(",")
    }`,
  );
  Deno.exit(2);
}
Deno.mkdirSync(out, { recursive: true });
const log = Deno.openSync(join(out, "log.txt"), {
  write: true,
  create: true,
  truncate: true,
});
const endMs = performance.now() + seconds * 1000;
const results: PartResult[] = [];

for (const [index, part] of parts.entries()) {
  if (only !== undefined && !only.includes(part.name)) continue;
  const leftSeconds = (endMs - performance.now()) / 1000;
  const path = join(
    out,
    `${String(index + 1).padStart(2, "0")}-${part.name}.json`,
  );
  const result = leftSeconds < leastSeconds
    ? {
      part: part.name,
      outcome: "skipped" as const,
      seconds: 0,
      figures: { skipped: "no time was left" },
    }
    : await run(part, Math.min(part.seconds, leftSeconds), path);
  results.push(result);
  say(`${part.name}: ${result.outcome} in ${result.seconds.toFixed(1)} s`);
  writeJson(path, result);
  writeJson(join(out, "results.json"), results);
  Deno.writeTextFileSync(join(out, "summary.md"), summaryText(results));
}
console.log(`\n${summaryText(results)}`);
Deno.exit(results.some(({ outcome }) => outcome === "failed") ? 1 : 0);

/** Runs one part; its file grows with every line that it says. */
async function run(
  part: Part,
  limitSeconds: number,
  path: string,
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
  // timeout(1) ends the whole group of processes, those that the part has started too.
  const child = new Deno.Command("timeout", {
    args: [
      "--signal=INT",
      "--kill-after=10",
      limitSeconds.toFixed(1),
      ...part.command,
      ...(tiny ? ["--tiny"] : []),
      `--seconds=${limitSeconds.toFixed(1)}`,
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
  await Promise.all([readFigures(), readErrors()]);
  const { code } = await child.status;
  if ("skipped" in figures) return soFar("skipped");
  if (code === 124 || code === 137) return soFar("cut");
  if (code === 127 && part.optional) {
    figures.skipped = `${part.command[0]} is not here`;
    return soFar("skipped");
  }
  return code === 0 ? soFar("done") : { ...soFar("failed"), exitCode: code };
}

function lines(stream: ReadableStream<Uint8Array>): ReadableStream<string> {
  return stream.pipeThrough(new TextDecoderStream() as never)
    .pipeThrough(new TextLineStream());
}

function writeJson(path: string, value: unknown): void {
  Deno.writeTextFileSync(path, `${JSON.stringify(value, null, 1)}\n`);
}

function say(line: string): void {
  console.log(line);
  log.writeSync(new TextEncoder().encode(`${line}\n`));
}
