/**
 * Runs the parts of the check one after the other, each in a process of its own under a time limit of its own; `check.sh` starts
 * it.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { join, resolve } from "@std/path";
import { parts } from "./parts.ts";
import { runPart, writeJson } from "./run_part.ts";
import { type PartResult, summaryText } from "./summary.ts";

/** Least time that is worth starting a part for. */
const leastSeconds = 3;

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
await requireTimeout();
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
    : await runPart(part, {
      // Of a rehearsal no times are wanted, and the software adapter may be one of a busy machine.
      seconds: tiny ? leftSeconds : Math.min(part.seconds, leftSeconds),
      tiny,
      path,
      out,
      say,
    });
  results.push(result);
  say(`${part.name}: ${result.outcome} in ${result.seconds.toFixed(1)} s`);
  writeJson(path, result);
  writeJson(join(out, "results.json"), results);
  Deno.writeTextFileSync(join(out, "summary.md"), summaryText(results));
}
console.log(`\n${summaryText(results)}`);
Deno.exit(results.some(({ outcome }) => outcome === "failed") ? 1 : 0);

/** Ends with 2 where timeout(1) is missing, which cuts the parts: macOS has none. */
async function requireTimeout(): Promise<void> {
  try {
    await new Deno.Command("timeout", { args: ["--version"] }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(
      "Cannot run the check: found no timeout(1), wanted GNU's; run it on Linux",
    );
    Deno.exit(2);
  }
}

function say(line: string): void {
  console.log(line);
  log.writeSync(new TextEncoder().encode(`${line}\n`));
}
