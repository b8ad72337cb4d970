import { PipelineError } from "./errors.ts";
import { createProgressMeter, type ProgressMeter } from "./progress_meter.ts";

/** Where a running command reports to. Nothing that is logged counts as a result. */
export interface Log {
  /** A plain line on stderr. */
  info(message: string): void;
  /** A plain line on stderr that is shown even when the log is quiet. */
  warn(message: string): void;
  /**
   * Progress of one long activity: on a terminal a bar with rate and time left that goes on counting between updates, a plain line every
   * ten seconds when not, and one at the end of what took a second or more.
   *
   * @param label what is going on, `stage1`
   * @param total how many units there are in all; 0 when nobody knows
   * @param unit plural name of what is counted, `steps`
   */
  progress(label: string, total: number, unit: string): Progress;
}

/** One long activity under way. */
export interface Progress {
  /**
   * Shows how far the activity is.
   *
   * @param done how many units are finished; the first call says what was there before, and the rate is counted from the second, as the
   * first work done compiles shaders
   * @param figures what to show beside the bar, `{ loss: 3.2 }`
   */
  update(done: number, figures?: Record<string, number>): void;
  /** Ends the activity; later calls do nothing. */
  finish(): void;
}

/** A log that says nothing. */
export const silentLog: Log = {
  info() {},
  warn() {},
  progress: () => ({ update() {}, finish() {} }),
};

/** How {@linkcode consoleLog} behaves. */
export interface ConsoleLogOptions {
  /** leave out `info` lines and progress; default false */
  quiet?: boolean;
  /** draw bars instead of lines; default: whether stderr is a terminal */
  isTerminal?: boolean;
}

/** A log on stderr. */
export function consoleLog(options: ConsoleLogOptions = {}): Log {
  return createLog({
    quiet: options.quiet ?? false,
    isTerminal: options.isTerminal ?? Deno.stderr.isTerminal(),
    write: writeError,
    columns: terminalColumns,
    nowMs: () => performance.now(),
    every: repeatedly,
  });
}

/**
 * Prints `text` and a line break on stdout: the answer of a command, as opposed to what it says while it works.
 *
 * @throws {PipelineError} when stdout cannot take it: an answer that nobody got is no success
 */
export function print(text: string): void {
  try {
    writeAll(Deno.stdout, visible(text) + "\n");
  } catch (error) {
    throw new PipelineError({
      attempt: "print the answer",
      where: "standard output",
      found: error instanceof Error ? error.message : String(error),
      remedy: "free some space or print elsewhere, and run again",
    }, { cause: error });
  }
}

/** Prints `text` and a line break on stderr, in place of a bar that is still shown: how the command line reports an error. */
export function printError(text: string): void {
  writeError(
    (Deno.stderr.isTerminal() ? clearLine : "") + visible(text) + "\n",
  );
}

/** Writes on stderr if it can: no result depends on what is told there, so a full disk under it ends no training. */
function writeError(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // There is no other place to tell it.
  }
}

/** What a log writes to and measures with; {@linkcode consoleLog} passes the process's own. */
export interface LogTarget {
  quiet: boolean;
  isTerminal: boolean;
  write(text: string): void;
  /** width of the terminal in characters */
  columns(): number;
  /** a monotonic clock */
  nowMs(): number;
  /** calls back again and again; what it returns ends that */
  every(intervalMs: number, callback: () => void): () => void;
}

/** How often a bar is redrawn, and how often a plain line is printed in place of it. */
const redrawIntervalMs = 100;
const lineIntervalMs = 10_000;

/** How often a bar counts on while nothing is told of its activity. */
const tickIntervalMs = 1_000;

/** An activity shorter than this leaves no line behind: a run has dozens of them. */
const worthALineMs = 1_000;

const clearLine = "\r\x1b[K";

/** What a terminal would obey instead of showing: control characters but tab and line feed, and what turns text around. */
const obeyed =
  // deno-lint-ignore no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text with such characters written out, `\u001b`: names come from files, and files from anywhere. JSON stays what it means. */
function visible(text: string): string {
  return text.replace(
    obeyed,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A log over a given target. */
export function createLog(target: LogTarget): Log {
  let shownBar = "";
  let shownMeter: ProgressMeter | undefined;

  function writeLine(text: string): void {
    const line = visible(text);
    if (shownBar === "") target.write(`${line}\n`);
    else target.write(`${clearLine}${line}\n${shownBar}`);
  }

  function drawBar(meter: ProgressMeter): void {
    shownMeter = meter;
    shownBar = visible(meter.bar(target.columns(), target.nowMs()));
    target.write(clearLine + shownBar);
  }

  function removeBar(): void {
    if (shownBar !== "") target.write(clearLine);
    shownBar = "";
    shownMeter = undefined;
  }

  function progress(label: string, total: number, unit: string): Progress {
    const startMs = target.nowMs();
    const meter = createProgressMeter({ label, total, unit, startMs });
    let lastShownMs = target.isTerminal ? -Infinity : startMs;
    let finished = false;
    const tick = () => {
      // Of several activities the one that was heard of last is shown.
      if ((shownMeter ?? meter) === meter) drawBar(meter);
    };
    const endTicks = target.isTerminal
      ? target.every(tickIntervalMs, tick)
      : () => {};
    return {
      update(done, figures = {}) {
        if (finished) return;
        const nowMs = target.nowMs();
        meter.update(done, figures, nowMs);
        if (
          nowMs - lastShownMs <
            (target.isTerminal ? redrawIntervalMs : lineIntervalMs)
        ) return;
        lastShownMs = nowMs;
        if (target.isTerminal) drawBar(meter);
        else writeLine(meter.line());
      },
      finish() {
        if (finished) return;
        finished = true;
        endTicks();
        removeBar();
        const nowMs = target.nowMs();
        if (nowMs - startMs >= worthALineMs) writeLine(meter.summary(nowMs));
      },
    };
  }

  return {
    info: (message) => {
      if (!target.quiet) writeLine(message);
    },
    warn: (message) => writeLine(`warning: ${message}`),
    progress: target.quiet ? silentLog.progress : progress,
  };
}

/** Calls back for as long as something else keeps the process alive. */
function repeatedly(intervalMs: number, callback: () => void): () => void {
  const timer = setInterval(callback, intervalMs);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}

const encoder = new TextEncoder();

/** Writes all of `text`; a reader that went away (`… | head -1`) is no reason to fail. */
function writeAll(
  stream: { writeSync(bytes: Uint8Array): number },
  text: string,
): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // neither stdin, stdout nor stderr is a terminal of known size
  }
}
