/** What a progress display says at a moment; pure but for what `update` told it. */
export interface ProgressMeter {
  update(done: number, figures: Record<string, number>, nowMs: number): void;
  /**
   * One line of at most `columns` - 1 characters with a bar in it, and with the time left that counts down until the next update, or the
   * time gone by while nobody can say how much is left.
   */
  bar(columns: number, nowMs: number): string;
  /** One plain line, without a bar. */
  line(): string;
  /** The last line: what was done and how long it took. */
  summary(nowMs: number): string;
}

/** What is measured. */
export interface ProgressMeterOptions {
  label: string;
  /** units in all; 0 when unknown */
  total: number;
  /** plural name of the units */
  unit: string;
  startMs: number;
}

/** The rate is that of the last minute, so that it follows a machine that slows down. */
const windowMs = 60_000;
const sampleIntervalMs = 1_000;

/** Begins to measure an activity. */
export function createProgressMeter(
  options: ProgressMeterOptions,
): ProgressMeter {
  const { label, total, unit, startMs } = options;
  const samples: { done: number; timeMs: number }[] = [];
  let updates = 0;
  let latest = { done: 0, timeMs: startMs };
  let latestFigures: Record<string, number> = {};

  function unitsPerSecond(): number {
    if (samples.length === 0) return 0;
    const first = samples[0];
    const elapsedMs = latest.timeMs - first.timeMs;
    return elapsedMs > 0 ? (latest.done - first.done) / (elapsedMs / 1000) : 0;
  }

  /** undefined when nobody can say. */
  function secondsLeft(nowMs: number): number | undefined {
    const rate = unitsPerSecond();
    if (rate === 0 || total <= latest.done) return undefined;
    const sinceUpdate = (nowMs - latest.timeMs) / 1000;
    return Math.max(0, (total - latest.done) / rate - sinceUpdate);
  }

  function facts(nowMs: number): string[] {
    const parts = [
      total > 0 ? `${latest.done}/${total} ${unit}` : `${latest.done} ${unit}`,
    ];
    const rate = unitsPerSecond();
    if (rate > 0) parts.push(`${formatNumber(rate)} ${unit}/s`);
    for (const [name, value] of Object.entries(latestFigures)) {
      parts.push(`${name} ${formatNumber(value)}`);
    }
    const left = secondsLeft(nowMs);
    if (left !== undefined) parts.push(`ETA ${formatDuration(left)}`);
    return parts;
  }

  return {
    update(done, figures, nowMs) {
      latest = { done, timeMs: nowMs };
      latestFigures = figures;
      // Work that was resumed is not credited, and the first of what is done here compiles shaders, which the rest need not.
      if (++updates <= 2) samples.length = 0;
      const previous = samples[samples.length - 1];
      if (
        previous === undefined || nowMs - previous.timeMs >= sampleIntervalMs
      ) samples.push(latest);
      while (samples.length > 2 && nowMs - samples[0].timeMs > windowMs) {
        samples.shift();
      }
    },
    bar(columns, nowMs) {
      const parts = facts(nowMs);
      const gone = (nowMs - startMs) / 1000;
      if (secondsLeft(nowMs) === undefined && gone >= 1) {
        parts.push(formatDuration(gone));
      }
      const text = parts.join("  ");
      if (total <= 0) return clip(`${label}  ${text}`, columns - 1);
      const fraction = Math.min(1, Math.max(0, latest.done / total));
      const width = Math.min(30, columns - 1 - label.length - text.length - 12);
      const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
      if (width < 5) return clip(`${label} ${percent}  ${text}`, columns - 1);
      const filled = Math.floor(fraction * width);
      return `${label} [${"#".repeat(filled)}${
        ".".repeat(width - filled)
      }] ${percent}  ${text}`;
    },
    line() {
      return `${label}: ${facts(latest.timeMs).join(", ")}`;
    },
    summary(nowMs) {
      const parts = [
        `${label}: ${latest.done} ${unit} in ${
          formatDuration((nowMs - startMs) / 1000)
        }`,
      ];
      for (const [name, value] of Object.entries(latestFigures)) {
        parts.push(`${name} ${formatNumber(value)}`);
      }
      return parts.join(", ");
    },
  };
}

/** `seconds` as `0:07`, `12:34` or `1:02:03`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.max(0, Math.round(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** `value` with four significant digits: `3.142`, `1.5e-6`, `12340`. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e7)) {
    return Number(value.toExponential(3)).toExponential();
  }
  if (magnitude >= 1000) return String(Math.round(value));
  return String(Number(value.toPrecision(4)));
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, Math.max(0, length));
}
